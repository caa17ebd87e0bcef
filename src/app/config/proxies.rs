//! Settings of the proxies in front of the server.

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
    #[arg(long, env = "LATCHKEY_ADDRESS_HEADER", value_name = "NAME")]
    pub address_header: Option<axum::http::HeaderName>,
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
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(Into::into))
        .map(Some)
        .map_err(|_| format!("{text} is not a network such as 10.0.0.0/8"))
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
            assert_eq!(proxies.contains(address), is_trusted, "{address}");
        }
        assert!(trusted("").is_some());
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0/8"] {
            assert!(trusted(wrong).is_none(), "{wrong}");
        }
    }
}
