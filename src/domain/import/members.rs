//! Memberships and permissions.

use latchkey_model::permission;
use uuid::Uuid;

use super::{
    Kind, NewGrant, NewMembership, Outcome, ProjectReport, Remark, Standing, rules,
    stage::{Fit, Stage, Target},
};
use latchkey_store::{
    Error,
    stack_auth::{SourceGrant, SourceMembership},
};

pub(super) struct Memberships;

impl Stage for Memberships {
    type Row = SourceMembership;
    type New = NewMembership;
    const KIND: Kind = Kind::Memberships;

    fn id(new: &NewMembership) -> Uuid {
        new.user
    }

    fn fit(row: SourceMembership, _: &Target<'_>, _: &mut ProjectReport) -> Fit<NewMembership> {
        let membership = NewMembership {
            team: row.team,
            user: row.user,
            is_selected: row.is_selected,
            created_at: rules::time(row.created_at).0,
        };
        Fit::Fits(membership, Vec::new())
    }

    async fn look(
        target: &Target<'_>,
        new: &mut [NewMembership],
        _: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error> {
        target.store.look_at_memberships(target.project, new).await
    }

    async fn write(
        target: &Target<'_>,
        new: &[NewMembership],
        _: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error> {
        target.store.import_memberships(target.project, new).await
    }
}

pub(super) struct Grants;

impl Stage for Grants {
    type Row = SourceGrant;
    type New = NewGrant;
    const KIND: Kind = Kind::Permissions;

    fn id(new: &NewGrant) -> Uuid {
        new.user
    }

    /// A grant of an undefined permission is imported too; it has no effect until the permission is defined.
    fn fit(row: SourceGrant, target: &Target<'_>, report: &mut ProjectReport) -> Fit<NewGrant> {
        let is_known = permission::SYSTEM.contains(&row.permission.as_str())
            || target.defined.contains(&row.permission);
        if !is_known {
            report.undefined(&row.permission);
        }
        if !permission::is_name(&row.permission) {
            return Fit::LeftOut(row.user, Remark::PermissionUnstorable);
        }
        let grant = NewGrant {
            team: row.team,
            user: row.user,
            permission: row.permission,
        };
        Fit::Fits(grant, Vec::new())
    }

    async fn look(
        target: &Target<'_>,
        new: &mut [NewGrant],
        _: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error> {
        target.store.look_at_grants(target.project, new).await
    }

    async fn write(
        target: &Target<'_>,
        new: &[NewGrant],
        _: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error> {
        target.store.import_grants(target.project, new).await
    }
}
