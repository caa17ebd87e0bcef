//! The team in a page's path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use latchkey_domain::{Error, Subject};
use latchkey_model::id::TeamId;

use super::PageError;

/// The team in the path. An invalid id is treated as a team that does not exist.
pub struct TeamInPath(pub TeamId);

impl<S: Send + Sync> FromRequestParts<S> for TeamInPath {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .ok()
            .and_then(|Path(id)| id.parse().ok())
            .map(Self)
            .ok_or_else(|| Error::NotFound(Subject::Team).into())
    }
}
