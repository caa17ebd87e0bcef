//! Users, as programs see and change them.

use latchkey_model::{
    account::{self, DisplayName, Email},
    expiry::Millis,
    id::{TeamId, UserId},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Domain, Error, Field, Invalid, teams::TeamBody, within_reach};
use crate::auth::Caller;

/// Which user is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The one who asks.
    Me,
    /// This one.
    Id(UserId),
}

impl Who {
    pub(super) const fn id(self) -> Option<UserId> {
        match self {
            Self::Me => None,
            Self::Id(user) => Some(user),
        }
    }
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their address, if they have one.
    pub primary_email: Option<String>,
    /// Whether they have shown that it is theirs.
    pub primary_email_verified: bool,
    /// Whether they may sign in by it.
    pub primary_email_auth_enabled: bool,
    /// Their name, if they have given one.
    pub display_name: Option<String>,
    /// A picture, if they have given one.
    pub profile_image_url: Option<String>,
    /// What the application keeps of them, and they may change.
    pub client_metadata: Option<Value>,
    /// What the application keeps of them, and they may see.
    pub client_read_only_metadata: Option<Value>,
    /// What the application keeps of them for itself.
    pub server_metadata: Option<Value>,
    /// Whether they have a password.
    pub has_password: bool,
    /// When they came.
    pub signed_up_at_millis: Millis,
    /// When they were last seen.
    pub last_active_at_millis: Millis,
    /// The team they work in.
    pub selected_team: Option<TeamBody>,
}

/// What to change about a user, or to make a new one with. `fields` holds columns that may be null
/// by their names; what it does not hold stays.
#[derive(Default)]
pub struct UserChange {
    /// `display_name`, `profile_image_url`, the three metadata, `primary_email`,
    /// `primary_email_verified`, `primary_email_auth_enabled`, `selected_team_id`.
    pub fields: Map<String, Value>,
    /// A new password; every session of the user ends with the old one.
    pub password: Option<String>,
}

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

/// Which users a program wants to see.
#[derive(Debug, Clone, Default)]
pub struct UserListing {
    /// Part of a name or an address, or a whole id; empty shows all.
    pub search: String,
    /// Only members of this team.
    pub team: Option<TeamId>,
    /// Latest first.
    pub descending: bool,
    /// The last user of the page before.
    pub after: Option<UserId>,
    /// Most users on a page.
    pub limit: Option<u32>,
}

impl UserChange {
    /// Checks what people will read and sign in by.
    ///
    /// # Errors
    /// What is wrong with the name, the address or the password.
    fn check(&mut self) -> Result<(), Error> {
        if let Some(Value::String(name)) = self.fields.get_mut("display_name") {
            let parsed =
                DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
            parsed.as_str().clone_into(name);
        }
        if let Some(Value::String(email)) = self.fields.get_mut("primary_email") {
            let parsed =
                Email::parse(email).map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
            parsed.as_str().clone_into(email);
        }
        if let Some(password) = &self.password {
            account::check_new_password(password)
                .map_err(|why| Error::invalid(Field::Password, why))?;
        }
        Ok(())
    }
}

impl Domain {
    /// A user: oneself, or anybody for a server.
    ///
    /// # Errors
    /// [`Error::NoOwnUser`]; [`Error::UserNotFound`]; [`Error::Refused`].
    pub async fn user(&self, caller: &Caller, who: Who) -> Result<User, Error> {
        self.store.user(caller, who).await
    }

    /// The project's users, a page at a time. For servers.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::UserRequired`] for anybody but a server.
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

    /// Makes a user. For servers.
    ///
    /// # Errors
    /// What is wrong with the name, the address or the password; [`Error::Refused`].
    pub async fn add_user(&self, caller: &Caller, mut new: UserChange) -> Result<User, Error> {
        new.check()?;
        let hash = self.hash(caller, new.password).await?;
        let id = UserId::new(self.id());
        self.store
            .add_user(caller, id, &new.fields, hash.as_deref())
            .await
    }

    /// Changes a user: oneself, or anybody for a server.
    ///
    /// # Errors
    /// As [`Self::user`]; what is wrong with the name, the address or the password;
    /// [`Error::MembershipNotFound`] for a selected team that the user is not in.
    pub async fn change_user(
        &self,
        caller: &Caller,
        who: Who,
        mut change: UserChange,
    ) -> Result<User, Error> {
        within_reach(caller, &change.fields, &OWN_FIELDS)?;
        change.check()?;
        let hash = self.hash(caller, change.password).await?;
        self.store
            .change_user(caller, who, &change.fields, hash.as_deref())
            .await
    }

    /// Deletes a user with everything that is theirs: oneself where the project allows it, or
    /// anybody for a server.
    ///
    /// # Errors
    /// As [`Self::user`]; [`Error::SwitchedOff`].
    pub async fn delete_user(&self, caller: &Caller, who: Who) -> Result<(), Error> {
        self.store.delete_user(caller, who).await
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
        if !caller.may_all() {
            return Err(Error::NotOwn);
        }
        self.store.authorise(caller).await?;
        Ok(Some(self.passwords.hash(password).await?))
    }
}
