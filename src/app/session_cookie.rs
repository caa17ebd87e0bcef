//! The session cookie: `HttpOnly`, `SameSite=Lax`, and on HTTPS `Secure` with the `__Host-` prefix.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use cookie::{Cookie, SameSite, time::Duration};
use latchkey_domain::secret::SessionToken;
use latchkey_model::{
    caller::Caller,
    digest::Digest,
    id::ProjectId,
    key_text::{BASE32, SECRET_LENGTH},
    session_lifetime::BROWSER_SECONDS,
};

/// The name and attributes of the cookie. They depend on whether the pages are served over HTTPS.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    /// Whether the public address is HTTPS.
    pub secure: bool,
}

impl SessionCookie {
    pub const fn name(self) -> &'static str {
        if self.secure {
            "__Host-latchkey_session"
        } else {
            "latchkey_session"
        }
    }

    /// Returns the caller of a request; `None` without a well-formed cookie.
    ///
    /// If there are several cookies with this name, the first well-formed one counts: browsers send
    /// the most specific one first. A cookie jar would keep the last.
    pub fn caller(self, headers: &HeaderMap) -> Option<Caller> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == self.name())
            .find_map(|cookie| parse(cookie.value()))
    }

    /// Returns the `Set-Cookie` value that starts a session.
    pub fn start(self, project: ProjectId, token: &SessionToken) -> Option<HeaderValue> {
        let value = format!("{}.{}", project.uuid().simple(), token.expose());
        self.header(value, Duration::seconds(BROWSER_SECONDS))
    }

    /// Returns the `Set-Cookie` value that ends a session.
    pub fn end(self) -> Option<HeaderValue> {
        self.header(String::new(), Duration::ZERO)
    }

    fn header(self, value: String, max_age: Duration) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(max_age);
        let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// `<project, 32 hexadecimal digits>.<token, 45 base32 characters>`
fn parse(value: &str) -> Option<Caller> {
    let (project, token) = value.split_once('.')?;
    let well_formed = project.len() == 32
        && token.len() == SECRET_LENGTH
        && token.bytes().all(|b| BASE32.contains(&b));
    Some(Caller::browser(
        project.parse().ok().filter(|_| well_formed)?,
        Digest::of(token),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        [(COOKIE, HeaderValue::from_str(cookie).expect("a header"))]
            .into_iter()
            .collect()
    }

    #[test]
    fn a_cookie_that_was_set_is_read_back() {
        let project = ProjectId::new(uuid::Uuid::from_u128(7));
        for cookie in [
            SessionCookie { secure: true },
            SessionCookie { secure: false },
        ] {
            let token = SessionToken::generate();
            let set = cookie.start(project, &token).expect("a header");
            let set = set.to_str().expect("ASCII");
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"));
            assert_eq!(set.contains("; Secure"), cookie.secure);
            assert_eq!(set.starts_with("__Host-"), cookie.secure);
            let pair = set.split(';').next().expect("a pair");
            let caller = cookie
                .caller(&headers(&format!("a=b; {pair}")))
                .expect("a caller");
            assert_eq!(caller.project(), project);
            assert!(caller.digest() == Some(token.digest().as_bytes()));
        }
    }

    #[test]
    fn nonsense_is_no_caller() {
        let cookie = SessionCookie { secure: false };
        for value in [
            "",
            "latchkey_session",
            "latchkey_session=",
            "latchkey_session=.",
            "latchkey_session=1.2",
        ] {
            assert!(cookie.caller(&headers(value)).is_none(), "{value}");
        }
        assert!(cookie.caller(&HeaderMap::new()).is_none());
    }
}
