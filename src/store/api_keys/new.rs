//! A key that is about to be written, and what became of it.

use latchkey_model::{
    api_key::ApiKey,
    description::AppDescription,
    digest::Digest,
    expiry::Expiry,
    id::{ApiKeyId, CreationToken},
};

/// What makes a form make one key.
#[derive(Clone, Copy)]
pub struct Once {
    pub token: CreationToken,
    pub retry: bool,
}

/// A key about to be written. One that is made by a form must not have ended already.
pub struct NewKeyRow<'a> {
    pub id: ApiKeyId,
    pub digest: Digest,
    pub last_four: &'a str,
    pub description: AppDescription,
    pub is_public: bool,
    pub expires: Expiry,
    pub once: Option<Once>,
}

/// What became of it.
pub enum Creation {
    Made(Box<ApiKey>),
    MadeBefore,
    InThePast,
}
