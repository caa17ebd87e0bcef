//! The addresses at which people open the pages.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::origin::{Origin, Origins};

#[derive(clap::Args, Clone, Default)]
pub struct PublicUrl {
    /// Public address of the pages, such as <https://keys.example.com>; several are separated by commas, and the first is shown [default: every address that leads here]
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", value_name = "URL", value_parser = addresses)]
    pub public_url: Option<Addresses>,
}

/// What the setting names; nothing where it is empty.
#[derive(Debug, Clone, Default)]
pub struct Addresses(Vec<Origin>);

impl PublicUrl {
    /// Returns the origins under which the pages are served.
    pub fn origins(&self, bound: SocketAddr) -> Origins {
        match &self.public_url {
            Some(Addresses(origins)) if !origins.is_empty() => Origins::Public(origins.clone()),
            _ => Origins::local(bound),
        }
    }
}

fn addresses(text: &str) -> Result<Addresses, String> {
    if text.trim().is_empty() {
        return Ok(Addresses::default());
    }
    let origins: Vec<_> = text
        .split(',')
        .map(str::trim)
        .filter(|url| !url.is_empty())
        .map(origin)
        .collect::<Result<_, _>>()?;
    if origins.is_empty() {
        Err(format!(
            "LATCHKEY_PUBLIC_URL: there is no address in “{text}”; {EXAMPLE}"
        ))
    } else {
        Ok(Addresses(origins))
    }
}

const EXAMPLE: &str = "give addresses such as https://keys.example.com, separated by commas";

fn origin(url: &str) -> Result<Origin, String> {
    problem(url)
        .map_or_else(|| Origin::of(url).ok_or("is not an address"), Err)
        .map_err(|problem| format!("LATCHKEY_PUBLIC_URL: {url} {problem}; {EXAMPLE}"))
}

/// Says why an address is not a scheme, a host and a port. Nothing of it is left out or corrected: what was meant is not
/// known.
fn problem(url: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some("does not begin with https:// or http://");
    };
    if !(scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")) {
        return Some("does not begin with https:// or http://");
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['?', '#']) {
        return Some("has a query or a fragment");
    }
    if authority.contains('/') {
        return Some("has a path");
    }
    if authority.contains('@') {
        return Some("has a user");
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let Some((address, port)) = bracketed.split_once(']') else {
                return Some("has a bracket that is not closed");
            };
            if address.parse::<Ipv6Addr>().is_err() {
                return Some("has no IPv6 address in its brackets");
            }
            (None, port)
        }
        None => match authority.find(':') {
            Some(colon) => {
                let (host, port) = authority.split_at(colon);
                (Some(host), port)
            }
            None => (Some(authority), ""),
        },
    };
    let is_port = |port: &str| {
        port.chars().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port != 0)
    };
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return Some("has no port from 1 to 65535 after its host");
    }
    host.and_then(problem_of_host)
}

fn problem_of_host(host: &str) -> Option<&'static str> {
    let is_name = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    if host.is_empty() {
        Some("has no host")
    } else if host.contains('*') {
        Some("has a placeholder, which would let other hosts in: name each host")
    } else if !host.is_ascii() {
        Some("is not in the form that browsers send: write the host with xn--")
    } else if !host.split('.').all(is_name)
        || last.chars().all(|c| c.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err()
    {
        Some("has no valid host")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::*;

    fn origins(url: Option<&str>) -> Result<Origins, String> {
        let settings = PublicUrl {
            public_url: url.map(addresses).transpose()?,
        };
        Ok(settings.origins(([127, 0, 0, 1], 3000).into()))
    }

    fn sent_from(origin: &str) -> HeaderMap {
        let origin = HeaderValue::from_str(origin).expect("a header");
        [(header::ORIGIN, origin)].into_iter().collect()
    }

    #[test]
    fn a_public_address_is_scheme_host_and_port() {
        for unset in [None, Some(""), Some(" ")] {
            let local = origins(unset).expect("origins");
            assert_eq!(local.shown(), "http://127.0.0.1:3000");
            assert!(!local.is_https());
        }
        let public = origins(Some("https://keys.example.com")).expect("origins");
        assert!(public.is_https());
        assert!(public.check(&sent_from("http://localhost:3000")).is_err());
        for (url, shown) in [
            ("https://keys.example.com/", "https://keys.example.com"),
            ("HTTPS://Keys.Example.com:443", "https://keys.example.com"),
            ("http://192.168.1.7:3000", "http://192.168.1.7:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            (
                "https://xn--bcher-kva.example:8443",
                "https://xn--bcher-kva.example:8443",
            ),
            ("http://localhost", "http://localhost"),
            ("https://a_b.example", "https://a_b.example"),
        ] {
            assert_eq!(origins(Some(url)).expect(url).shown(), shown);
        }
    }

    #[test]
    fn an_address_that_would_have_to_be_corrected_is_refused_with_an_example() {
        for url in [
            "keys.example.com",
            "ftp://x",
            "https://keys.example.com/sub",
            "https://keys.example.com//",
            "https://",
            "https:///",
            "https://keys.example.com, x",
            ",",
            " , ",
            "https://a:99999",
            "https://a:0",
            "https://a:",
            "https://a:+1",
            "https://a:1:2",
            "https://:443",
            "https://a?b=1",
            "https://a/?b=1",
            "https://a#b",
            "https://user@a",
            "https://*.example.com",
            "https://*",
            "https://a..b",
            "https://a b",
            "https://a%41",
            "https://1.2.3",
            "https://256.1.1.1",
            "https://b\u{fc}cher.example",
            "http://::1",
            "http://[::1",
            "http://[::1]3000",
            "http://[x]",
        ] {
            let said = origins(Some(url)).expect_err(url);
            assert!(
                said.starts_with("LATCHKEY_PUBLIC_URL: ")
                    && said.contains("https://keys.example.com"),
                "{said}"
            );
        }
    }

    #[test]
    fn there_may_be_several_public_addresses() {
        let both = origins(Some(
            "https://keys.example.com, https://keys.internal:8443,",
        ));
        let both = both.expect("origins");
        assert_eq!(both.shown(), "https://keys.example.com");
        assert!(both.is_https() && !both.is_mixed());
        for own in ["https://keys.example.com", "https://keys.internal:8443"] {
            assert!(both.check(&sent_from(own)).is_ok(), "{own}");
        }
        assert!(both.check(&sent_from("https://keys.internal")).is_err());
        let mixed = origins(Some("https://keys.example.com,http://192.168.1.7:3000"));
        let mixed = mixed.expect("origins");
        assert!(mixed.is_mixed() && !mixed.is_https());
        assert!(mixed.check(&sent_from("http://192.168.1.7:3000")).is_ok());
    }
}
