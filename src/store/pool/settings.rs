//! Sizes and deadlines of the lanes.

use std::time::Duration;

/// The connections of one lane, and the time that a statement on it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneSettings {
    pub connections: usize,
    /// From the wait for a connection to the last byte of the answer, a retry included.
    pub deadline: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSettings {
    /// Checks of API keys.
    pub checks: LaneSettings,
    /// Pages, the API, and commands.
    pub requests: LaneSettings,
    /// Lists of keys on pages, which may search among many.
    pub lists: LaneSettings,
    /// Last uses, clean-up, and whether the database responds.
    pub background: LaneSettings,
    /// For a statement that reads whole tables, on a connection of its own.
    pub scan_deadline: Duration,
    /// Maximum wait for a connection of a lane in which nothing moves.
    pub queue: Duration,
    /// A connection that was silent for longer is tested before it is used: a firewall on the way may
    /// have forgotten it.
    pub silence: Duration,
    /// A connection this old is replaced, so that its server process frees what it has cached.
    pub lifetime: Duration,
    /// A connection that nobody needed for so long is closed.
    pub idle: Duration,
    /// How often idle connections are tested. Shorter than the memory of common firewalls.
    pub tend: Duration,
    /// Statements that one user or session may have running at once.
    pub statements_per_caller: usize,
    /// Of these, lists of keys. Each may read thousands of rows, which keeps a processor of the database from others.
    pub lists_per_caller: usize,
    /// Maximum wait of a caller who has that many.
    pub caller_queue: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            checks: LaneSettings {
                connections: 8,
                deadline: Duration::from_secs(2),
            },
            requests: LaneSettings {
                connections: 8,
                deadline: Duration::from_secs(5),
            },
            lists: LaneSettings {
                connections: 4,
                deadline: Duration::from_secs(1),
            },
            background: LaneSettings {
                connections: 3,
                deadline: Duration::from_secs(15),
            },
            scan_deadline: Duration::from_mins(10),
            queue: Duration::from_millis(100),
            silence: Duration::from_secs(5),
            lifetime: Duration::from_mins(30),
            idle: Duration::from_mins(10),
            tend: Duration::from_secs(30),
            statements_per_caller: 4,
            lists_per_caller: 1,
            caller_queue: Duration::from_millis(500),
        }
    }
}
