//! What every request can reach.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, request::Parts};
use latchkey_domain::{Domain, Error};
use latchkey_model::id::ProjectId;
use latchkey_model::{caller::Caller, project::Project};

use crate::{origin::Origins, session_cookie::SessionCookie};
use latchkey_api::client_address::client_address;

/// The parts that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Every decision.
    pub domain: Domain,
    /// The addresses by which people reach the pages.
    pub origins: Origins,
    /// How the session cookie is called and guarded.
    pub cookie: SessionCookie,
    /// The project that people sign in to; the oldest where none is set.
    pub project: Option<ProjectId>,
    /// Where a proxy in front writes the address of whoever asks.
    pub address_header: Option<HeaderName>,
}

impl AppState {
    /// Who asks, as far as the request says.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        self.cookie.caller(headers)
    }

    /// The project that people sign in to.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn sign_in_project(&self) -> Result<Option<Project>, Error> {
        match self.project {
            Some(id) => self.domain.project(id).await,
            None => self.domain.default_project().await,
        }
    }

    /// The network address the request comes from.
    pub fn address(&self, parts: &Parts) -> IpAddr {
        client_address(parts, self.address_header.as_ref())
    }
}
