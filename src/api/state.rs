//! What every handler can reach.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderName, request::Parts};

use crate::client_address::client_address;
use latchkey_domain::{Domain, auth::token::Tokens, clock::Clock};

/// The parts that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// Every decision.
    pub domain: Domain,
    /// Access tokens.
    pub tokens: Tokens,
    /// Scheme, host and port by which programs reach this server.
    pub origin: Arc<str>,
    /// Where a proxy in front writes the address of whoever asks.
    pub address_header: Option<HeaderName>,
}

impl ApiState {
    /// Puts the parts together.
    pub fn new(
        domain: Domain,
        origin: &str,
        clock: Clock,
        address_header: Option<HeaderName>,
    ) -> Self {
        Self {
            tokens: Tokens::new(domain.clone(), origin, clock),
            domain,
            origin: origin.into(),
            address_header,
        }
    }

    pub(super) fn address(&self, parts: &Parts) -> IpAddr {
        client_address(parts, self.address_header.as_ref())
    }
}
