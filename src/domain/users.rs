//! Users, for the API.

use latchkey_model::{
    account,
    caller::{Caller, UserRef},
    id::UserId,
    patch::Patch,
    user::{NewUser, User, UserChange, UserListing},
};

use super::{Domain, Error, Field, Subject, authorize_server_only};

pub struct UserPage {
    pub users: Vec<User>,
    /// The cursor of the next page.
    pub next: Option<UserId>,
}

fn check_password(password: Option<&str>) -> Result<(), Error> {
    password
        .map_or(Ok(()), account::check_new_password)
        .map_err(|problem| Error::invalid(Field::Password, problem))
}

impl Domain {
    /// Returns a user: the caller's own or, for a server, any.
    ///
    /// # Errors
    /// `Denied::OwnUserMissing`; [`Error::NotFound`].
    pub async fn user(&self, caller: &Caller, who: UserRef) -> Result<User, Error> {
        self.store
            .user(caller, who)
            .await?
            .ok_or(Error::NotFound(Subject::User))
    }

    /// Returns one page of the project's users. For servers.
    pub async fn users(&self, caller: &Caller, listing: &UserListing) -> Result<UserPage, Error> {
        let limit = listing.limit.map(i64::from);
        let mut users = self.store.users(caller, listing).await?;
        let more = limit.is_some_and(|limit| users.len() as u64 > limit.unsigned_abs());
        if more {
            users.pop();
        }
        let next = users.last().filter(|_| more).map(|user| user.id);
        Ok(UserPage { users, next })
    }

    /// Creates a user. For servers.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn add_user(&self, caller: &Caller, mut new: NewUser) -> Result<User, Error> {
        check_password(new.password.as_deref())?;
        let hash = self.hash(caller, new.password.take()).await?;
        let id = UserId::new(self.id());
        Ok(self
            .store
            .add_user(caller, id, &new, hash.as_deref())
            .await?)
    }

    /// Changes a user: the caller's own or, for a server, any.
    ///
    /// # Errors
    /// As [`Self::user`]; [`Error::Invalid`]; [`Error::NotFound`] for a selected team that the user is not in.
    pub async fn change_user(
        &self,
        caller: &Caller,
        who: UserRef,
        mut change: UserChange,
    ) -> Result<User, Error> {
        authorize_server_only(caller, change.is_for_servers())?;
        check_password(change.password.as_deref())?;
        let hash = self.hash(caller, change.password.take()).await?;
        self.store
            .change_user(caller, who, &change, hash.as_deref())
            .await
            .map_err(|error| match change.selected_team_id {
                Patch::Set(team) => Error::of_membership(error, caller.user_of(who), team),
                Patch::Keep | Patch::Clear => error.into(),
            })?
            .ok_or(Error::NotFound(Subject::User))
    }

    /// Deletes a user and their keys, sessions and memberships: the caller's own user where the
    /// project allows it or, for a server, any.
    ///
    /// # Errors
    /// As [`Self::user`]; `Denied::SwitchedOff`.
    pub async fn delete_user(&self, caller: &Caller, who: UserRef) -> Result<(), Error> {
        Subject::User.check_found(self.store.delete_user(caller, who).await?)
    }

    /// Authorizes the caller before hashing, so that only servers can cause the work.
    async fn hash(
        &self,
        caller: &Caller,
        password: Option<String>,
    ) -> Result<Option<String>, Error> {
        let Some(password) = password else {
            return Ok(None);
        };
        authorize_server_only(caller, true)?;
        self.store.authenticate(caller).await?;
        let lane = caller.project().to_string();
        Ok(Some(self.hash_password(&lane, password).await?))
    }
}
