//! Users, as programs see and change them.

use latchkey_model::caller::UserRef;
use latchkey_model::user::User;
use latchkey_model::user::UserChange;
use latchkey_model::user::UserListing;
use latchkey_model::{
    account::{self, DisplayName, Email},
    id::UserId,
};
use serde_json::Value;

use super::{Denied, Domain, Error, Field, Invalid, Subject, within_reach};
use latchkey_model::caller::Caller;

/// What users may change about themselves.
const OWN_FIELDS: [&str; 4] = [
    "display_name",
    "profile_image_url",
    "client_metadata",
    "selected_team_id",
];

/// A page of the project's users.
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// Where the next page begins, if there is one.
    pub next: Option<UserId>,
}

fn check(change: &mut UserChange) -> Result<(), Error> {
    if let Some(Value::String(name)) = change.fields.get_mut("display_name") {
        let parsed =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        parsed.as_str().clone_into(name);
    }
    if let Some(Value::String(email)) = change.fields.get_mut("primary_email") {
        let parsed =
            Email::parse(email).map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
        parsed.as_str().clone_into(email);
    }
    if let Some(password) = &change.password {
        account::check_new_password(password)
            .map_err(|why| Error::invalid(Field::Password, why))?;
    }
    Ok(())
}

impl Domain {
    /// A user: oneself, or anybody for a server.
    ///
    /// # Errors
    /// [`Denied::OwnUserMissing`]; [`Error::NotFound`]; [`Denied::Unauthenticated`].
    pub async fn user(&self, caller: &Caller, who: UserRef) -> Result<User, Error> {
        self.store
            .user(caller, who)
            .await?
            .ok_or(Error::NotFound(Subject::User))
    }

    /// The project's users, a page at a time. For servers.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`]; [`Denied::UserRequired`] for anybody but a server.
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
    /// What is wrong with the name, the address or the password; [`Denied::Unauthenticated`].
    pub async fn add_user(&self, caller: &Caller, mut new: UserChange) -> Result<User, Error> {
        check(&mut new)?;
        let hash = self.hash(caller, new.password).await?;
        let id = UserId::new(self.id());
        Ok(self
            .store
            .add_user(caller, id, &new.fields, hash.as_deref())
            .await?)
    }

    /// Changes a user: oneself, or anybody for a server.
    ///
    /// # Errors
    /// As [`Self::user`]; what is wrong with the name, the address or the password;
    /// [`Error::NotFound`] for a selected team that the user is not in.
    pub async fn change_user(
        &self,
        caller: &Caller,
        who: UserRef,
        mut change: UserChange,
    ) -> Result<User, Error> {
        within_reach(caller, &change.fields, &OWN_FIELDS)?;
        check(&mut change)?;
        let hash = self.hash(caller, change.password).await?;
        let selected_team = change.fields.get("selected_team_id");
        let selected_team = selected_team
            .and_then(Value::as_str)
            .and_then(|team| team.parse().ok());
        self.store
            .change_user(caller, who, &change.fields, hash.as_deref())
            .await
            .map_err(|error| match selected_team {
                Some(team) => Error::of_membership(error, caller.user_of(who), team),
                None => error.into(),
            })?
            .ok_or(Error::NotFound(Subject::User))
    }

    /// Deletes a user with everything that is theirs: oneself where the project allows it, or
    /// anybody for a server.
    ///
    /// # Errors
    /// As [`Self::user`]; [`Denied::SwitchedOff`].
    pub async fn delete_user(&self, caller: &Caller, who: UserRef) -> Result<(), Error> {
        if self.store.delete_user(caller, who).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Subject::User))
        }
    }

    /// Only a server sets passwords. It is checked before the work is done, so that nobody else can
    /// keep the hashing busy.
    async fn hash(
        &self,
        caller: &Caller,
        password: Option<String>,
    ) -> Result<Option<String>, Error> {
        let Some(password) = password else {
            return Ok(None);
        };
        if !caller.is_privileged() {
            return Err(Denied::OtherUser.into());
        }
        self.store.authenticate(caller).await?;
        Ok(Some(self.passwords.hash(password).await?))
    }
}
