//! API keys.

use uuid::Uuid;

use super::{
    Kind, NewKey, Outcome, ProjectReport, Remark, Standing, rules,
    stage::{Fit, Stage, Target},
};
use latchkey_store::{Error, stack_auth::SourceKey};

pub(super) struct Keys;

impl Stage for Keys {
    type Row = SourceKey;
    type New = NewKey;
    const KIND: Kind = Kind::ApiKeys;

    fn id(new: &NewKey) -> Uuid {
        new.id
    }

    fn fit(row: SourceKey, _: &Target<'_>, _: &mut ProjectReport) -> Fit<NewKey> {
        let Some(kept) = row.kept else {
            return Fit::LeftOut(row.id, Remark::KeyUnreadable);
        };
        if row.user.is_some() == row.team.is_some() {
            return Fit::LeftOut(row.id, Remark::KeyWithoutOwner);
        }
        let mut remarks = Vec::new();
        let description = rules::description(row.description.as_deref());
        if description.changed {
            remarks.push(Remark::DescriptionShortened);
        }
        let (expires_at, bounded) = rules::time(row.expires_at);
        if bounded {
            remarks.push(Remark::EndBounded);
        }
        let key = NewKey {
            id: row.id,
            user: row.user,
            team: row.team,
            description: description.value,
            is_public: row.is_public,
            digest: kept.digest,
            last_four: kept.last_four,
            created_at: rules::time(row.created_at).0,
            expires_at,
            revoked_at: rules::time(row.revoked_at).0,
        };
        Fit::Fits(key, remarks)
    }

    /// Keys that were revoked at the source in the meantime are revoked here too. No revocation is
    /// undone.
    async fn look(
        target: &Target<'_>,
        new: &mut [NewKey],
        report: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error> {
        let found = target.store.look_at_keys(target.project, new).await?;
        let to_revoke: Vec<_> = new
            .iter()
            .zip(&found)
            .filter(|(key, found)| {
                let is_same = found.standing == Standing::Here && !found.taken;
                is_same && key.revoked_at.is_some() && !found.revoked
            })
            .map(|(key, _)| key.id)
            .collect();
        let revoked = if target.dry || to_revoke.is_empty() {
            to_revoke
        } else {
            let store = target.store;
            store.take_over_revocations(target.project, new).await?
        };
        for id in revoked {
            report.remark(Self::KIND, Remark::RevocationTakenOver, id);
        }
        Ok(found
            .iter()
            .map(|found| {
                if found.taken {
                    Standing::Taken
                } else {
                    found.standing
                }
            })
            .collect())
    }

    async fn write(
        target: &Target<'_>,
        new: &[NewKey],
        _: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error> {
        target.store.import_keys(target.project, new).await
    }
}
