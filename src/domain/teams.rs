//! Teams: founding and naming them, who is in them, and what the caller may do there.

use latchkey_model::team::Founder;
use latchkey_model::team::Team;
use latchkey_model::team::TeamBody;
use latchkey_model::team::TeamChange;
use latchkey_model::team::TeamListing;
use latchkey_model::{
    account::DisplayName,
    id::{TeamId, UserId},
};
use serde_json::{Map, Value};

use super::{Domain, Error, Field, within_reach};
use latchkey_model::caller::Caller;
use latchkey_model::user::Who;

/// What members may change about a team, or give a new one.
const MEMBERS_FIELDS: [&str; 3] = ["display_name", "profile_image_url", "client_metadata"];

fn check(change: &mut TeamChange) -> Result<(), Error> {
    if let Some(Value::String(name)) = change.fields.get_mut("display_name") {
        let parsed =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        parsed.as_str().clone_into(name);
    }
    Ok(())
}

fn named(name: &str) -> TeamChange {
    TeamChange {
        fields: Map::from_iter([("display_name".to_owned(), Value::from(name))]),
    }
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

    /// The caller's own teams, or, for a server, anybody's or all; oldest first.
    ///
    /// # Errors
    /// [`Error::NoOwnUser`]; [`Error::NotOwn`] for another's; [`Error::Refused`].
    pub async fn teams(
        &self,
        caller: &Caller,
        listing: &TeamListing,
    ) -> Result<Vec<TeamBody>, Error> {
        self.store.teams(caller, listing).await
    }

    /// Founds a team with the caller as its `team_admin`.
    ///
    /// # Errors
    /// [`Error::SwitchedOff`] where the project does not allow it, or what is wrong with the name.
    pub async fn create_team(&self, caller: &Caller, name: &str) -> Result<TeamId, Error> {
        let made = self.found_team(caller, named(name), Founder::Me).await?;
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
        check(&mut new)?;
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
        self.change_team(caller, team, named(name)).await?;
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
        check(&mut change)?;
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
