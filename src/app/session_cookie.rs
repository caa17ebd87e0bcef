//! The session cookie: `HttpOnly`, `SameSite=Lax`, and on HTTPS `Secure` with the `__Host-` prefix.
//!
//! Browsers send a host's cookies to all of its ports, so the name contains the port. Otherwise two
//! servers on one host would end each other's sessions.

use std::borrow::Cow;

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

use crate::{
    host::requested_host,
    origin::{Origin, Origins},
};

/// The name and attributes of the cookie.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    /// Whether the public addresses are HTTPS.
    pub is_secure: bool,
    port: Port,
}

/// The port in the name of the cookie. Standard ports are left out.
#[derive(Debug, Clone, Copy)]
enum Port {
    /// That of the first public address: the same on all instances, whatever they listen on.
    Public(Option<u16>),
    /// That of the address which the browser asks for, also where it is forwarded.
    Requested,
}

impl SessionCookie {
    pub fn new(origins: &Origins) -> Self {
        Self {
            is_secure: origins.is_https(),
            port: match origins {
                Origins::Public(all) => Port::Public(all.first().and_then(Origin::port)),
                Origins::Requested { .. } => Port::Requested,
            },
        }
    }

    /// The name in a request with these headers, and in the response to it.
    pub fn name(self, headers: &HeaderMap) -> Cow<'static, str> {
        let name = if self.is_secure {
            "__Host-latchkey_session"
        } else {
            "latchkey_session"
        };
        let port = match self.port {
            Port::Public(port) => port,
            Port::Requested => requested_host(headers).and_then(|host| host.port_u16()),
        };
        port.map_or(name.into(), |port| format!("{name}_{port}").into())
    }

    /// Returns the caller of a request; `None` without a well-formed cookie.
    ///
    /// If there are several cookies with this name, the first well-formed one counts: browsers send
    /// the most specific one first. A cookie jar would keep the last.
    pub fn caller(self, headers: &HeaderMap) -> Option<Caller> {
        let name = self.name(headers);
        cookies(headers, &name).find_map(|cookie| parse(cookie.value()))
    }

    /// Returns the `Set-Cookie` value that starts a session, in response to a request with these
    /// headers.
    pub fn start(
        self,
        headers: &HeaderMap,
        project: ProjectId,
        token: &SessionToken,
    ) -> Option<HeaderValue> {
        let value = format!("{}.{}", project.uuid().simple(), token.expose());
        self.header(headers, value, Duration::seconds(BROWSER_SECONDS))
    }

    /// Returns the `Set-Cookie` value that ends a session.
    pub fn end(self, headers: &HeaderMap) -> Option<HeaderValue> {
        self.header(headers, String::new(), Duration::ZERO)
    }

    fn header(self, headers: &HeaderMap, value: String, max_age: Duration) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(headers), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_secure)
            .max_age(max_age);
        let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// The cookies of a request with this name.
pub(crate) fn cookies<'a>(
    headers: &'a HeaderMap,
    name: &'a str,
) -> impl Iterator<Item = Cookie<'a>> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(move |cookie| cookie.name() == name)
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
    use axum::http::{HeaderName, header::HOST};

    use super::*;

    fn headers<const N: usize>(headers: [(HeaderName, &str); N]) -> HeaderMap {
        headers
            .into_iter()
            .map(|(name, value)| (name, HeaderValue::from_str(value).expect("a header")))
            .collect()
    }

    fn public(url: &str) -> SessionCookie {
        SessionCookie::new(&Origins::one(Origin::of(url).expect("an origin")))
    }

    fn local() -> SessionCookie {
        SessionCookie::new(&Origins::local(([127, 0, 0, 1], 3000).into()))
    }

    #[test]
    fn a_cookie_that_was_set_is_read_back() {
        let project = ProjectId::new(uuid::Uuid::from_u128(7));
        for (cookie, is_secure) in [
            (public("https://keys.example"), true),
            (public("http://keys.example"), false),
            (local(), false),
        ] {
            let token = SessionToken::generate();
            let set = cookie
                .start(&HeaderMap::new(), project, &token)
                .expect("a header");
            let set = set.to_str().expect("ASCII");
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"));
            assert_eq!(set.contains("; Secure"), is_secure);
            assert_eq!(set.starts_with("__Host-"), is_secure);
            let pair = set.split(';').next().expect("a pair");
            let caller = cookie
                .caller(&headers([(COOKIE, &format!("a=b; {pair}"))]))
                .expect("a caller");
            assert_eq!(caller.project(), project);
            assert!(caller.digest() == Some(token.digest().as_bytes()));
        }
    }

    #[test]
    fn nonsense_is_no_caller() {
        let cookie = local();
        for value in [
            "",
            "latchkey_session",
            "latchkey_session=",
            "latchkey_session=.",
            "latchkey_session=1.2",
        ] {
            assert!(
                cookie.caller(&headers([(COOKIE, value)])).is_none(),
                "{value}"
            );
        }
        assert!(cookie.caller(&HeaderMap::new()).is_none());
    }

    #[test]
    fn each_port_of_a_host_has_a_cookie_of_its_own() {
        for (cookie, host, name) in [
            (local(), "127.0.0.1:3000", "latchkey_session_3000"),
            (local(), "127.0.0.1:3001", "latchkey_session_3001"),
            (local(), "[::1]:8080", "latchkey_session_8080"),
            (local(), "keys.example", "latchkey_session"),
            (local(), "not a host", "latchkey_session"),
            // The port that instances behind a proxy listen on does not count.
            (
                public("https://keys.example"),
                "127.0.0.1:3000",
                "__Host-latchkey_session",
            ),
            (
                public("https://keys.example:8443"),
                "127.0.0.1:3000",
                "__Host-latchkey_session_8443",
            ),
            (
                public("http://keys.example:80"),
                "127.0.0.1:3000",
                "latchkey_session",
            ),
        ] {
            let headers = headers([(HOST, host)]);
            assert_eq!(cookie.name(&headers), name, "{host}");
            let end = cookie.end(&headers).expect("a header");
            let end = end.to_str().expect("ASCII");
            assert!(end.starts_with(&format!("{name}=;")), "{end}");
        }
    }

    #[test]
    fn the_session_of_one_port_is_not_that_of_another() {
        let (project, token) = (
            ProjectId::new(uuid::Uuid::from_u128(7)),
            SessionToken::generate(),
        );
        let sent = local().start(&headers([(HOST, "localhost:3000")]), project, &token);
        let sent = sent.expect("a header");
        let pair = sent.to_str().expect("ASCII").split(';').next();
        let pair = pair.expect("a pair");
        let on = |host| headers([(HOST, host), (COOKIE, pair)]);
        assert!(local().caller(&on("localhost:3000")).is_some());
        assert!(local().caller(&on("localhost:3001")).is_none());
        assert!(local().caller(&on("localhost")).is_none());
    }
}
