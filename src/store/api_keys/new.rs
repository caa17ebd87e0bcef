//! A key to create, and the result.

use latchkey_model::{
    api_key::ApiKey,
    description::AppDescription,
    digest::Digest,
    expiry::Expiry,
    id::{ApiKeyId, CreationToken},
};

/// Makes a creation from a form idempotent.
#[derive(Clone, Copy)]
pub struct Once {
    pub token: CreationToken,
    pub retry: bool,
}

/// A key to create. From a form, its expiry must be in the future.
pub struct NewKeyRow<'a> {
    pub id: ApiKeyId,
    pub digest: Digest,
    pub last_four: &'a str,
    pub description: AppDescription,
    pub is_public: bool,
    pub expires: Expiry,
    pub once: Option<Once>,
}

pub enum Creation {
    Created(Box<ApiKey>),
    AlreadyCreated,
    InThePast,
    /// The owner has this many valid keys, the most that people may create.
    TooMany(i32),
    /// People have created this many keys for the owner within 24 hours, the most that they may.
    TooManyCreated(i64),
}
