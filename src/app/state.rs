//! The state of all handlers.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, request::Parts};
use latchkey_domain::{Domain, Error};
use latchkey_model::id::ProjectId;
use latchkey_model::{caller::Caller, project::Project};

use crate::{origin::Origins, session_cookie::SessionCookie};
use latchkey_api::client_address::client_address;

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub domain: Domain,
    /// The origins under which the pages are served.
    pub origins: Origins,
    /// The name and attributes of the session cookie.
    pub cookie: SessionCookie,
    /// The project that users sign in to; the oldest where none is set.
    pub project: Option<ProjectId>,
    /// The request header with the client's address, if a trusted proxy sets it.
    pub address_header: Option<HeaderName>,
    /// Whether the client's address is logged with each request.
    pub log_addresses: bool,
}

impl AppState {
    /// Returns the caller of a request, not yet authenticated.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        self.cookie.caller(headers)
    }

    /// Returns the project that users sign in to.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn sign_in_project(&self) -> Result<Option<Project>, Error> {
        match self.project {
            Some(id) => self.domain.project(id).await,
            None => self.domain.default_project().await,
        }
    }

    /// Returns the network address of the client.
    pub fn address(&self, parts: &Parts) -> IpAddr {
        client_address(parts, self.address_header.as_ref())
    }
}
