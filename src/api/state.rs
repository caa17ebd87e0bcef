//! The state of all handlers.

use std::sync::Arc;

use axum::extract::FromRef;
use latchkey_domain::{Domain, auth::token::Tokens};

use crate::client_address::TrustedProxies;

/// Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub domain: Domain,
    pub tokens: Tokens,
    /// Scheme, host and port of the API.
    pub origin: Arc<str>,
    /// The proxies that say for whom they ask.
    pub proxies: TrustedProxies,
}

impl ApiState {
    pub fn new(domain: Domain, origin: &str, proxies: TrustedProxies) -> Self {
        Self {
            tokens: Tokens::new(domain.clone(), origin),
            domain,
            origin: origin.into(),
            proxies,
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
