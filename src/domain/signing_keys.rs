//! The keys that sign access tokens: generated on first use, stored encrypted.

use latchkey_model::expiry::Millis;
use latchkey_store::SealedKey;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use uuid::Uuid;

use super::{Domain, Error, secret::MasterKey};

/// How long programs that verify tokens may keep the public keys.
pub const CACHED_SECONDS: i64 = 60 * 60;
/// How long a key is published before it signs, so that no program meets a token of a key that it does not know: as
/// long as the keys may be kept, and five minutes.
const PUBLISHED_FIRST_MILLIS: Millis = (CACHED_SECONDS + 5 * 60) * 1000;
/// When earlier keys are deleted, from the publication of the next one. By then that one has signed for an hour: no
/// token lives as long, and no instance signs with a replaced key for more than a minute.
pub(crate) const RETIRED_AFTER_MILLIS: Millis = PUBLISHED_FIRST_MILLIS + 60 * 60 * 1000;

/// A key pair on the curve P-256.
pub struct SigningKey {
    /// The key ID in the header of every token.
    pub id: Uuid,
    /// The private key, in PKCS #8.
    pub(crate) private: Vec<u8>,
    /// The public key: 4, x and y (SEC 1, 2.3.3).
    pub public: Vec<u8>,
    /// Whether it signs new tokens.
    pub signs: bool,
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
    /// When it will sign, if it is not published for long enough yet.
    pub signs_from_millis: Option<Millis>,
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
            signs: false,
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

/// Selects the key that signs from the keys that can be opened, newest first: the newest one published for at least the
/// required time, otherwise the one published longest.
fn signer(opened: impl Iterator<Item = (Uuid, Millis)>) -> Option<Uuid> {
    let mut oldest = None;
    for (id, age_millis) in opened {
        oldest = Some(id);
        if age_millis >= PUBLISHED_FIRST_MILLIS {
            break;
        }
    }
    oldest
}

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
        let mut keys: Vec<_> = stored
            .iter()
            .filter_map(|stored| SigningKey::open(stored.id, &stored.sealed, &self.master_key))
            .collect();
        let is_opened = |stored: &&SealedKey| keys.iter().any(|key| key.id == stored.id);
        let opened = stored.iter().filter(is_opened);
        let signer = signer(opened.map(|stored| (stored.id, stored.age_millis)));
        for key in &mut keys {
            key.signs = Some(key.id) == signer;
        }
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
                signs_from_millis: None,
                opens: SigningKey::open(stored.id, &stored.sealed, &self.master_key).is_some(),
                is_sealed_with_first: self.master_key.is_sealed_with_first(
                    PURPOSE,
                    stored.id.as_bytes(),
                    &stored.sealed,
                ),
            })
            .collect();
        let opened = stored.iter().zip(&states).filter(|(_, state)| state.opens);
        let signer = signer(opened.map(|(stored, _)| (stored.id, stored.age_millis)));
        for state in states.iter_mut().filter(|state| state.opens) {
            state.signs = Some(state.id) == signer;
            if state.signs {
                break;
            }
            state.signs_from_millis = Some(state.created_at_millis + PUBLISHED_FIRST_MILLIS);
        }
        Ok(states)
    }

    /// Adds a key, which is published now and signs later, seals every key with the first secret, and deletes keys that
    /// were replaced so long ago that no token of theirs can still be valid.
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
