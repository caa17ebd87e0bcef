//! The state of all handlers.

use axum::http::{HeaderMap, request::Parts};
use latchkey_domain::{Domain, Error, source::Source};
use latchkey_model::{caller::Caller, id::ProjectId, project::Project};

use crate::{origin::Origins, session_cookie::SessionCookie};
use latchkey_api::client_address::TrustedProxies;

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
    /// The proxies that say for whom they ask.
    pub proxies: TrustedProxies,
    /// Whether the client's address is logged with each request.
    pub log_addresses: bool,
}

impl AppState {
    /// Returns the caller of a request, not yet authenticated. With a project set, sessions of
    /// other projects are ignored.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        self.cookie.caller(headers).filter(|caller| {
            self.project
                .is_none_or(|project| project == caller.project())
        })
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

    /// Returns where the request comes from.
    pub fn source(&self, parts: &Parts) -> Source {
        self.proxies.source(parts)
    }
}
