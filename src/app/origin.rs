//! Same origin: a request that changes something must come from our own pages.
//!
//! A browser says where a request comes from (Fetch Metadata; `Origin`; `Referer`) and a page
//! cannot forge it. What says nothing at all is refused: our pages are always opened in browsers.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri, header};

/// The scheme, host and port that people reach the pages by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of a URL; `None` when it has no host or is neither HTTP nor HTTPS.
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

    /// As a browser writes it.
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

/// The origins by which people reach the pages; the first is the one to show.
#[derive(Debug, Clone)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// One public address.
    pub fn one(origin: Origin) -> Self {
        Self(vec![origin])
    }

    /// What a program on this machine is reached by where no public address is set: the address
    /// listened on, and, where that is the machine's own or any, its other names.
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

    /// Whether a request with these headers comes from a page of ours.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        self.0.iter().any(|origin| origin.sent(headers))
    }

    /// The first.
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
