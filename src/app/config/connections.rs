//! Settings of connections.

use std::time::Duration;

use latchkey_api::client_address::TrustedProxies;

use crate::http::{Deadlines, Limits, descriptors};

const CONNECTIONS: usize = 4096;
const CONNECTIONS_OF_ADDRESS: usize = 256;
const IDLE_SECONDS: usize = 90;

/// How many connections clients may have, and for how long.
#[derive(clap::Args, Clone)]
pub struct ConnectionSettings {
    /// Connections in all; beyond them the idlest is closed [default: 4096]
    #[arg(long, env = "LATCHKEY_MAX_CONNECTIONS", value_name = "NUMBER", default_value_t = CONNECTIONS, hide_default_value = true, value_parser = number::<CONNECTIONS, 16, 1_000_000>)]
    pub max_connections: usize,
    /// Connections of one address, or of an IPv6 network of 64 bits; beyond them its idlest is closed [default: 256]
    #[arg(long, env = "LATCHKEY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", default_value_t = CONNECTIONS_OF_ADDRESS, hide_default_value = true, value_parser = number::<CONNECTIONS_OF_ADDRESS, 1, 1_000_000>)]
    pub max_connections_per_address: usize,
    /// Seconds after which an idle connection is closed; more than the proxy in front keeps it [default: 90]
    #[arg(long, env = "LATCHKEY_IDLE_TIMEOUT", value_name = "SECONDS", default_value_t = IDLE_SECONDS, hide_default_value = true, value_parser = number::<IDLE_SECONDS, 1, 86_400>)]
    pub idle_timeout: usize,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            max_connections: CONNECTIONS,
            max_connections_per_address: CONNECTIONS_OF_ADDRESS,
            idle_timeout: IDLE_SECONDS,
        }
    }
}

impl ConnectionSettings {
    /// Returns the server's limits, with fewer connections if the process may not have as many file
    /// descriptors.
    pub fn limits(&self, proxies: TrustedProxies) -> Limits {
        let connections = descriptors::for_connections(self.max_connections);
        if connections < self.max_connections {
            tracing::warn!(
                connections,
                "the limit of open files is too low for LATCHKEY_MAX_CONNECTIONS; raise it with ulimit -n or LimitNOFILE"
            );
        }
        let idle = Duration::from_secs(u64::try_from(self.idle_timeout).unwrap_or(u64::MAX));
        Limits {
            connections,
            connections_of_address: self.max_connections_per_address,
            proxies,
            deadlines: Deadlines {
                idle,
                ..Deadlines::default()
            },
            ..Limits::default()
        }
    }
}

/// Parses a number between `MIN` and `MAX`. An empty text is the default.
fn number<const DEFAULT: usize, const MIN: usize, const MAX: usize>(
    text: &str,
) -> Result<usize, String> {
    if text.is_empty() {
        return Ok(DEFAULT);
    }
    text.parse()
        .ok()
        .filter(|number| (MIN..=MAX).contains(number))
        .ok_or_else(|| format!("must be a number from {MIN} to {MAX}"))
}
