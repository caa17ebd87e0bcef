//! What users' keys and teams' keys have in common.

use latchkey_model::{description::AppDescription, expiry::Millis, id::ApiKeyId, owner::OwnerKind};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    call::Call,
    error::{ApiError, Code},
    schema::{Fields, Input},
    wire::KeyBody,
};
use latchkey_domain::api_keys::RequestedKey;
use latchkey_model::api_key::{CheckFailure, KeyLookup};

/// What to change about a key.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct UpdateApiKey {
    /// What it is for.
    #[schema(max_length = 1000, nullable = false)]
    pub description: Option<String>,
    /// `true` ends the key, for ever.
    #[schema(nullable = false)]
    pub revoked: Option<bool>,
}

/// A key to look at.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct CheckApiKey {
    /// The whole key.
    pub api_key: String,
}

/// A change, as it was read.
pub struct Change {
    key: ApiKeyId,
    description: Option<AppDescription>,
    revoke: bool,
}

/// A program's description of a key.
pub fn described(fields: &mut Fields<'_>, text: Option<String>) -> Option<AppDescription> {
    match AppDescription::parse(text?) {
        Ok(description) => Some(description),
        Err(why) => {
            fields.problem("description", &why.to_string());
            None
        }
    }
}

/// What both kinds of new keys have in common. The owner's field comes between, so that problems
/// are told in the order of the contract.
pub fn requested<T>(
    input: &mut Input,
    owner: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Option<(T, RequestedKey)> {
    let mut body = input.body();
    let text = body.text("description");
    let description = described(&mut body, text);
    let expires_at: Option<Option<Millis>> = body.nullable_instant("expires_at_millis");
    let is_public = body.truth("is_public").unwrap_or_default();
    let owner = owner(&mut body);
    body.end();
    Some((
        owner?,
        RequestedKey {
            description: description?,
            expires_at: expires_at?,
            is_public,
        },
    ))
}

/// The key that the path names.
pub fn key_id(input: &mut Input) -> Option<ApiKeyId> {
    let mut params = input.params();
    let id = params.uuid("api_key_id").map(ApiKeyId::new);
    params.end();
    id
}

/// What is to change about the key that the path names.
pub fn change(input: &mut Input) -> Option<Change> {
    let key = key_id(input);
    let mut body = input.body();
    let text = body.optional_text("description");
    let description = described(&mut body, text);
    let revoke = body.only_true("revoked");
    body.end();
    Some(Change {
        key: key?,
        description,
        revoke,
    })
}

/// Changes a key.
///
/// # Errors
/// As the domain says.
pub async fn apply(call: &Call, among: KeyLookup, change: Change) -> Result<KeyBody, ApiError> {
    call.state
        .domain
        .change_key(
            &call.caller,
            among,
            change.key,
            change.description,
            change.revoke,
        )
        .await
        .map(KeyBody::from)
        .map_err(|error| call.told(error))
}

/// Reads a key.
///
/// # Errors
/// As the domain says.
pub async fn show(call: &Call, among: KeyLookup, key: ApiKeyId) -> Result<KeyBody, ApiError> {
    call.state
        .domain
        .key(&call.caller, among, key)
        .await
        .map(KeyBody::from)
        .map_err(|error| call.told(error))
}

/// The text that a check is about.
pub fn checked(input: &mut Input) -> Option<String> {
    let mut body = input.body();
    let text = body.text("api_key");
    body.end();
    text
}

/// Checks a key of this kind. A text that no key can be is answered without the database: like an
/// unknown key, whoever asks.
///
/// # Errors
/// Why it does not work.
pub async fn check(call: &Call, kind: OwnerKind, text: &str) -> Result<KeyBody, ApiError> {
    let checked = call
        .state
        .domain
        .check_key(&call.caller, kind, text)
        .await
        .map_err(|error| call.told(error))?;
    checked.map(KeyBody::from).map_err(|refusal| match refusal {
        CheckFailure::Unknown => ApiError::known(Code::ApiKeyNotFound, "API key not found."),
        CheckFailure::Revoked => ApiError::known(Code::ApiKeyRevoked, "API key has been revoked."),
        CheckFailure::Expired => ApiError::known(Code::ApiKeyExpired, "API key has expired."),
        CheckFailure::WrongKind(actual) => ApiError::known(
            Code::WrongApiKeyType,
            format!(
                "This endpoint is for {} API keys, but a {} API key was provided.",
                kind.as_str(),
                actual.as_str()
            ),
        )
        .with(json!({ "actual_type": actual.as_str(), "expected_type": kind.as_str() })),
    })
}
