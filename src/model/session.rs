//! Sessions in browsers and applications.

use crate::{
    expiry::Millis,
    id::{SessionId, UserId},
};

/// The most characters of a `User-Agent` header that are kept.
pub const MAX_USER_AGENT: usize = 255;

/// From where a session began, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionOrigin {
    /// The browser's `User-Agent` header: visible ASCII, at most [`MAX_USER_AGENT`] characters.
    pub user_agent: Option<String>,
    /// The IP address, as text.
    pub address: Option<String>,
}

impl SessionOrigin {
    /// Keeps as much of a `User-Agent` header as can be shown.
    pub fn user_agent(header: &str) -> Option<String> {
        let kept: String = header
            .chars()
            .filter(|c| matches!(c, ' '..='~'))
            .take(MAX_USER_AGENT)
            .collect();
        let kept = kept.trim();
        (!kept.is_empty()).then(|| kept.to_owned())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// Whether it is the caller's own session.
    pub is_current: bool,
    /// Whether a server created it to impersonate the user.
    pub is_impersonation: bool,
    /// Whether it is a browser's on the pages, rather than an application's.
    pub is_browser: bool,
    pub origin: SessionOrigin,
    pub created_at: Millis,
    pub last_used_at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_of_a_header_is_left_out() {
        for (header, kept) in [
            ("curl/8.5.0", Some("curl/8.5.0")),
            (" a\u{202e}b\tc\u{0}é ", Some("abc")),
            ("\u{fffd}\n", None),
            ("", None),
        ] {
            assert_eq!(
                SessionOrigin::user_agent(header).as_deref(),
                kept,
                "{header:?}"
            );
        }
        let long = SessionOrigin::user_agent(&"x".repeat(5000)).expect("a header");
        assert_eq!(long.len(), MAX_USER_AGENT);
    }
}
