//! Teams and their members.

use latchkey_model::{
    account::DisplayName,
    caller::{Caller, UserRef},
    digest::Digest,
    id::{CreationToken, TeamId, UserId},
    team::{NewTeam, Team, TeamBody, TeamChange, TeamCreator},
    viewer::{TEAMS_PER_PAGE, TeamPage},
};
use latchkey_store::{Removal, TeamCreation};
use uuid::Uuid;

use super::{Domain, Error, Field, Subject, authorize_server_only};

fn display_name(text: &str) -> Result<DisplayName, Error> {
    DisplayName::parse(text).map_err(|problem| Error::invalid(Field::DisplayName, problem))
}

/// The token of a form for this name: with another one, the form means another team.
fn token_for(token: CreationToken, name: &DisplayName) -> CreationToken {
    let digest = Digest::of(&format!("{token} {}", name.as_str()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    CreationToken::new(Uuid::from_bytes(bytes))
}

impl Domain {
    /// Returns one of the caller's teams, with its members.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn team(&self, caller: &Caller, team: TeamId) -> Result<Team, Error> {
        self.store
            .team(caller, team)
            .await?
            .ok_or(Error::NotFound(Subject::Team))
    }

    /// Returns a team: one of the caller's or, for a server, any.
    ///
    /// # Errors
    /// [`Error::NotFound`]; `Denied::UserRequired`.
    pub async fn team_body(&self, caller: &Caller, team: TeamId) -> Result<TeamBody, Error> {
        self.store
            .team_body(caller, team)
            .await?
            .ok_or(Error::NotFound(Subject::Team))
    }

    /// Returns one page of the caller's own teams whose names contain `search`, those joined first.
    pub async fn team_names(
        &self,
        caller: &Caller,
        search: &str,
        page: u32,
    ) -> Result<TeamPage, Error> {
        let offset = i64::from(page.max(1) - 1) * TEAMS_PER_PAGE;
        Ok(self
            .store
            .team_names(caller, search, offset, TEAMS_PER_PAGE)
            .await?)
    }

    /// Creates a team with the caller's user as its `team_admin`, for a form on a page. A form that is sent again with
    /// the same name creates no other.
    ///
    /// # Errors
    /// `Denied::SwitchedOff`; [`Error::Invalid`]; [`Error::TooManyTeams`].
    pub async fn create_team(
        &self,
        caller: &Caller,
        name: &str,
        token: Option<CreationToken>,
    ) -> Result<TeamId, Error> {
        let name = display_name(name)?;
        let token = token.map(|token| token_for(token, &name));
        let team = self
            .insert_team(caller, NewTeam::named(name), TeamCreator::Me, token)
            .await?;
        Ok(team.id)
    }

    /// Creates a team whose `team_admin` is the creator.
    ///
    /// # Errors
    /// As [`Self::create_team`]; `Denied::UserRequired`; `Denied::OtherCreator`; [`Error::NotFound`].
    pub async fn create_team_as(
        &self,
        caller: &Caller,
        new: NewTeam,
        creator: TeamCreator,
    ) -> Result<TeamBody, Error> {
        self.insert_team(caller, new, creator, None).await
    }

    async fn insert_team(
        &self,
        caller: &Caller,
        new: NewTeam,
        creator: TeamCreator,
        token: Option<CreationToken>,
    ) -> Result<TeamBody, Error> {
        authorize_server_only(caller, new.is_for_servers())?;
        let team = TeamId::new(self.id());
        match self
            .store
            .create_team(caller, team, &new, creator, token)
            .await?
        {
            TeamCreation::Created(team) => Ok(*team),
            TeamCreation::TooMany(limit) => Err(Error::TooManyTeams(limit)),
        }
    }

    /// Renames a team. Needs `$update_team`.
    ///
    /// # Errors
    /// As [`Self::change_team`].
    pub async fn rename_team(
        &self,
        caller: &Caller,
        team: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        let change = TeamChange {
            display_name: Some(display_name(name)?),
            ..TeamChange::default()
        };
        self.change_team(caller, team, change).await?;
        Ok(())
    }

    /// Changes a team. Needs `$update_team`, except from a server.
    ///
    /// # Errors
    /// [`Error::NotFound`]; `Denied::PermissionRequired`.
    pub async fn change_team(
        &self,
        caller: &Caller,
        team: TeamId,
        change: TeamChange,
    ) -> Result<TeamBody, Error> {
        authorize_server_only(caller, change.is_for_servers())?;
        self.store
            .change_team(caller, team, &change)
            .await?
            .ok_or(Error::NotFound(Subject::Team))
    }

    /// Deletes a team and its keys. Needs `$delete_team`, except from a server.
    ///
    /// # Errors
    /// As [`Self::change_team`].
    pub async fn delete_team(&self, caller: &Caller, team: TeamId) -> Result<(), Error> {
        Subject::Team.check_found(self.store.delete_team(caller, team).await?)
    }

    /// Adds a user to a team, as `team_member`. For servers.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::AlreadyExists`].
    pub async fn add_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
    ) -> Result<UserId, Error> {
        self.store
            .add_member(caller, team, who)
            .await
            .map_err(|error| Error::of_membership(error, caller.user_of(who), team))
    }

    /// Removes a user from a team: the caller's own user, any other with `$remove_members`, or any
    /// for a server. The keys stay with the team.
    ///
    /// # Errors
    /// [`Error::NotFound`]; `Denied::PermissionRequired`.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
    ) -> Result<(), Error> {
        match self.store.remove_member(caller, team, who).await? {
            Removal::Removed => Ok(()),
            Removal::NotMember(user) => Err(Error::NotFound(Subject::Membership { user, team })),
            Removal::NoTeam => Err(Error::NotFound(Subject::Team)),
        }
    }
}
