//! The state of all handlers.

use std::sync::Arc;

use axum::{extract::FromRef, http::HeaderName};
use latchkey_domain::{Domain, auth::token::Tokens};

/// Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub domain: Domain,
    pub tokens: Tokens,
    /// Scheme, host and port of the API.
    pub origin: Arc<str>,
    /// The request header with the client's address, if a trusted proxy sets it.
    pub address_header: Option<HeaderName>,
}

impl ApiState {
    pub fn new(domain: Domain, origin: &str, address_header: Option<HeaderName>) -> Self {
        Self {
            tokens: Tokens::new(domain.clone(), origin),
            domain,
            origin: origin.into(),
            address_header,
        }
    }
}

impl FromRef<ApiState> for Domain {
    fn from_ref(state: &ApiState) -> Self {
        state.domain.clone()
    }
}

impl FromRef<ApiState> for Tokens {
    fn from_ref(state: &ApiState) -> Self {
        state.tokens.clone()
    }
}
