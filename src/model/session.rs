//! Sessions in browsers and applications.

use crate::{
    expiry::Millis,
    id::{SessionId, UserId},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// Whether it is the caller's own session.
    pub is_current: bool,
    /// Whether a server created it to impersonate the user.
    pub is_impersonation: bool,
    pub created_at: Millis,
    pub last_used_at: Millis,
}
