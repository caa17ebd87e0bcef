//! How much the server takes from clients, and for how long it waits for them.

use std::time::Duration;

use latchkey_api::client_address::TrustedProxies;

/// The bounds of a server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address.
    pub connections_of_address: usize,
    /// Addresses of proxies, whose connections are those of many visitors.
    pub proxies: TrustedProxies,
    /// Bytes of bodies that are held in all, beyond the first [`UNCOUNTED`] bytes of each.
    pub body_bytes: usize,
    /// Bytes of bodies that are held for one address.
    pub body_bytes_of_address: usize,
    pub deadlines: Deadlines,
}

/// Bytes of a body that are always taken, so that checks of keys are answered whatever others send.
pub const UNCOUNTED: usize = 1024;

/// How long the server waits for a client. [`Self::min_rate`] extends a deadline by what has passed
/// since it began.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// From the connection to its first byte.
    pub first_byte: Duration,
    /// From the first byte of a request's head to its end.
    pub head: Duration,
    /// Until the first bytes of a body; then the minimum rate applies.
    pub body: Duration,
    /// From the head to the end of the body, at whatever rate.
    pub whole_body: Duration,
    /// For the client to take the next part of the answer.
    pub answer: Duration,
    /// The slowest rate of a client, in bytes for each second.
    pub min_rate: u32,
    /// Between two requests on one connection. Longer than proxies keep idle connections, so that
    /// they never send a request on one that is being closed.
    pub idle: Duration,
    /// For a client that does not send or read, once the server is stopping.
    pub stalled_at_stop: Duration,
    /// For requests in progress, once the server is stopping.
    pub stop: Duration,
}

impl Deadlines {
    /// The time that so many bytes take at the slowest rate.
    pub(super) fn time_for(&self, bytes: usize) -> Duration {
        let millis = u64::try_from(bytes)
            .unwrap_or(u64::MAX)
            .saturating_mul(1000);
        Duration::from_millis(millis / u64::from(self.min_rate.max(1)))
    }

    /// How often connections are examined.
    pub(super) fn tick(&self) -> Duration {
        let shortest = [
            self.first_byte,
            self.head,
            self.answer,
            self.idle,
            self.stalled_at_stop,
        ]
        .into_iter()
        .fold(Duration::from_secs(4), Duration::min);
        (shortest / 4).max(Duration::from_millis(5))
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            whole_body: Duration::from_secs(30),
            answer: Duration::from_secs(20),
            min_rate: 1024,
            idle: Duration::from_secs(90),
            stalled_at_stop: Duration::from_secs(2),
            stop: Duration::from_secs(8),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_of_address: 256,
            proxies: TrustedProxies::default(),
            body_bytes: 32 << 20,
            body_bytes_of_address: 4 << 20,
            deadlines: Deadlines::default(),
        }
    }
}
