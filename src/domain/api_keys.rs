//! API keys: listing, creating, renaming, revoking and checking them. Who may do so is decided by `key_gate` in
//! `migrations/20261126000002_authorization_decisions.up.sql`; that an administrator may revoke any key of the project,
//! by `project_gate` there (`inventory.rs`).

use latchkey_model::api_key::{ApiKey, CheckFailure, KeyChange, KeyLookup, KeyPage, KeyScope};
use latchkey_model::{
    description::{AppDescription, Description},
    expiry::{Expiry, Millis},
    id::{ApiKeyId, CreationToken},
    key_list::{KeyListView, PastedKey},
    key_text,
    owner::OwnerKind,
};
use latchkey_store::{Creation, NewKeyRow, Once};

use super::{Domain, Error, Field, Invalid, Subject, secret::PlainKey};
use latchkey_model::{caller::Caller, digest::Digest};

/// A key to create, from a form on a page.
pub struct NewKey {
    pub description: String,
    pub expires: Expiry,
    /// Makes the creation idempotent: one token creates at most one key.
    pub token: CreationToken,
    /// The form was submitted before and the response was lost. If the key exists and is unused, it
    /// gets a new secret, because nobody can have seen the first one.
    pub retry: bool,
}

/// A key to create, from an API request. Any description is allowed, and an expiry in the past.
pub struct RequestedKey {
    pub description: AppDescription,
    pub expires_at: Option<Millis>,
    /// Begins with `pk_` instead of `sk_`.
    pub is_public: bool,
}

/// A new key, with the only copy of its secret.
pub struct CreatedKey {
    pub id: ApiKeyId,
    pub secret: PlainKey,
    pub key: ApiKey,
}

/// An expiry outside 64 bits is as invalid as one outside the range of a date.
fn out_of_range(error: latchkey_store::Error) -> Error {
    match error {
        latchkey_store::Error::Violated(violation) if violation.is_out_of_range() => {
            Error::invalid(Field::Expires, Invalid::Expiry)
        }
        error => error.into(),
    }
}

impl Domain {
    /// Returns one page of keys.
    ///
    /// # Errors
    /// `Denied::KeysOff`; [`Error::NotFound`] for a team whose keys the caller may not manage.
    pub async fn list_keys(
        &self,
        caller: &Caller,
        keys: KeyScope,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let scope = latchkey_store::ListScope::Owned(keys);
        Ok(self.store.list_keys(caller, scope, view).await?)
    }

    /// Returns what the key with this digest is among the owner's keys.
    ///
    /// # Errors
    /// As [`Self::list_keys`].
    pub async fn find_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        digest: Digest,
    ) -> Result<PastedKey, Error> {
        let found = self.store.find_key(caller, keys, digest).await?;
        Ok(found.map_or(PastedKey::Unknown, PastedKey::Found))
    }

    /// Checks that the project allows user keys.
    ///
    /// # Errors
    /// `Denied::KeysOff`.
    pub async fn can_see_user_keys(&self, caller: &Caller) -> Result<(), Error> {
        Ok(self.store.can_see_keys(caller, OwnerKind::User).await?)
    }

    /// Creates an API key from a form on a page.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; [`Error::Invalid`]; [`Error::AlreadyCreated`]; [`Error::TooManyKeys`];
    /// [`Error::TooManyKeysCreated`].
    pub async fn create_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        new: NewKey,
    ) -> Result<CreatedKey, Error> {
        let description = Description::parse(&new.description)
            .map_err(|why| Error::invalid(Field::Description, why))?;
        let once = Once {
            token: new.token,
            retry: new.retry,
        };
        self.insert_key(
            caller,
            keys,
            description.into(),
            new.expires,
            false,
            Some(once),
        )
        .await
    }

    /// Creates an API key for an API request.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; `Denied::OtherUser`; [`Error::NotFound`] for an unknown owner;
    /// [`Error::TooManyKeys`] and [`Error::TooManyKeysCreated`], except for servers.
    pub async fn request_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        new: RequestedKey,
    ) -> Result<CreatedKey, Error> {
        let expires = new.expires_at.map_or(Expiry::Never, Expiry::At);
        self.insert_key(caller, keys, new.description, expires, new.is_public, None)
            .await
    }

    async fn insert_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        description: AppDescription,
        expires: Expiry,
        is_public: bool,
        once: Option<Once>,
    ) -> Result<CreatedKey, Error> {
        let id = ApiKeyId::new(self.id());
        let secret = PlainKey::generate(id, keys.kind(), is_public);
        let row = NewKeyRow {
            id,
            digest: secret.digest(),
            last_four: key_text::last_four(secret.expose()),
            description,
            is_public,
            expires,
            once,
        };
        match self
            .store
            .create_key(caller, keys, &row)
            .await
            .map_err(out_of_range)?
        {
            Creation::Created(key) => Ok(CreatedKey {
                id,
                secret,
                key: *key,
            }),
            Creation::InThePast => Err(Error::invalid(Field::Expires, Invalid::InThePast)),
            Creation::AlreadyCreated => Err(Error::AlreadyCreated),
            Creation::TooMany(limit) => Err(Error::TooManyKeys(limit)),
            Creation::TooManyCreated(limit) => Err(Error::TooManyKeysCreated(limit)),
        }
    }

    /// Returns one key.
    ///
    /// # Errors
    /// As [`Self::list_keys`]; [`Error::NotFound`].
    pub async fn key(
        &self,
        caller: &Caller,
        lookup: KeyLookup,
        key: ApiKeyId,
    ) -> Result<ApiKey, Error> {
        self.store
            .key(caller, lookup, key)
            .await?
            .ok_or(Error::NotFound(Subject::ApiKey))
    }

    /// Changes the description of an API key, and returns the key.
    ///
    /// # Errors
    /// As [`Self::key`]; [`Error::Invalid`].
    pub async fn rename_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        key: ApiKeyId,
        description: &str,
    ) -> Result<ApiKey, Error> {
        let description = Description::parse(description)
            .map_err(|why| Error::invalid(Field::Description, why))?;
        let change = KeyChange {
            description: Some(description.into()),
            revoke: false,
        };
        let lookup = KeyLookup::Scope(keys);
        self.change_key(caller, lookup, key, change).await
    }

    /// Revokes an API key, and returns it. Revoking it again changes nothing.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub async fn revoke_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        key: ApiKeyId,
    ) -> Result<ApiKey, Error> {
        let change = KeyChange {
            revoke: true,
            ..KeyChange::default()
        };
        let lookup = KeyLookup::Scope(keys);
        self.change_key(caller, lookup, key, change).await
    }

    /// Changes or revokes an API key and returns it.
    ///
    /// # Errors
    /// As [`Self::key`]; `Denied::OtherUser`.
    pub async fn change_key(
        &self,
        caller: &Caller,
        lookup: KeyLookup,
        key: ApiKeyId,
        change: KeyChange,
    ) -> Result<ApiKey, Error> {
        self.store
            .change_key(caller, lookup, key, &change)
            .await?
            .ok_or(Error::NotFound(Subject::ApiKey))
    }

    /// Checks an API key of this kind in one statement, or in none if the text is malformed. A
    /// valid key counts as used.
    ///
    /// # Errors
    /// `Denied::KeysOff`.
    pub async fn check_key(
        &self,
        caller: &Caller,
        kind: OwnerKind,
        text: &str,
    ) -> Result<Result<ApiKey, CheckFailure>, Error> {
        if key_text::read(text).is_none() {
            return Ok(Err(CheckFailure::Unknown));
        }
        let checked = self.store.check_key(caller, kind, Digest::of(text)).await?;
        Ok(checked.map(|(key, now)| {
            self.uses.record(caller.project, key.id, now);
            key
        }))
    }
}
