//! Checks that a request comes from a page of the same origin.
//!
//! Browsers state where a request comes from (Fetch Metadata, `Origin`, `Referer`), and pages
//! cannot forge it. A request without any of these headers is rejected: pages are always opened in
//! browsers.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri, header};

/// The scheme, host and port of the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Returns the origin of a URL; `None` if it has no host or is neither HTTP nor HTTPS.
    pub fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))?;
        let standard = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        Some(Self(match authority.port_u16() {
            Some(port) if port != standard => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// Whether cookies to this origin can be `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request with these headers comes from a page of this origin.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        let text = |name| {
            headers
                .get(name)
                .map(|value| value.to_str().unwrap_or_default())
        };
        let same = |url: &str| Self::of(url).is_some_and(|origin| origin == *self);
        let site_agrees = text(header::HeaderName::from_static("sec-fetch-site"))
            .is_none_or(|site| site == "same-origin");
        site_agrees
            && match text(header::ORIGIN) {
                Some(origin) => same(origin),
                None => text(header::REFERER).is_some_and(same),
            }
    }
}

/// The origins under which the pages are served. The first one is shown to people.
#[derive(Debug, Clone)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// One public address.
    pub fn one(origin: Origin) -> Self {
        Self(vec![origin])
    }

    /// The local addresses, where no public address is set: the listen address and, if that is a
    /// loopback or wildcard address, the machine's other names.
    pub fn local(bound: SocketAddr) -> Self {
        let mut origins = vec![format!("http://{bound}")];
        if bound.ip().is_loopback() || bound.ip().is_unspecified() {
            let port = bound.port();
            for host in ["127.0.0.1", "localhost", "[::1]"] {
                origins.push(format!("http://{host}:{port}"));
            }
        }
        Self(
            origins
                .iter()
                .filter_map(|origin| Origin::of(origin))
                .collect(),
        )
    }

    /// Whether a request with these headers comes from one of the server's pages.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        self.0.iter().any(|origin| origin.sent(headers))
    }

    pub fn shown(&self) -> &str {
        self.0.first().map_or("", Origin::as_str)
    }

    /// Whether cookies can be `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.iter().all(Origin::is_https)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn sent(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        Origin::of("https://keys.example/settings")
            .expect("an origin")
            .sent(&headers)
    }

    #[test]
    fn our_own_pages_may_post() {
        assert!(sent(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://keys.example")
        ]));
        assert!(sent(&[("origin", "https://keys.example:443")]));
        assert!(sent(&[("referer", "https://keys.example/sign-in?x")]));
    }

    #[test]
    fn everybody_else_may_not() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://keys.example"),
            ],
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "https://keys.example"),
            ],
            &[
                ("sec-fetch-site", "none"),
                ("origin", "https://keys.example"),
            ],
            &[("origin", "https://evil.example")],
            &[("origin", "https://keys.example.evil.example")],
            &[
                ("origin", "https://evil.example"),
                ("referer", "https://keys.example/"),
            ],
            &[("origin", "http://keys.example")],
            &[("origin", "https://keys.example:8443")],
            &[("origin", "https://user@keys.example")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("referer", "https://evil.example/?https://keys.example/")],
        ] {
            assert!(!sent(headers), "{headers:?}");
        }
    }
}
