//! Teams: founding and naming them, who is in them, and what the caller may do there.

use latchkey_model::{
    account::DisplayName,
    id::{TeamId, UserId},
    permission,
};
use serde::Deserialize;

use super::{Domain, Error, Field};
use crate::auth::Caller;

/// So many members a page shows; it says how many there are.
pub const MEMBERS_SHOWN: i64 = 100;

/// A member, as the others see them.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// Their name, if they have given one.
    pub display_name: Option<String>,
    /// Their address, if they have one.
    pub email: Option<String>,
    /// What they were granted directly: roles and single permissions.
    pub permissions: Vec<String>,
}

/// A team, as one of its members sees it.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub display_name: String,
    /// All that the caller may do in it, directly or through a role.
    pub permissions: Vec<String>,
    /// The members, oldest first, at most [`MEMBERS_SHOWN`]; none where the caller may not see them.
    pub members: Vec<Member>,
    /// How many members there are; 0 where the caller may not see them.
    pub member_count: i64,
}

impl Team {
    /// Whether the caller holds this permission.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    /// Whether the caller may see, make and revoke the team's keys, if the project has team keys.
    pub fn may_manage_keys(&self) -> bool {
        self.may(permission::MANAGE_API_KEYS)
    }
}

impl Domain {
    /// A team of the caller's.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none or the caller is not in it.
    pub async fn team(&self, caller: &Caller, team: TeamId) -> Result<Team, Error> {
        self.store.team(caller, team).await?.ok_or(Error::NotFound)
    }

    /// Founds a team with the caller as its `team_admin`.
    ///
    /// # Errors
    /// [`Error::SwitchedOff`] where the project does not allow it, or what is wrong with the name.
    pub async fn create_team(&self, caller: &Caller, name: &str) -> Result<TeamId, Error> {
        let name =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        let team = TeamId::new(self.id());
        self.store.create_team(caller, team, name.as_str()).await?;
        Ok(team)
    }

    /// Changes what a team is called. Needs `$update_team`.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the permission, or what is wrong with the name.
    pub async fn rename_team(
        &self,
        caller: &Caller,
        team: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        let name =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        self.store.rename_team(caller, team, name.as_str()).await
    }
}
