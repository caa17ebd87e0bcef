//! Secrets and their digests.
//!
//! A secret can be generated and exposed once. It cannot be printed, cloned or serialised by
//! accident, because its type does not implement these traits. Stored digests can only be compared.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use latchkey_model::digest::Digest;
use latchkey_model::{
    id::ApiKeyId,
    key_text::{self, KeyParts},
    owner::OwnerKind,
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;

use crate::random;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(String);

        impl $name {
            /// Returns the secret, for the one response that contains it.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Returns the digest to store.
            pub fn digest(&self) -> Digest {
                Digest::of(&self.0)
            }
        }
    };
}

secret!(
    /// A new API key, in clear text.
    PlainKey
);
secret!(
    /// The value of a browser's session cookie.
    SessionToken
);
secret!(
    /// The token in a link by which a user chooses a new password.
    ResetToken
);
secret!(
    /// A key with which an application authenticates for its project.
    ProjectKey
);

impl PlainKey {
    pub(crate) fn generate(id: ApiKeyId, kind: OwnerKind, is_public: bool) -> Self {
        let parts = KeyParts {
            id,
            kind,
            is_public,
        };
        Self(key_text::write(parts, &random::secret()))
    }
}

impl SessionToken {
    /// 225 random bits in base 32.
    pub fn generate() -> Self {
        Self(random::secret_text())
    }
}

impl ResetToken {
    /// 225 random bits in base 32.
    pub(crate) fn generate() -> Self {
        Self(random::secret_text())
    }
}

impl ProjectKey {
    pub(crate) fn generate(prefix: &str) -> Self {
        Self(format!("{prefix}_{}", random::secret_text()))
    }
}

/// The keys derived from `LATCHKEY_SECRET` and from former secrets. They encrypt signing keys and are
/// the keys of digests of guessable values. The first seals; the others only open.
#[derive(Clone)]
pub struct MasterKey {
    first: SecretKey,
    former: Arc<[SecretKey]>,
}

/// The key derived from one secret.
#[derive(Clone)]
struct SecretKey([u8; 64]);

impl MasterKey {
    pub fn new(secret: &str) -> Self {
        Self::with_former(secret, [])
    }

    /// Also opens what the former secrets have sealed.
    pub fn with_former<'a>(secret: &str, former: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            first: SecretKey::new(secret),
            former: former.into_iter().map(SecretKey::new).collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.first).chain(&*self.former)
    }

    /// Encrypts a text. [`Self::open`] needs the same `purpose` and `about`.
    pub(crate) fn close(&self, purpose: &str, about: &[u8], plain: &[u8]) -> Vec<u8> {
        self.first.close(purpose, about, plain)
    }

    /// Decrypts the result of [`Self::close`]; `None` for anything else.
    pub(crate) fn open(&self, purpose: &str, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.all().find_map(|key| key.open(purpose, about, sealed))
    }

    /// Whether a text was encrypted with the first secret.
    pub(crate) fn is_sealed_with_first(&self, purpose: &str, about: &[u8], sealed: &[u8]) -> bool {
        self.first.open(purpose, about, sealed).is_some()
    }

    /// HMAC-SHA-256 of the parts with the first secret. Their lengths are part of the input, so
    /// different lists have different digests.
    pub(crate) fn digest(&self, parts: &[&str]) -> Digest {
        self.first.digest(parts)
    }

    /// The same with each of the secrets, the first one first: what somebody was given before a
    /// rotation stays valid until the former secret is removed.
    pub(crate) fn digests(&self, parts: &[&str]) -> impl Iterator<Item = Digest> {
        self.all().map(move |key| key.digest(parts))
    }
}

impl SecretKey {
    fn new(secret: &str) -> Self {
        // HMAC pads a key to the hash's block with zeros (RFC 2104, section 2).
        let mut key = [0; 64];
        key[..32].copy_from_slice(Digest::of(secret).as_bytes());
        Self(key)
    }

    fn close(&self, purpose: &str, about: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut sealed = plain.to_vec();
        let tag = self.cipher(purpose).and_then(|cipher| {
            cipher
                .seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(about),
                    &mut sealed,
                )
                .ok()
        });
        // The key has the cipher's length and the text is short, so neither step can fail.
        tag.map(|tag| [&nonce, &sealed[..], tag.as_ref()].concat())
            .unwrap_or_default()
    }

    fn open(&self, purpose: &str, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let mut text = text.to_vec();
        let plain = self
            .cipher(purpose)?
            .open_in_place(
                Nonce::try_assume_unique_for_key(nonce).ok()?,
                Aad::from(about),
                &mut text,
            )
            .ok()?;
        Some(plain.to_vec())
    }

    fn cipher(&self, purpose: &str) -> Option<LessSafeKey> {
        let key = self.digest(&["seal", purpose]);
        UnboundKey::new(&CHACHA20_POLY1305, key.as_bytes())
            .ok()
            .map(LessSafeKey::new)
    }

    fn digest(&self, parts: &[&str]) -> Digest {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.0.into());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Digest::from_bytes(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-4, the one-block example.
        let digest = Digest::of("abc");
        let hex = digest
            .as_bytes()
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_new_key_is_well_formed_and_never_the_same() {
        let id = ApiKeyId::new(uuid::Uuid::from_u128(1));
        let keys = [(); 2].map(|()| PlainKey::generate(id, OwnerKind::Team, false));
        for key in &keys {
            let parts = key_text::read(key.expose()).expect("a key");
            assert_eq!((parts.id, parts.kind), (id, OwnerKind::Team));
        }
        assert!(keys[0].digest() != keys[1].digest());
    }

    #[test]
    fn what_is_sealed_opens_only_as_it_was_closed() {
        let master_key = MasterKey::new("a");
        let sealed = master_key.close("key", b"1", b"text");
        assert_eq!(
            master_key.open("key", b"1", &sealed).as_deref(),
            Some(&b"text"[..])
        );
        assert!(
            sealed != master_key.close("key", b"1", b"text"),
            "a fresh nonce"
        );
        assert_eq!(master_key.open("key", b"2", &sealed), None);
        assert_eq!(master_key.open("other", b"1", &sealed), None);
        assert_eq!(MasterKey::new("b").open("key", b"1", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(
                master_key.open("key", b"1", &changed),
                None,
                "changed at {at}"
            );
            assert_eq!(
                master_key.open("key", b"1", &sealed[..at]),
                None,
                "cut at {at}"
            );
        }
    }

    #[test]
    fn sealed_digests_depend_on_the_secret_and_on_where_parts_end() {
        let master_key = MasterKey::new("a");
        assert!(master_key.digest(&["ab", "c"]) == master_key.digest(&["ab", "c"]));
        assert!(master_key.digest(&["ab", "c"]) != master_key.digest(&["a", "bc"]));
        assert!(master_key.digest(&["ab"]) != MasterKey::new("b").digest(&["ab"]));
    }

    #[test]
    fn former_secrets_open_what_they_sealed_and_the_first_seals() {
        let old = MasterKey::new("old");
        let sealed = old.close("key", b"1", b"text");
        let rotated = MasterKey::with_former("new", ["older", "old"]);
        let opened = rotated.open("key", b"1", &sealed);
        assert_eq!(opened.as_deref(), Some(&b"text"[..]));
        assert!(!rotated.is_sealed_with_first("key", b"1", &sealed));
        let sealed = rotated.close("key", b"1", b"text");
        assert!(rotated.is_sealed_with_first("key", b"1", &sealed));
        assert_eq!(old.open("key", b"1", &sealed), None);

        let given = old.digest(&["a"]);
        let accepts = |key: &MasterKey, part| key.digests(&[part]).any(|digest| digest == given);
        assert!(accepts(&rotated, "a") && !accepts(&rotated, "b"));
        assert!(!accepts(&MasterKey::new("new"), "a"));
        assert!(rotated.digest(&["a"]) == MasterKey::new("new").digest(&["a"]));
    }
}
