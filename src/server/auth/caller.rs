//! The one who asks, as far as the request says. Whether it is true is decided by the statement
//! that acts on it.

use latchkey_model::id::ProjectId;

use crate::domain::secret::Digest;

/// A browser with a session cookie.
#[derive(Clone, Copy)]
pub struct Caller {
    pub(crate) project: ProjectId,
    pub(crate) token_digest: Digest,
}

impl Caller {
    /// The project that the session says it belongs to.
    pub const fn project(&self) -> ProjectId {
        self.project
    }
}
