//! Sessions in browsers and applications.

use crate::{
    expiry::Millis,
    id::{SessionId, UserId},
};

/// 30 days.
pub const BROWSER_SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// One year.
pub const APP_SESSION_SECONDS: i64 = 365 * 24 * 60 * 60;

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
