//! API keys: listing, creating, renaming, revoking and checking them.

use latchkey_model::{
    api_key,
    description::{AppDescription, Description},
    expiry::{Expiry, Millis},
    id::{ApiKeyId, CreationToken, TeamId, UserId},
    key_list::KeyListView,
    owner::{Owner, OwnerKind},
    status::KeyStatus,
};

use uuid::Uuid;

use super::{
    Domain, Error, Field, Invalid,
    secret::{Digest, PlainKey},
};
use crate::auth::Caller;

/// Whose keys are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The caller's own.
    Own,
    /// This user's: the caller's own, or anybody's for a server.
    OfUser(UserId),
    /// A team's. Needs `$manage_api_keys` there.
    OfTeam(TeamId),
}

impl Keys {
    /// Whether these are a user's or a team's.
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Own | Self::OfUser(_) => OwnerKind::User,
            Self::OfTeam(_) => OwnerKind::Team,
        }
    }

    pub(super) const fn own(self) -> bool {
        matches!(self, Self::Own)
    }

    pub(super) const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Own => None,
            Self::OfUser(user) => Some(user.uuid()),
            Self::OfTeam(team) => Some(team.uuid()),
        }
    }
}

/// Where one key is looked for. Whoever may not have it there does not find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// These keys.
    Keys(Keys),
    /// All users' keys. One that is another's is refused with [`Error::NotOwn`], except to a server.
    Users,
}

impl Among {
    pub(super) const fn kind(self) -> OwnerKind {
        match self {
            Self::Keys(keys) => keys.kind(),
            Self::Users => OwnerKind::User,
        }
    }

    pub(super) const fn own(self) -> bool {
        matches!(self, Self::Keys(Keys::Own))
    }

    pub(super) const fn owner(self) -> Option<Uuid> {
        match self {
            Self::Keys(keys) => keys.owner(),
            Self::Users => None,
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whom it acts for.
    pub owner: Owner,
    /// What the owner is called, where the keys of several stand together.
    pub owner_name: Option<String>,
    /// The owner's address, there, if it is a user who has one.
    pub owner_email: Option<String>,
    /// What it is for, in its owner's words.
    pub description: String,
    /// `pk_` rather than `sk_`.
    pub is_public: bool,
    /// The visible end of the key string.
    pub last_four: String,
    /// When it was made.
    pub created_at: Millis,
    /// Who made it, if they are still there: their name or else their address.
    pub created_by: Option<String>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When somebody ended it.
    pub revoked_at: Option<Millis>,
    /// When it was last checked.
    pub last_used_at: Option<Millis>,
}

impl ApiKey {
    /// Whether it works at this instant.
    pub fn status(&self, now: Millis) -> KeyStatus {
        KeyStatus::at(now, self.expires_at, self.revoked_at)
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct KeyPage {
    /// The keys on this page.
    pub keys: Vec<ApiKey>,
    /// How many keys the view shows on all its pages.
    pub matching: i64,
    /// How many of those found by the search no longer work.
    pub inactive: i64,
    /// How many keys there are in all.
    pub total: i64,
    /// The database's time at which all this was so.
    pub now: Millis,
}

/// What a form asks for.
pub struct NewKey {
    /// As typed.
    pub description: String,
    /// When it is to end.
    pub expires: Expiry,
    /// The form's own token: the same form makes one key, however often it is sent.
    pub token: CreationToken,
    /// The form was sent before and no answer came. A key that this token made and nobody has
    /// used gets a new secret, because nobody can have seen the first.
    pub retry: bool,
}

/// What a program asks for. It may describe a key as it likes, and make one that has ended already.
pub struct RequestedKey {
    /// For the program's own use.
    pub description: AppDescription,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// `pk_` rather than `sk_`.
    pub is_public: bool,
}

/// A key that was just made, with the only copy of its secret.
pub struct CreatedKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The secret. It is gone when this is dropped.
    pub secret: PlainKey,
    /// What is stored of it.
    pub key: ApiKey,
}

/// What to change about a key. What is `None` or `false` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyChange<'a> {
    /// What it is for.
    pub description: Option<&'a str>,
    /// Whether it ends, for ever.
    pub revoke: bool,
}

/// Why a check refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such key in the project, or it is no key at all.
    Unknown,
    /// It is a key of the other kind.
    WrongKind(OwnerKind),
    /// Somebody ended it.
    Revoked,
    /// It has come to the end of its time.
    Expired,
}

impl Domain {
    /// One page of keys.
    ///
    /// # Errors
    /// [`Error::KeysOff`]; [`Error::NotFound`] for a team whose keys the caller may not manage.
    pub async fn list_keys(
        &self,
        caller: &Caller,
        keys: Keys,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let listed = super::store::Listed::Of(keys);
        self.store.list_keys(caller, listed, view).await
    }

    /// Whether the project has users' keys, for whoever shows that they belong to it.
    ///
    /// # Errors
    /// [`Error::KeysOff`]; [`Error::Refused`].
    pub async fn may_see_user_keys(&self, caller: &Caller) -> Result<(), Error> {
        self.store.may_see_keys(caller, OwnerKind::User).await
    }

    /// All keys of a user or a team, newest first.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; [`Error::NotOwn`] for another user's.
    pub async fn all_keys(&self, caller: &Caller, keys: Keys) -> Result<Vec<ApiKey>, Error> {
        self.store.all_keys(caller, keys).await
    }

    /// Makes a key as somebody filled in a form.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; what is wrong with the description or the expiry; [`Error::AlreadyCreated`].
    pub async fn create_key(
        &self,
        caller: &Caller,
        keys: Keys,
        new: NewKey,
    ) -> Result<CreatedKey, Error> {
        let description = Description::parse(&new.description)
            .map_err(|why| Error::invalid(Field::Description, why))?;
        let once = Once {
            token: new.token,
            retry: new.retry,
        };
        self.make_key(
            caller,
            keys,
            description.as_str(),
            new.expires,
            false,
            Some(once),
        )
        .await
    }

    /// Makes a key as a program asked for it.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; [`Error::NotOwn`]; [`Error::UserNotFound`] or [`Error::TeamNotFound`]
    /// where a server means an owner that is not there.
    pub async fn request_key(
        &self,
        caller: &Caller,
        keys: Keys,
        new: RequestedKey,
    ) -> Result<CreatedKey, Error> {
        let expires = new.expires_at.map_or(Expiry::Never, Expiry::At);
        self.make_key(
            caller,
            keys,
            new.description.as_str(),
            expires,
            new.is_public,
            None,
        )
        .await
    }

    async fn make_key(
        &self,
        caller: &Caller,
        keys: Keys,
        description: &str,
        expires: Expiry,
        is_public: bool,
        once: Option<Once>,
    ) -> Result<CreatedKey, Error> {
        let id = ApiKeyId::new(self.id());
        let secret = PlainKey::generate(id, keys.kind(), is_public);
        let row = NewKeyRow {
            id,
            digest: secret.digest(),
            last_four: api_key::last_four(secret.expose()),
            description,
            is_public,
            expires,
            once,
        };
        match self.store.create_key(caller, keys, &row).await? {
            Creation::Made(key) => Ok(CreatedKey {
                id,
                secret,
                key: *key,
            }),
            Creation::InThePast => Err(Error::invalid(Field::Expires, Invalid::InThePast)),
            Creation::MadeBefore => Err(Error::AlreadyCreated),
        }
    }

    /// One key.
    ///
    /// # Errors
    /// As [`Self::list_keys`], also for a key that is not among these.
    pub async fn key(&self, caller: &Caller, among: Among, key: ApiKeyId) -> Result<ApiKey, Error> {
        self.store.key(caller, among, key).await
    }

    /// Changes what a key is for.
    ///
    /// # Errors
    /// As [`Self::list_keys`], also for a key that is not among these; what is wrong with the description.
    pub async fn rename_key(
        &self,
        caller: &Caller,
        keys: Keys,
        key: ApiKeyId,
        description: &str,
    ) -> Result<(), Error> {
        let description = Description::parse(description)
            .map_err(|why| Error::invalid(Field::Description, why))?;
        let change = KeyChange {
            description: Some(description.as_str()),
            revoke: false,
        };
        let among = Among::Keys(keys);
        self.store.change_key(caller, among, key, change).await?;
        Ok(())
    }

    /// Ends a key, for ever. Ending it again changes nothing.
    ///
    /// # Errors
    /// As [`Self::list_keys`], also for a key that is not among these.
    pub async fn revoke_key(
        &self,
        caller: &Caller,
        keys: Keys,
        key: ApiKeyId,
    ) -> Result<(), Error> {
        let change = KeyChange {
            revoke: true,
            ..KeyChange::default()
        };
        let among = Among::Keys(keys);
        self.store.change_key(caller, among, key, change).await?;
        Ok(())
    }

    /// Describes or ends a key as a program asked, and returns what it is now.
    ///
    /// # Errors
    /// As [`Self::list_keys`], also for a key that is not among these; [`Error::NotOwn`].
    pub async fn change_key(
        &self,
        caller: &Caller,
        among: Among,
        key: ApiKeyId,
        description: Option<AppDescription>,
        revoke: bool,
    ) -> Result<ApiKey, Error> {
        let change = KeyChange {
            description: description.as_ref().map(AppDescription::as_str),
            revoke,
        };
        self.store.change_key(caller, among, key, change).await
    }

    /// Whether a text is a key of this kind that works now: decided by the database in one
    /// statement, and by none where the text cannot be a key. A key that works counts as used.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::KeysOff`]; when the database cannot answer.
    pub async fn check_key(
        &self,
        caller: &Caller,
        kind: OwnerKind,
        text: &str,
    ) -> Result<Result<ApiKey, Refusal>, Error> {
        if api_key::read(text).is_none() {
            return Ok(Err(Refusal::Unknown));
        }
        let checked = self.store.check_key(caller, kind, Digest::of(text)).await?;
        Ok(checked.map(|(key, now)| {
            self.uses.record(caller.project, key.id, now);
            key
        }))
    }
}

/// What makes a form make one key.
#[derive(Clone, Copy)]
pub(super) struct Once {
    pub token: CreationToken,
    pub retry: bool,
}

/// A key about to be written. One that is made by a form must not have ended already.
pub(super) struct NewKeyRow<'a> {
    pub id: ApiKeyId,
    pub digest: Digest,
    pub last_four: &'a str,
    pub description: &'a str,
    pub is_public: bool,
    pub expires: Expiry,
    pub once: Option<Once>,
}

/// What became of it.
pub(super) enum Creation {
    Made(Box<ApiKey>),
    MadeBefore,
    InThePast,
}
