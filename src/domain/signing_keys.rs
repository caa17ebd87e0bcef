//! The keys that sign access tokens: generated on first use, stored encrypted.

use latchkey_model::expiry::Millis;
use latchkey_store::RETIRED_AFTER_MILLIS;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use uuid::Uuid;

use super::{Domain, Error, secret::MasterKey};

/// A key pair on the curve P-256.
pub struct SigningKey {
    /// The key ID in the header of every token.
    pub id: Uuid,
    /// The private key, in PKCS #8.
    pub(crate) private: Vec<u8>,
    /// The public key: 4, x and y (SEC 1, 2.3.3).
    pub public: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the database was used with another LATCHKEY_SECRET, which its signing keys are sealed with: set LATCHKEY_SECRET to \
     that one, or add it to LATCHKEY_OLD_SECRETS"
)]
pub struct WrongSecret;

/// The operating system's generator failed, or the key cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error("cannot generate a signing key")]
struct NoKey;

/// What an operator is shown of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyState {
    pub id: Uuid,
    pub created_at_millis: Millis,
    /// Whether it signs new tokens. The others only verify.
    pub signs: bool,
    /// Whether one of the secrets opens it.
    pub opens: bool,
    /// Whether it is sealed with the first secret, so that former ones are not needed for it.
    pub is_sealed_with_first: bool,
}

impl SigningKey {
    fn generate(id: Uuid) -> Option<Self> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .ok()?;
        Self::read(id, document.as_ref().to_vec())
    }

    fn read(id: Uuid, private: Vec<u8>) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &private,
            &SystemRandom::new(),
        )
        .ok()?;
        let public = pair.public_key().as_ref().to_vec();
        Some(Self {
            id,
            private,
            public,
        })
    }

    pub(crate) fn open(id: Uuid, sealed: &[u8], master_key: &MasterKey) -> Option<Self> {
        Self::read(id, master_key.open(PURPOSE, id.as_bytes(), sealed)?)
    }

    fn seal(&self, master_key: &MasterKey) -> Vec<u8> {
        master_key.close(PURPOSE, self.id.as_bytes(), &self.private)
    }
}

const PURPOSE: &str = "signing key";

impl Domain {
    /// Returns the signing keys, newest first. Generates the first if there is none.
    ///
    /// A key that no secret opens is left out: another instance may have a newer secret already.
    ///
    /// # Errors
    /// [`WrongSecret`], as an internal error, if no key can be opened; if the database is
    /// unavailable.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, Error> {
        let mut stored = self.store.signing_keys().await?;
        if stored.is_empty() {
            let key = self.generate_signing_key()?;
            let sealed = key.seal(&self.master_key);
            self.store.add_first_signing_key(key.id, &sealed).await?;
            stored = self.store.signing_keys().await?;
        }
        let keys: Vec<_> = stored
            .iter()
            .filter_map(|stored| SigningKey::open(stored.id, &stored.sealed, &self.master_key))
            .collect();
        if keys.len() < stored.len() {
            tracing::error!("{WrongSecret}");
        }
        if keys.is_empty() {
            return Err(Error::internal(WrongSecret));
        }
        Ok(keys)
    }

    fn generate_signing_key(&self) -> Result<SigningKey, Error> {
        SigningKey::generate(self.id()).ok_or_else(|| Error::internal(NoKey))
    }

    /// Checks that the secrets open every signing key, and generates the first key if there is
    /// none.
    pub async fn check_secret(&self) -> Result<Result<(), WrongSecret>, Error> {
        if self.store.signing_keys().await?.is_empty() {
            self.signing_keys().await?;
        }
        let states = self.signing_key_states().await?;
        Ok(if states.iter().all(|state| state.opens) {
            Ok(())
        } else {
            Err(WrongSecret)
        })
    }

    /// Returns the state of every key, newest first.
    pub async fn signing_key_states(&self) -> Result<Vec<KeyState>, Error> {
        let stored = self.store.signing_keys().await?;
        let mut states: Vec<_> = stored
            .iter()
            .map(|stored| KeyState {
                id: stored.id,
                created_at_millis: stored.created_at_millis,
                signs: false,
                opens: SigningKey::open(stored.id, &stored.sealed, &self.master_key).is_some(),
                is_sealed_with_first: self.master_key.is_sealed_with_first(
                    PURPOSE,
                    stored.id.as_bytes(),
                    &stored.sealed,
                ),
            })
            .collect();
        if let Some(newest) = states.iter_mut().find(|state| state.opens) {
            newest.signs = true;
        }
        Ok(states)
    }

    /// Adds a key that signs from now on, seals every key with the first secret, and deletes keys
    /// that were replaced so long ago that no token of theirs can still be valid.
    pub async fn rotate_signing_keys(&self) -> Result<Result<(), WrongSecret>, Error> {
        let stored = self.store.signing_keys().await?;
        let opened: Option<Vec<_>> = stored
            .iter()
            .map(|stored| SigningKey::open(stored.id, &stored.sealed, &self.master_key))
            .collect();
        let Some(opened) = opened else {
            return Ok(Err(WrongSecret));
        };
        let new = self.generate_signing_key()?;
        self.store
            .add_signing_key(new.id, &new.seal(&self.master_key))
            .await?;
        for key in opened {
            self.store
                .reseal_signing_key(key.id, &key.seal(&self.master_key))
                .await?;
        }
        self.store
            .delete_retired_signing_keys(RETIRED_AFTER_MILLIS)
            .await?;
        Ok(Ok(()))
    }
}
