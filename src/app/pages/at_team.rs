//! The team that a page's address names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use latchkey_domain::{Error, Subject};
use latchkey_model::id::TeamId;

use super::PageError;

/// The team in the address. What is no id looks like a team that does not exist, also where its
/// bytes are no text.
pub struct AtTeam(pub TeamId);

impl<S: Send + Sync> FromRequestParts<S> for AtTeam {
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
