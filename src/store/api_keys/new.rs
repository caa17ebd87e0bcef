//! A key to create, and the result.

use latchkey_model::{
    api_key::ApiKey,
    description::AppDescription,
    digest::Digest,
    expiry::Expiry,
    id::{ApiKeyId, CreationToken},
};

/// What makes a form create one key.
#[derive(Clone, Copy)]
pub struct Once {
    pub token: CreationToken,
    pub retry: bool,
}

/// A key to create. One from a form must not have expired already.
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
}
