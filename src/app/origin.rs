//! Checks that a request comes from a page of the same site.
//!
//! Browsers state where a request comes from (Fetch Metadata, `Origin`, `Referer`), and pages
//! cannot forge it. A request without any of these headers is rejected: pages are always opened in
//! browsers.
//!
//! With a public address, the request must come from that address. Without one, the pages are at
//! whatever address a browser asks for, so the request must come from the address that it asks for,
//! or be marked as same-origin by the browser. That is safe, because a page of another site can
//! choose neither: the browser writes `Host` from the address of the request and `Origin` from the
//! address of the page, and these differ. DNS rebinding makes them agree, but then the browser sees
//! the attacker's own origin and sends only that origin's cookies, never a session of this site.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::host::{is_forwarded_https, requested_host, text};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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

    /// The port, where it is not the scheme's standard port.
    pub fn port(&self) -> Option<u16> {
        self.0.parse::<Uri>().ok()?.port_u16()
    }

    /// Whether a request with these headers comes from a page of this origin.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        let same = |url: &str| Self::of(url).is_some_and(|origin| origin == *self);
        !is_marked_foreign(headers)
            && match text(headers, &header::ORIGIN) {
                Some(origin) => same(origin),
                None => text(headers, &header::REFERER).is_some_and(same),
            }
    }
}

/// The origins under which the pages are served.
#[derive(Debug, Clone)]
pub enum Origins {
    /// The public addresses. The first one is shown to people.
    Public(Vec<Origin>),
    /// No public address is set: the pages are at every address that leads here.
    Requested {
        /// The address to show to people.
        shown: Origin,
    },
}

/// A request that does not come from one of the server's pages.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The origin of the page that sent it, as far as it is known.
    pub from: Option<String>,
    /// The addresses from which it would have been accepted.
    pub served: String,
    /// The browser says that the page belongs to another site. Otherwise the settings or a proxy
    /// may be at fault.
    pub is_certain: bool,
}

impl Origins {
    /// One public address.
    pub fn one(origin: Origin) -> Self {
        Self::Public(vec![origin])
    }

    /// No public address: the pages are shown at the listen address, by a name that can be opened.
    pub fn local(bound: SocketAddr) -> Self {
        let shown = if bound.ip().is_unspecified() {
            format!("http://localhost:{}", bound.port())
        } else {
            format!("http://{bound}")
        };
        Self::Requested {
            shown: Origin::of(&shown).unwrap_or(Origin(shown)),
        }
    }

    /// Checks that a request with these headers comes from one of the server's pages.
    ///
    /// # Errors
    /// What is known of the request otherwise.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Foreign> {
        let is_own = match self {
            Self::Public(origins) => origins.iter().any(|origin| origin.sent(headers)),
            Self::Requested { .. } => is_from_requested(headers),
        };
        if is_own {
            Ok(())
        } else {
            Err(self.foreign(headers))
        }
    }

    fn foreign(&self, headers: &HeaderMap) -> Foreign {
        let requested = requested(headers, "http").map(|origin| origin.0);
        let from = match text(headers, &header::ORIGIN).filter(|origin| *origin != "null") {
            Some(origin) => Origin::of(origin),
            None => text(headers, &header::REFERER).and_then(Origin::of),
        };
        let served = match self {
            Self::Public(origins) => {
                let all: Vec<_> = origins.iter().map(Origin::as_str).collect();
                all.join(", ")
            }
            Self::Requested { shown } => requested.clone().unwrap_or_else(|| shown.0.clone()),
        };
        Foreign {
            from: from
                .map(|origin| origin.0)
                .or(requested)
                .filter(|from| *from != served),
            served,
            is_certain: is_marked_foreign(headers),
        }
    }

    pub fn shown(&self) -> &str {
        match self {
            Self::Public(origins) => origins.first().map_or("", Origin::as_str),
            Self::Requested { shown } => shown.as_str(),
        }
    }

    /// Whether cookies can be `Secure`.
    pub fn is_https(&self) -> bool {
        match self {
            Self::Public(origins) => origins.iter().all(Origin::is_https),
            Self::Requested { .. } => false,
        }
    }

    /// Whether an address without HTTPS keeps cookies to the others from being `Secure`.
    pub fn is_mixed(&self) -> bool {
        match self {
            Self::Public(origins) => origins.iter().any(Origin::is_https) && !self.is_https(),
            Self::Requested { .. } => false,
        }
    }
}

/// Whether a page of the address that this request asks for sent it.
fn is_from_requested(headers: &HeaderMap) -> bool {
    let same = |url: &str| {
        Origin::of(url).is_some_and(|origin| {
            let scheme = if origin.is_https() { "https" } else { "http" };
            // Behind a proxy that says nothing of HTTPS, a page may have been fetched by either.
            (origin.is_https() || !is_forwarded_https(headers))
                && requested(headers, scheme).is_some_and(|requested| requested == origin)
        })
    };
    let is_marked_own = text(headers, &FETCH_SITE) == Some("same-origin");
    !is_marked_foreign(headers)
        && match text(headers, &header::ORIGIN) {
            Some("null") => is_marked_own,
            Some(origin) => same(origin),
            None => is_marked_own || text(headers, &header::REFERER).is_some_and(same),
        }
}

/// The address that the request asks for, with this scheme.
fn requested(headers: &HeaderMap, scheme: &str) -> Option<Origin> {
    let host = requested_host(headers)?;
    Origin::of(&format!("{scheme}://{host}"))
}

/// Whether the browser says that a page of another origin sent the request, or none.
fn is_marked_foreign(headers: &HeaderMap) -> bool {
    text(headers, &FETCH_SITE).is_some_and(|site| site != "same-origin")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Reads headers from `name: value | name: value`.
    fn headers(text: &str) -> HeaderMap {
        text.split(" | ")
            .filter_map(|header| header.split_once(": "))
            .map(|(name, value)| {
                (
                    HeaderName::try_from(name).expect("a name"),
                    HeaderValue::from_str(value).expect("a value"),
                )
            })
            .collect()
    }

    fn public() -> Origins {
        Origins::one(Origin::of("https://keys.example/settings").expect("an origin"))
    }

    fn local() -> Origins {
        Origins::local(([0, 0, 0, 0], 3000).into())
    }

    #[test]
    fn our_own_pages_may_post() {
        for sent in [
            "sec-fetch-site: same-origin | origin: https://keys.example",
            "origin: https://keys.example:443",
            "referer: https://keys.example/sign-in?x",
        ] {
            assert!(public().check(&headers(sent)).is_ok(), "{sent}");
        }
    }

    #[test]
    fn everybody_else_may_not() {
        for sent in [
            "",
            "sec-fetch-site: same-origin",
            "sec-fetch-site: cross-site | origin: https://keys.example",
            "sec-fetch-site: same-site | origin: https://keys.example",
            "sec-fetch-site: none | origin: https://keys.example",
            "origin: https://evil.example",
            "origin: https://keys.example.evil.example",
            "origin: https://evil.example | referer: https://keys.example/",
            "origin: http://keys.example",
            "origin: https://keys.example:8443",
            "origin: https://user@keys.example",
            "origin: null",
            "origin: null | sec-fetch-site: same-origin",
            "origin: ",
            "referer: https://evil.example/?https://keys.example/",
            // The address that is asked for does not count.
            "host: 192.0.2.7 | origin: http://192.0.2.7",
        ] {
            assert!(public().check(&headers(sent)).is_err(), "{sent}");
        }
    }

    #[test]
    fn without_a_public_address_our_own_pages_may_post_from_wherever_they_were_opened() {
        for sent in [
            // The machine's address in its network, a name, a forwarded port.
            "host: 192.168.1.7:3000 | origin: http://192.168.1.7:3000",
            "host: Laptop.Local | origin: http://laptop.local",
            "host: laptop:80 | origin: http://laptop",
            "host: [fd00::7]:3000 | origin: http://[fd00::7]:3000",
            "host: localhost:8080 | origin: http://localhost:8080 | sec-fetch-site: same-origin",
            // Behind a proxy with HTTPS, whether it says so or not.
            "host: keys.example | origin: https://keys.example",
            "host: keys.example | origin: https://keys.example | x-forwarded-proto: https",
            "host: keys.example | origin: https://keys.example | x-forwarded-proto: http",
            "host: keys.example:443 | origin: https://keys.example | forwarded: for=192.0.2.1;proto=https",
            // Behind a proxy that removes the header, and where a policy hides it.
            "host: 127.0.0.1:3000 | sec-fetch-site: same-origin",
            "host: 127.0.0.1:3000 | origin: null | sec-fetch-site: same-origin",
            "host: 192.168.1.7:3000 | referer: http://192.168.1.7:3000/sign-in",
        ] {
            assert!(local().check(&headers(sent)).is_ok(), "{sent}");
        }
    }

    #[test]
    fn without_a_public_address_everybody_else_may_not() {
        for sent in [
            "",
            "host: 192.168.1.7:3000",
            "origin: http://192.168.1.7:3000",
            "host: 192.168.1.7:3000 | origin: https://evil.example",
            "host: 192.168.1.7:3000 | origin: https://evil.example | sec-fetch-site: same-origin",
            "host: 192.168.1.7:3000 | origin: https://evil.example | referer: http://192.168.1.7:3000/",
            "host: 192.168.1.7:3000 | origin: http://192.168.1.7:3001",
            "host: 192.168.1.7:3000 | origin: http://192.168.1.7",
            "host: localhost:3000 | origin: http://127.0.0.1:3000",
            "host: keys.example | origin: http://keys.example.evil.example",
            "host: keys.example | origin: http://user@keys.example",
            "host: keys.example | origin: ",
            "host: keys.example | origin: null",
            "host: keys.example | origin: null | referer: http://keys.example/",
            "host: keys.example | origin: null | sec-fetch-site: cross-site",
            "host: keys.example | sec-fetch-site: none",
            "host: keys.example | origin: http://keys.example | sec-fetch-site: cross-site",
            "host: keys.example | origin: http://keys.example | sec-fetch-site: same-site",
            // A page without HTTPS is not one that was fetched by HTTPS.
            "host: keys.example | origin: http://keys.example | x-forwarded-proto: https",
            "host: keys.example | origin: http://keys.example | forwarded: for=\"[::1]\"; Proto=\"HTTPS\"",
            "host: keys.example/evil.example | origin: http://keys.example",
            "host:  | origin: http://",
            "host: keys.example | host: keys.example | origin: http://keys.example",
        ] {
            assert!(local().check(&headers(sent)).is_err(), "{sent}");
        }
    }

    #[test]
    fn what_is_refused_names_both_addresses() {
        let served = "https://keys.example";
        let (lan, proxied) = ("http://192.168.1.7:3000", "http://127.0.0.1:3000");
        let evil = "https://evil.example";
        for (origins, sent, from, at, is_certain) in [
            (
                public(),
                format!("host: 192.168.1.7:3000 | origin: {lan}"),
                Some(lan),
                served,
                false,
            ),
            (
                public(),
                "host: 192.168.1.7:3000".to_owned(),
                Some(lan),
                served,
                false,
            ),
            (public(), String::new(), None, served, false),
            (
                local(),
                format!("host: 127.0.0.1:3000 | origin: {served} | sec-fetch-site: same-origin"),
                Some(served),
                proxied,
                false,
            ),
            (
                local(),
                format!("host: 127.0.0.1:3000 | origin: {evil} | sec-fetch-site: cross-site"),
                Some(evil),
                proxied,
                true,
            ),
            (
                local(),
                "host: 127.0.0.1:3000".to_owned(),
                None,
                proxied,
                false,
            ),
        ] {
            let foreign = Foreign {
                from: from.map(str::to_owned),
                served: at.to_owned(),
                is_certain,
            };
            assert_eq!(origins.check(&headers(&sent)), Err(foreign), "{sent}");
        }
    }

    #[test]
    fn the_address_that_is_shown_can_be_opened() {
        for (bound, shown) in [
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("0.0.0.0:3000", "http://localhost:3000"),
            ("[::]:3000", "http://localhost:3000"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("192.168.1.7:80", "http://192.168.1.7"),
        ] {
            let bound = bound.parse().expect("an address");
            assert_eq!(Origins::local(bound).shown(), shown);
        }
    }
}
