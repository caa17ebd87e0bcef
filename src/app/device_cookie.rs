//! The cookie by which the accounts that have signed in with a browser recognize it. It outlives the
//! session, and nobody is signed in by it.

use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite, time::Duration};

use crate::session_cookie::{SessionCookie, cookies};

/// The longest that browsers keep a cookie.
const DAYS: i64 = 400;

/// The name follows that of the session cookie.
#[derive(Debug, Clone, Copy)]
pub struct DeviceCookie(pub SessionCookie);

impl DeviceCookie {
    fn name(self, headers: &HeaderMap) -> String {
        self.0.name(headers).replacen("session", "device", 1)
    }

    /// Returns what the browser keeps, not verified.
    pub fn value(self, headers: &HeaderMap) -> Option<String> {
        let name = self.name(headers);
        cookies(headers, &name)
            .next()
            .map(|cookie| cookie.value().to_owned())
    }

    /// Returns the `Set-Cookie` value with what the browser is to keep.
    pub fn keep(self, headers: &HeaderMap, value: &str) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(headers), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.0.is_secure)
            .max_age(Duration::days(DAYS));
        let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use crate::origin::{Origin, Origins};

    use super::*;

    #[test]
    fn a_cookie_that_was_set_is_read_back_and_is_not_the_session() {
        for (address, prefix) in [
            ("https://keys.example", "__Host-latchkey_device="),
            ("http://keys.example:3001", "latchkey_device_3001="),
        ] {
            let origins = Origins::one(Origin::of(address).expect("an origin"));
            let session = SessionCookie::new(&origins);
            let cookie = DeviceCookie(session);
            let set = cookie.keep(&HeaderMap::new(), "a-b_c.d");
            let set = set.expect("a header");
            let set = set.to_str().expect("ASCII");
            assert!(set.starts_with(prefix), "{set}");
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"));
            assert!(set.contains("Max-Age=34560000"));
            assert_eq!(set.contains("; Secure"), session.is_secure);
            let pair = set.split(';').next().expect("a pair");
            let request = HeaderValue::from_str(&format!("x=y; {pair}")).expect("a header");
            let headers: HeaderMap = [(COOKIE, request)].into_iter().collect();
            assert_eq!(cookie.value(&headers).as_deref(), Some("a-b_c.d"));
            assert!(session.caller(&headers).is_none());
            assert!(cookie.value(&HeaderMap::new()).is_none());
        }
    }
}
