//! The subject of a request, for error messages.

use std::sync::{Arc, OnceLock};

use latchkey_model::{caller::Caller, caller::UserRef, id::TeamId};

/// The kind of subject, for routes whose messages differ for the same error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Noun {
    #[default]
    ApiKeys,
    Permissions,
    Sessions,
    Teams,
}

/// Filled in while the input is parsed.
#[derive(Debug, Clone, Default)]
pub struct RequestSubject {
    pub noun: Noun,
    pub team: Option<TeamId>,
    pub user: Option<UserRef>,
    /// The permission that is granted or revoked.
    pub permission: Option<String>,
    /// The ID of the permission definition in the path, or else of the new one in the body.
    pub definition: Option<String>,
    /// The new ID of a definition in the body.
    pub new_definition: Option<String>,
    pub email: Option<String>,
    /// The OAuth client, which is sent instead of a caller's headers.
    pub oauth_client: Option<String>,
}

/// The caller and the subject of a request. The extractors set them; the layer around all routes
/// reads them to write error messages.
#[derive(Clone, Default)]
pub struct RequestContext(Arc<Cells>);

#[derive(Default)]
struct Cells {
    caller: OnceLock<Caller>,
    subject: OnceLock<RequestSubject>,
}

impl RequestContext {
    /// Only the first caller counts: a request has one.
    pub fn set_caller(&self, caller: Caller) {
        self.0.caller.set(caller).ok();
    }

    /// Only the first subject counts: the input is parsed once.
    pub fn set_subject(&self, subject: RequestSubject) {
        self.0.subject.set(subject).ok();
    }

    pub fn caller(&self) -> Option<&Caller> {
        self.0.caller.get()
    }

    pub fn subject(&self) -> RequestSubject {
        self.0.subject.get().cloned().unwrap_or_default()
    }
}
