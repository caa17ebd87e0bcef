//! Teams: founding and naming them, who is in them, and what the caller may do there.

use latchkey_model::{
    account::DisplayName,
    expiry::Millis,
    id::{TeamId, UserId},
    permission,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Domain, Error, Field, users::Who, within_reach};
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

/// A team, as programs see it.
#[derive(Debug, Clone, Deserialize)]
pub struct TeamBody {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub display_name: String,
    /// A picture, if it has one.
    pub profile_image_url: Option<String>,
    /// What the application keeps of it, and members may change.
    pub client_metadata: Option<Value>,
    /// What the application keeps of it, and members may see.
    pub client_read_only_metadata: Option<Value>,
    /// What the application keeps of it for itself.
    pub server_metadata: Option<Value>,
    /// When it was founded.
    pub created_at_millis: Millis,
}

/// What a new team is to be, or what to change about one: columns by their names, as in
/// [`UserChange`](super::users::UserChange).
#[derive(Default)]
pub struct TeamChange {
    /// `display_name`, `profile_image_url`, the three metadata.
    pub fields: Map<String, Value>,
}

impl TeamChange {
    fn check(&mut self) -> Result<(), Error> {
        if let Some(Value::String(name)) = self.fields.get_mut("display_name") {
            let parsed =
                DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
            parsed.as_str().clone_into(name);
        }
        Ok(())
    }

    fn named(name: &str) -> Self {
        Self {
            fields: Map::from_iter([("display_name".to_owned(), Value::from(name))]),
        }
    }
}

/// What members may change about a team, or give a new one.
const MEMBERS_FIELDS: [&str; 3] = ["display_name", "profile_image_url", "client_metadata"];

/// Who becomes the `team_admin` of a new team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founder {
    /// The one who asks, where a user does; nobody, where a server does.
    Caller,
    /// The one who asks; there must be a user.
    Me,
    /// This user. Only a server may name another.
    User(UserId),
}

impl Domain {
    /// A team of the caller's, with its members.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none or the caller is not in it.
    pub async fn team(&self, caller: &Caller, team: TeamId) -> Result<Team, Error> {
        self.store.team(caller, team).await?.ok_or(Error::NotFound)
    }

    /// A team: one of the caller's, or any for a server.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`]; [`Error::UserRequired`]; [`Error::Refused`].
    pub async fn team_body(&self, caller: &Caller, team: TeamId) -> Result<TeamBody, Error> {
        self.store.team_body(caller, team).await
    }

    /// The teams of a user, oldest first: the caller's own, or for a server anybody's, or all where
    /// `of` is `None`.
    ///
    /// # Errors
    /// [`Error::NoOwnUser`]; [`Error::NotOwn`] for another's; [`Error::Refused`].
    pub async fn teams(&self, caller: &Caller, of: Option<Who>) -> Result<Vec<TeamBody>, Error> {
        self.store.teams(caller, of).await
    }

    /// Founds a team with the caller as its `team_admin`.
    ///
    /// # Errors
    /// [`Error::SwitchedOff`] where the project does not allow it, or what is wrong with the name.
    pub async fn create_team(&self, caller: &Caller, name: &str) -> Result<TeamId, Error> {
        let made = self
            .found_team(caller, TeamChange::named(name), Founder::Me)
            .await?;
        Ok(made.id)
    }

    /// Founds a team.
    ///
    /// # Errors
    /// As [`Self::create_team`]; [`Error::UserRequired`]; [`Error::NotFounder`]; [`Error::UserNotFound`].
    pub async fn found_team(
        &self,
        caller: &Caller,
        mut new: TeamChange,
        founder: Founder,
    ) -> Result<TeamBody, Error> {
        within_reach(caller, &new.fields, &MEMBERS_FIELDS)?;
        new.check()?;
        let team = TeamId::new(self.id());
        self.store
            .create_team(caller, team, &new.fields, founder)
            .await
    }

    /// Changes what a team is called. Needs `$update_team`.
    ///
    /// # Errors
    /// As [`Self::change_team`].
    pub async fn rename_team(
        &self,
        caller: &Caller,
        team: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        self.change_team(caller, team, TeamChange::named(name))
            .await?;
        Ok(())
    }

    /// Changes a team. Needs `$update_team`, except from a server.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`] where it is not the caller's; [`Error::PermissionRequired`]; what is
    /// wrong with the name.
    pub async fn change_team(
        &self,
        caller: &Caller,
        team: TeamId,
        mut change: TeamChange,
    ) -> Result<TeamBody, Error> {
        within_reach(caller, &change.fields, &MEMBERS_FIELDS)?;
        change.check()?;
        self.store.change_team(caller, team, &change.fields).await
    }

    /// Deletes a team with its keys. Needs `$delete_team`, except from a server.
    ///
    /// # Errors
    /// As [`Self::change_team`].
    pub async fn delete_team(&self, caller: &Caller, team: TeamId) -> Result<(), Error> {
        self.store.delete_team(caller, team).await
    }

    /// Adds a user to a team, as `team_member`. For servers.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`]; [`Error::UserNotFound`]; [`Error::AlreadyMember`]; [`Error::Refused`].
    pub async fn add_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
    ) -> Result<UserId, Error> {
        self.store.add_member(caller, team, who).await
    }

    /// Takes a user out of a team: oneself, or somebody else with `$remove_members`, or anybody for
    /// a server. The team's keys stay.
    ///
    /// # Errors
    /// [`Error::TeamNotFound`]; [`Error::MembershipNotFound`]; [`Error::PermissionRequired`];
    /// [`Error::Refused`].
    pub async fn remove_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
    ) -> Result<(), Error> {
        self.store.remove_member(caller, team, who).await
    }
}
