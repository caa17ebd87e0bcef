//! Sessions of browsers and applications.

use crate::{
    expiry::Millis,
    id::{SessionId, UserId},
};

/// How long a browser session lasts: 30 days.
pub const BROWSER_SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Whether it is the caller's own.
    pub is_current: bool,
    /// Whether a server started it to see what the user sees.
    pub is_impersonation: bool,
    /// When it began.
    pub created_at: Millis,
    /// When it was last seen.
    pub last_used_at: Millis,
}
