//! The network address of a client, behind proxies or not.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
pub use ipnet::IpNet;
use latchkey_domain::source::Source;
use tokio::time::Instant;

use crate::ApiState;

/// How often an unreadable header is logged at most.
const LOG_EVERY: Duration = Duration::from_mins(1);
/// How often it is logged at most that nobody is believed. Clients may send the header too.
const HINT_EVERY: Duration = Duration::from_hours(1);
/// Headers in which proxies usually name the client.
const USUAL: [HeaderName; 2] = [
    HeaderName::from_static("x-forwarded-for"),
    header::FORWARDED,
];
/// Characters of an unreadable header in the log.
const LOGGED: usize = 64;

/// Where a request comes from.
pub struct ClientAddress(pub Source);

impl FromRequestParts<ApiState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        Ok(Self(state.proxies.source(parts)))
    }
}

/// The proxies that are believed when they say for whom they ask, and the header in which they say
/// it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    trusted: Option<Arc<Trusted>>,
    hinted: Arc<Occasion>,
}

#[derive(Debug)]
struct Trusted {
    /// Empty where every connection is trusted, one proxy deep.
    networks: Vec<IpNet>,
    header: HeaderName,
    logged: Occasion,
}

/// When something was last logged.
#[derive(Debug, Default)]
struct Occasion(Mutex<Option<Instant>>);

impl Occasion {
    /// Whether it is time to log it again; then it counts as logged.
    fn comes(&self, every: Duration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let comes = last.is_none_or(|at| at.elapsed() >= every);
        if comes {
            *last = Some(Instant::now());
        }
        comes
    }
}

impl TrustedProxies {
    /// With networks, the client is the last address in the header that is not in them, for
    /// connections from them; the header is `x-forwarded-for` unless another is given. With a header
    /// alone, the client is its last address, whoever connects.
    pub fn new(networks: Vec<IpNet>, header: Option<HeaderName>) -> Self {
        let is_set = !networks.is_empty() || header.is_some();
        let trusted = is_set.then(|| {
            Arc::new(Trusted {
                networks,
                header: header.unwrap_or(USUAL[0].clone()),
                logged: Occasion::default(),
            })
        });
        Self {
            trusted,
            hinted: Arc::default(),
        }
    }

    /// Whether connections from the address are those of many clients.
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.trusted.as_ref().is_some_and(|trusted| {
            trusted.networks.is_empty() || trusted.contains(address.to_canonical())
        })
    }

    /// Returns where the request comes from.
    pub fn source(&self, parts: &Parts) -> Source {
        let Some(ConnectInfo(connection)) = parts.extensions.get::<ConnectInfo<SocketAddr>>()
        else {
            // Only tests have no connection.
            return self.source_of(&parts.headers, (Ipv4Addr::UNSPECIFIED, 0).into());
        };
        self.source_of(&parts.headers, *connection)
    }

    fn source_of(&self, headers: &HeaderMap, connection: SocketAddr) -> Source {
        let connected = connection.ip().to_canonical();
        let Some(trusted) = &self.trusted else {
            self.hint(headers, connected);
            return Source::Address(connected);
        };
        if !trusted.networks.is_empty() && !trusted.contains(connected) {
            return Source::Address(connected);
        }
        match trusted.forwarded(headers) {
            Ok(forwarded) => Source::Address(forwarded.unwrap_or(connected)),
            Err(Unreadable(text)) => {
                trusted.log(&text);
                Source::Connection(connection)
            }
        }
    }
}

impl TrustedProxies {
    /// Says that a header is ignored, which makes all visitors behind a proxy count as one.
    fn hint(&self, headers: &HeaderMap, connected: IpAddr) {
        let header = USUAL.into_iter().find(|name| headers.contains_key(name));
        if let Some(header) = header
            && self.hinted.comes(HINT_EVERY)
        {
            tracing::warn!(
                %header,
                %connected,
                "a header names the client's address, but no proxy is trusted, so limits by address count for {connected} \
                 as one visitor; if your proxy connects from there, set LATCHKEY_TRUSTED_PROXIES to it"
            );
        }
    }
}

/// What is in the place of the client's address.
struct Unreadable(String);

impl Trusted {
    fn contains(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The last address that is not a trusted proxy's, or else the first; `None` without a header.
    fn forwarded(&self, headers: &HeaderMap) -> Result<Option<IpAddr>, Unreadable> {
        let mut nearest = None;
        for value in headers.get_all(&self.header).iter().rev() {
            let Ok(value) = value.to_str() else {
                return Err(Unreadable(String::from_utf8_lossy(value.as_bytes()).into()));
            };
            for element in elements_backwards(value) {
                let node = if self.header == header::FORWARDED {
                    forwarded_for(element)
                } else {
                    Some(element)
                };
                let address = node
                    .and_then(address_of)
                    .ok_or_else(|| Unreadable(element.to_owned()))?;
                if self.networks.is_empty() || !self.contains(address) {
                    return Ok(Some(address));
                }
                nearest = Some(address);
            }
        }
        Ok(nearest)
    }

    fn log(&self, text: &str) {
        if !self.logged.comes(LOG_EVERY) {
            return;
        }
        let text: String = text.chars().take(LOGGED).collect();
        tracing::warn!(
            header = %self.header,
            ?text,
            "no client address in the proxy's header; limits by address count for each connection alone"
        );
    }
}

/// The elements of a comma-separated list that are not empty, last first. It is read from the end,
/// because a proxy appends to what the client has sent, in which a quotation mark may be missing.
fn elements_backwards(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let list = rest?;
        let (before, element) = split_last(list, ',');
        rest = before;
        Some(element.trim())
    })
    .filter(|element| !element.is_empty())
}

/// Splits at the last separator that is not in quotation marks.
fn split_last(text: &str, separator: char) -> (Option<&str>, &str) {
    let mut is_quoted = false;
    for (at, character) in text.char_indices().rev() {
        if character == '"' {
            is_quoted = !is_quoted;
        } else if character == separator && !is_quoted {
            return (text.get(..at), text.get(at + 1..).unwrap_or_default());
        }
    }
    (None, text)
}

/// The value of `for` in an element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<&str> {
    let mut rest = Some(element);
    while let Some(pairs) = rest {
        let (before, pair) = split_last(pairs, ';');
        rest = before;
        if let Some((name, value)) = pair.split_once('=')
            && name.trim().eq_ignore_ascii_case("for")
        {
            return Some(value.trim());
        }
    }
    None
}

/// Reads an address with or without quotation marks, brackets and a port. `None` for what is not
/// an address, such as `unknown` and `_hidden` (RFC 7239, section 6).
fn address_of(node: &str) -> Option<IpAddr> {
    let node = match node.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => node,
    };
    let address = if let Some(bracketed) = node.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
            return None;
        }
        // A zone names an interface of the proxy.
        let address = address.split('%').next().unwrap_or_default();
        IpAddr::V6(address.parse::<Ipv6Addr>().ok()?)
    } else {
        let port = |(address, port): (&str, &str)| {
            is_port(port).then(|| address.parse::<Ipv4Addr>().map(IpAddr::V4).ok())?
        };
        node.parse()
            .ok()
            .or_else(|| node.split_once(':').and_then(port))?
    };
    Some(address.to_canonical())
}

/// A number, or an obfuscated port.
fn is_port(text: &str) -> bool {
    let is_hidden = text.strip_prefix('_').is_some_and(|name| !name.is_empty());
    text.parse::<u16>().is_ok() || is_hidden
}

#[cfg(test)]
#[path = "tests/client_address.rs"]
mod tests;
