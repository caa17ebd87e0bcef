//! The keys that sign access tokens: generated on first use, stored encrypted.

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
    "the signing keys in the database were encrypted with a different LATCHKEY_SECRET; use that one"
)]
pub struct WrongSecret;

/// The operating system's generator failed, or the key cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error("cannot generate a signing key")]
struct NoKey;

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
        Self::read(id, master_key.open("signing key", id.as_bytes(), sealed)?)
    }
}

impl Domain {
    /// Returns the signing keys, oldest first. Generates the first if there is none.
    ///
    /// # Errors
    /// [`WrongSecret`], as an internal error, if they were encrypted with a different secret; if
    /// the database is unavailable.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, Error> {
        let keys = self.stored_signing_keys().await?;
        if keys.is_empty() {
            let key = SigningKey::generate(self.id()).ok_or_else(|| Error::internal(NoKey))?;
            let sealed = self
                .master_key
                .close("signing key", key.id.as_bytes(), &key.private);
            self.store.add_first_signing_key(key.id, &sealed).await?;
            return self.stored_signing_keys().await;
        }
        Ok(keys)
    }

    /// Returns the signing keys in the database.
    ///
    /// # Errors
    /// As [`Self::signing_keys`].
    pub(super) async fn stored_signing_keys(&self) -> Result<Vec<SigningKey>, Error> {
        let stored = self.store.signing_keys().await?;
        stored
            .into_iter()
            .map(|(id, sealed)| {
                SigningKey::open(id, &sealed, &self.master_key)
                    .ok_or_else(|| Error::internal(WrongSecret))
            })
            .collect()
    }
}
