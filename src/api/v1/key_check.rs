//! The check of a key, and what it answers for a key that is not valid. That a key has expired is found by
//! `store/api_keys/check.rs`, at the database's time.

use latchkey_domain::Domain;
use latchkey_model::{api_key::CheckFailure, caller::Caller, owner::OwnerKind};
use serde_json::json;

use super::api_keys::ApiKeyResponse;
use crate::{
    error::{ApiError, Code},
    request::request,
};

request! {
    /// A key to check.
    pub struct CheckApiKey {
        /// The full key.
        api_key: String,
    }
}

/// # Errors
/// Why the key is not valid.
pub async fn check(
    domain: &Domain,
    caller: &Caller,
    kind: OwnerKind,
    key: &str,
) -> Result<ApiKeyResponse, ApiError> {
    let checked = domain.check_key(caller, kind, key).await?;
    let key = checked.map_err(|refusal| invalid_key(refusal, kind))?;
    Ok(key.into())
}

fn invalid_key(refusal: CheckFailure, expected: OwnerKind) -> ApiError {
    match refusal {
        CheckFailure::Unknown => ApiError::known(Code::ApiKeyNotFound, "API key not found."),
        CheckFailure::Revoked => ApiError::known(Code::ApiKeyRevoked, "API key has been revoked."),
        CheckFailure::Expired => ApiError::known(Code::ApiKeyExpired, "API key has expired."),
        CheckFailure::WrongKind(actual) => {
            let (actual, expected) = (actual.as_str(), expected.as_str());
            ApiError::known(
                Code::WrongApiKeyType,
                format!(
                    "This endpoint is for {expected} API keys, but a {actual} API key was provided."
                ),
            )
            .with(json!({ "actual_type": actual, "expected_type": expected }))
        }
    }
}
