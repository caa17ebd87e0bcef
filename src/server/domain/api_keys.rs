//! API keys: listing, creating, renaming, revoking and checking them.

use latchkey_model::{
    api_key,
    description::Description,
    expiry::{Expiry, Millis},
    id::{ApiKeyId, CreationToken, ProjectId, TeamId},
    key_list::KeyListView,
    owner::{Owner, OwnerKind},
    status::KeyStatus,
};

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
    /// A team's. Needs `$manage_api_keys` there.
    OfTeam(TeamId),
}

impl Keys {
    /// Whether these are a user's or a team's.
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Own => OwnerKind::User,
            Self::OfTeam(_) => OwnerKind::Team,
        }
    }

    pub(super) const fn team(self) -> Option<TeamId> {
        match self {
            Self::Own => None,
            Self::OfTeam(team) => Some(team),
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
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

/// A key that was just made, with the only copy of its secret.
pub struct CreatedKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The secret. It is gone when this is dropped.
    pub secret: PlainKey,
}

/// What a check says of a key that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whom it acts for.
    pub owner: Owner,
}

/// Why a check refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such key in the project, or it is no key at all.
    Unknown,
    /// Somebody ended it.
    Revoked,
    /// It has come to the end of its time.
    Expired,
    /// The project has switched keys of this kind off.
    KeysOff(OwnerKind),
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
        self.store.list_keys(caller, keys, view).await
    }

    /// Makes a key.
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
        let id = ApiKeyId::new(self.id());
        let secret = PlainKey::generate(id, keys.kind());
        let row = NewKeyRow {
            id,
            digest: secret.digest(),
            last_four: api_key::last_four(secret.expose()),
            description: description.as_str(),
            expires: new.expires,
            token: new.token,
            retry: new.retry,
        };
        match self.store.create_key(caller, keys, &row).await? {
            Creation::Made => Ok(CreatedKey { id, secret }),
            Creation::InThePast => Err(Error::invalid(Field::Expires, Invalid::InThePast)),
            Creation::MadeBefore => Err(Error::AlreadyCreated),
        }
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
        self.store
            .rename_key(caller, keys, key, description.as_str())
            .await
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
        self.store.revoke_key(caller, keys, key).await
    }

    /// Whether a text is a key of the project that works now, decided by the database in one
    /// statement, and by none where the text cannot be a key.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn check_key(
        &self,
        project: ProjectId,
        text: &str,
    ) -> Result<Result<CheckedKey, Refusal>, Error> {
        if api_key::read(text).is_none() {
            return Ok(Err(Refusal::Unknown));
        }
        self.store.check_key(project, Digest::of(text)).await
    }
}

/// A key about to be written.
pub(super) struct NewKeyRow<'a> {
    pub id: ApiKeyId,
    pub digest: Digest,
    pub last_four: &'a str,
    pub description: &'a str,
    pub expires: Expiry,
    pub token: CreationToken,
    pub retry: bool,
}

/// What became of it.
pub(super) enum Creation {
    Made,
    MadeBefore,
    InThePast,
}
