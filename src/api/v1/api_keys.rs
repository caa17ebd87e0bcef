//! Requests and responses shared by user keys and team keys.

use latchkey_domain::{
    Domain,
    api_keys::{CreatedKey, RequestedKey},
};
use latchkey_model::{
    api_key::{ApiKey, KeyChange, KeyLookup},
    caller::Caller,
    description::AppDescription,
    id::{ApiKeyId, TeamId, UserId},
    owner::KeyOwner,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    request::request,
    values::{Instant, True},
};

request! {
    /// The key in the path.
    pub struct ApiKeyPath {
        /// The key's ID
        api_key_id: ApiKeyId,
    }
}

request! {
    /// Changes to a key. Absent fields are left unchanged.
    pub struct UpdateApiKey {
        /// What the key is for.
        description: Option<AppDescription>,
        /// `true` revokes the key. This cannot be undone.
        revoked: Option<True>,
    }
}

/// The full key in the response that creates it; its last four characters in all other responses.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum KeyValue {
    /// The full key.
    Whole(String),
    /// The last four characters of the key.
    Hidden { last_four: String },
}

/// An API key. Depending on its `type`, it has a `user_id` or a `team_id`.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyResponse {
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    description: String,
    is_public: bool,
    created_at_millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at_millis: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    manually_revoked_at_millis: Option<i64>,
    value: KeyValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>, nullable = false)]
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>, nullable = false)]
    team_id: Option<TeamId>,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl ApiKeyResponse {
    /// The response to creating a key, the only one that contains the secret.
    pub fn with_secret(created: &CreatedKey) -> Self {
        Self {
            value: KeyValue::Whole(created.secret.expose().to_owned()),
            ..Self::from(created.key.clone())
        }
    }
}

impl From<ApiKey> for ApiKeyResponse {
    fn from(key: ApiKey) -> Self {
        let (user_id, team_id) = match key.owner {
            KeyOwner::User(user) => (Some(user), None),
            KeyOwner::Team(team) => (None, Some(team)),
        };
        Self {
            id: key.id,
            description: key.description,
            is_public: key.is_public,
            created_at_millis: key.created_at,
            expires_at_millis: key.expires_at,
            manually_revoked_at_millis: key.revoked_at,
            value: KeyValue::Hidden {
                last_four: key.last_four,
            },
            user_id,
            team_id,
            kind: key.owner.kind().as_str(),
        }
    }
}

/// The fields that both kinds of new keys share.
pub fn requested(
    description: AppDescription,
    expires_at: Option<Instant>,
    is_public: Option<bool>,
) -> RequestedKey {
    RequestedKey {
        description,
        expires_at: expires_at.map(|instant| instant.0),
        is_public: is_public.unwrap_or_default(),
    }
}

pub async fn update(
    domain: &Domain,
    caller: &Caller,
    lookup: KeyLookup,
    key: ApiKeyId,
    change: UpdateApiKey,
) -> Result<ApiKeyResponse, ApiError> {
    let change = KeyChange {
        description: change.description,
        revoke: change.revoked.is_some(),
    };
    let key = domain.change_key(caller, lookup, key, change).await?;
    Ok(key.into())
}
