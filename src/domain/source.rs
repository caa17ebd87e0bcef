//! Where a request comes from, for limits by address.

use std::net::{IpAddr, SocketAddr};

use latchkey_model::{digest::Digest, id::ProjectId, session::SessionOrigin};

use crate::Domain;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Address(IpAddr),
    /// A connection from a proxy that does not say for whom. It counts for itself alone: otherwise
    /// all visitors behind the proxy would share one counter.
    Connection(SocketAddr),
    /// A server with the project's key, on behalf of somebody. Its address is not counted, because
    /// all of the application's users share it.
    Server,
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl Source {
    /// From where a session begins, with the browser's `User-Agent` header.
    pub(crate) fn origin(self, user_agent: Option<String>) -> SessionOrigin {
        SessionOrigin {
            user_agent: user_agent.and_then(|header| SessionOrigin::user_agent(&header)),
            address: match self {
                Self::Address(address) => Some(address.to_canonical().to_string()),
                Self::Connection(_) | Self::Server => None,
            },
        }
    }

    /// `None` for a server.
    fn network(self) -> Option<String> {
        match self {
            // A customer of an internet provider has a whole /64 of IPv6 addresses (RFC 6177).
            Self::Address(address) => Some(match address.to_canonical() {
                IpAddr::V4(v4) => v4.to_string(),
                IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
            }),
            Self::Connection(connection) => Some(format!("connection {connection}")),
            Self::Server => None,
        }
    }
}

/// What is counted of sign-ins.
pub(crate) const SIGN_IN: &str = "sign-in";

impl Domain {
    /// The counter of what somebody tries from there; `None` for a server.
    pub(crate) fn attempts_of(
        &self,
        source: Source,
        what: &str,
        project: ProjectId,
    ) -> Option<Digest> {
        let network = source.network()?;
        Some(
            self.master_key
                .digest(&[what, &project.to_string(), &network]),
        )
    }

    /// The counters of sign-ins from there that were named with former secrets.
    pub(crate) fn former_sign_ins_of(&self, source: Source, project: ProjectId) -> Vec<Digest> {
        let Some(network) = source.network() else {
            return Vec::new();
        };
        self.master_key
            .digests(&[SIGN_IN, &project.to_string(), &network])
            .skip(1)
            .collect()
    }

    /// The lane in the queue for hashing. An address has one for all projects.
    pub(crate) fn lane_of(&self, source: Source, project: &str) -> Digest {
        match source.network() {
            Some(network) => self.master_key.digest(&["lane", &network]),
            None => self.master_key.digest(&["server lane", project]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Option<String> {
        Source::Address(text.parse().expect("an address")).network()
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_mapped_ipv4_is_ipv4() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        let connection = |port| Source::Connection(([192, 0, 2, 1], port).into()).network();
        assert_ne!(connection(1), connection(2));
        assert_ne!(connection(1), network("192.0.2.1"));
    }
}
