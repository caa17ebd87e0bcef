//! The digest that is stored in place of a secret.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret. The secrets have 225 random bits, so a fast hash is safe.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
