//! How long a session lasts. The access tokens that it gets last ten minutes: `auth/token.rs` in the domain.

use crate::expiry::Millis;

/// 30 days, as the session cookie.
pub const BROWSER_SECONDS: i64 = 30 * 24 * 60 * 60;
/// One year.
const APPLICATION_SECONDS: i64 = 365 * 24 * 60 * 60;
/// The longest that a server may ask for: 10 years.
pub const MAX_MILLIS: Millis = 10 * 365 * 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionLifetime {
    Browser,
    Application,
    Millis(Millis),
}

impl SessionLifetime {
    pub const fn millis(self) -> Millis {
        match self {
            Self::Browser => BROWSER_SECONDS * 1000,
            Self::Application => APPLICATION_SECONDS * 1000,
            Self::Millis(millis) => millis,
        }
    }
}
