//! Users and teams.

use uuid::Uuid;

use super::{
    Kind, Metadata, NewTeam, NewUser, Outcome, ProjectReport, Remark, Standing,
    rules::{self, Fitted},
    stage::{Fit, Stage, Target},
};
use latchkey_store::{
    Error,
    stack_auth::{SourceTeam, SourceUser},
};

const UNNAMED_TEAM: &str = "Unnamed team";

/// The remarks about one row.
#[derive(Default)]
struct Remarks(Vec<Remark>);

impl Remarks {
    /// Unwraps a fitted value, with a remark where it was changed.
    fn fitted<T>(&mut self, fitted: Fitted<T>, remark: Remark) -> T {
        if fitted.changed {
            self.0.push(remark);
        }
        fitted.value
    }

    fn metadata(&mut self, texts: [Option<String>; 3]) -> Metadata {
        let texts = texts.map(rules::metadata);
        if texts.iter().any(|text| text.changed) {
            self.0.push(Remark::MetadataLeftOut);
        }
        let [client, client_read_only, server] = texts.map(|text| text.value);
        Metadata {
            client,
            client_read_only,
            server,
        }
    }
}

pub(super) struct Users;

impl Stage for Users {
    type Row = SourceUser;
    type New = NewUser;
    const KIND: Kind = Kind::Users;

    fn id(new: &NewUser) -> Uuid {
        new.id
    }

    fn fit(row: SourceUser, _: &Target<'_>, _: &mut ProjectReport) -> Fit<NewUser> {
        let mut remarks = Remarks::default();
        if row.is_anonymous {
            remarks.0.push(Remark::Anonymous);
        }
        if row.other_addresses > 0 {
            remarks.0.push(Remark::OtherAddressesLeftOut);
        }
        let email = remarks.fitted(rules::email(row.email.as_deref()), Remark::EmailLeftOut);
        let taken = email.is_some() && row.email_signs_in && !row.email_is_first;
        if taken {
            remarks.0.push(Remark::EmailTaken);
        }
        let name = rules::name(row.display_name.as_deref());
        let user = NewUser {
            id: row.id,
            display_name: remarks.fitted(name, Remark::NameChanged),
            email_verified: email.is_some() && row.email_verified,
            email_signs_in: email.is_some() && row.email_signs_in && !taken,
            email,
            profile_image_url: remarks.fitted(
                rules::picture(row.profile_image_url),
                Remark::PictureLeftOut,
            ),
            metadata: remarks.metadata([
                row.client_metadata,
                row.client_read_only_metadata,
                row.server_metadata,
            ]),
            password_hash: remarks.fitted(
                rules::password_hash(row.password_hash),
                Remark::PasswordLeftOut,
            ),
            signed_up_at: rules::time(row.signed_up_at).0,
            last_active_at: rules::time(row.last_active_at).0,
        };
        Fit::Fits(user, remarks.0)
    }

    /// A user here keeps an address that they already sign in with.
    async fn look(
        target: &Target<'_>,
        new: &mut [NewUser],
        report: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error> {
        let standings = target.store.look_at_users(target.project, new).await?;
        for (user, found) in new.iter_mut().zip(&standings) {
            if found.standing == Standing::Absent && found.email_taken && user.email_signs_in {
                user.email_signs_in = false;
                report.remark(Self::KIND, Remark::EmailTaken, user.id);
            }
        }
        Ok(standings.iter().map(|found| found.standing).collect())
    }

    async fn write(
        target: &Target<'_>,
        new: &[NewUser],
        report: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error> {
        let written = target.store.import_users(target.project, new).await?;
        for (user, (outcome, signs_in)) in new.iter().zip(&written) {
            if *outcome == Outcome::Made && user.email_signs_in && !signs_in {
                report.remark(Self::KIND, Remark::EmailTaken, user.id);
            }
        }
        Ok(written.into_iter().map(|(outcome, _)| outcome).collect())
    }
}

pub(super) struct Teams;

impl Stage for Teams {
    type Row = SourceTeam;
    type New = NewTeam;
    const KIND: Kind = Kind::Teams;

    fn id(new: &NewTeam) -> Uuid {
        new.id
    }

    fn fit(row: SourceTeam, _: &Target<'_>, _: &mut ProjectReport) -> Fit<NewTeam> {
        let mut remarks = Remarks::default();
        let name = rules::name(row.display_name.as_deref());
        let display_name = remarks
            .fitted(name, Remark::NameChanged)
            .unwrap_or_else(|| {
                remarks.0.push(Remark::TeamUnnamed);
                rules::placeholder(UNNAMED_TEAM)
            });
        let team = NewTeam {
            id: row.id,
            display_name,
            profile_image_url: remarks.fitted(
                rules::picture(row.profile_image_url),
                Remark::PictureLeftOut,
            ),
            metadata: remarks.metadata([
                row.client_metadata,
                row.client_read_only_metadata,
                row.server_metadata,
            ]),
            created_at: rules::time(row.created_at).0,
        };
        Fit::Fits(team, remarks.0)
    }

    async fn look(
        target: &Target<'_>,
        new: &mut [NewTeam],
        _: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error> {
        target.store.look_at_teams(target.project, new).await
    }

    async fn write(
        target: &Target<'_>,
        new: &[NewTeam],
        _: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error> {
        target.store.import_teams(target.project, new).await
    }
}
