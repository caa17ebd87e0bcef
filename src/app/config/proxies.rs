//! Settings of the proxies in front of the server.

use axum::http::HeaderName;
use latchkey_api::client_address::{IpNet, TrustedProxies};

/// Which proxies are believed when they say for whom they ask.
#[derive(clap::Args, Clone, Default)]
pub struct ProxySettings {
    /// Networks of the proxies in front, such as 10.0.0.0/8, separated by commas; the client is the last address in their header that is not in these networks
    #[arg(
        long,
        env = "LATCHKEY_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<Network>,
    /// Request header in which the proxy passes the client's address, such as x-forwarded-for or forwarded; without trusted networks, set it only behind a proxy that overwrites the header [default: x-forwarded-for where networks are trusted]
    #[arg(long, env = "LATCHKEY_ADDRESS_HEADER", value_name = "NAME", value_parser = address_header)]
    pub address_header: Option<HeaderName>,
}

/// `None` for an empty text: an empty variable counts as unset.
type Network = Option<IpNet>;

impl ProxySettings {
    pub fn trusted(&self) -> TrustedProxies {
        let networks = self.trusted_proxies.iter().copied().flatten().collect();
        TrustedProxies::new(networks, self.address_header.clone())
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<Network, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let network: IpNet = text
        .parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(Into::into))
        .map_err(|_| {
            format!("LATCHKEY_TRUSTED_PROXIES: {text} is not a network such as 10.0.0.0/8")
        })?;
    let least = match network {
        IpNet::V4(_) => SHORTEST_V4,
        IpNet::V6(_) => SHORTEST_V6,
    };
    if network.prefix_len() < least {
        return Err(format!(
            "LATCHKEY_TRUSTED_PROXIES: {text} is so large that visitors are in it, who could then claim any address; name \
             the networks of your proxies alone, such as 10.0.0.0/8"
        ));
    }
    Ok(Some(network))
}

/// The largest private networks: `10.0.0.0/8` and `fc00::/7`.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 7;

/// Headers that browsers and other clients write, or that say something else.
const OTHER_HEADERS: [&str; 26] = [
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "dnt",
    "etag",
    "expect",
    "expires",
    "host",
    "keep-alive",
    "origin",
    "pragma",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-forwarded-proto",
    "x-request-id",
];
const OTHER_BEGINNINGS: [&str; 7] = [
    "accept",
    "access-control-",
    "content-",
    "if-",
    "sec-",
    "x-forwarded-host",
    "x-stack-",
];

fn address_header(text: &str) -> Result<HeaderName, String> {
    let name = text.trim().to_ascii_lowercase();
    let is_other = OTHER_HEADERS.contains(&name.as_str())
        || OTHER_BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning));
    name.parse()
        .ok()
        .filter(|_| !is_other)
        .ok_or_else(|| {
            format!(
                "LATCHKEY_ADDRESS_HEADER: {text} is not a header in which a proxy passes an address, such as \
                 x-forwarded-for, forwarded or x-real-ip"
            )
        })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        proxies: ProxySettings,
    }

    fn trusted(argument: &str) -> Option<TrustedProxies> {
        let program = Program::try_parse_from(["latchkey", "--trusted-proxies", argument]);
        program.ok().map(|program| program.proxies.trusted())
    }

    #[test]
    fn networks_and_addresses_are_trusted() {
        let proxies = trusted("10.0.0.0/8, 192.0.2.7,2001:db8::/32").expect("settings");
        for (address, is_trusted) in [
            ("10.1.2.3", true),
            ("192.0.2.7", true),
            ("::ffff:192.0.2.7", true),
            ("2001:db8::1", true),
            ("192.0.2.8", false),
            ("::1", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(proxies.is_proxy(address), is_trusted, "{address}");
        }
        assert!(trusted("").is_some());
        for wrong in [
            "localhost",
            "10.0.0.0/33",
            "10.0.0/8",
            "0.0.0.0/0",
            "::/0",
            "0.0.0.0/1,128.0.0.0/1",
            "10.0.0.0/8,2000::/3",
        ] {
            assert!(trusted(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_not_looked_for_where_clients_write_something_else() {
        for name in [
            "x-forwarded-for",
            "Forwarded",
            "x-real-ip",
            "cf-connecting-ip",
            "true-client-ip",
        ] {
            assert!(address_header(name).is_ok(), "{name}");
        }
        for name in [
            "host",
            "Cookie",
            "authorization",
            "user-agent",
            "a b",
            "",
            "accept-language",
            "content-length",
        ] {
            let said = address_header(name).expect_err(name);
            assert!(said.contains("x-forwarded-for"), "{said}");
        }
    }
}
