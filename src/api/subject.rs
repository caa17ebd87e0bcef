//! What a request names, for the texts of errors.

use std::sync::{Arc, OnceLock};

use latchkey_model::{caller::Caller, caller::UserRef, id::TeamId};

/// The kind of thing that a route is about, where routes word the same error differently.
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
    /// A permission that is granted or revoked.
    pub permission: Option<String>,
    /// The permission definition in the path, or else the new one in the body.
    pub definition: Option<String>,
    /// The name that the body gives to a definition.
    pub new_definition: Option<String>,
    pub email: Option<String>,
    /// The OAuth client, which stands in for a caller's headers.
    pub oauth_client: Option<String>,
}

/// The caller of a request and what it names. The extractors fill it in; the layer around all routes reads it to
/// word an error.
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
