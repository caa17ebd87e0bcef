//! The connections, and the [`Store`] that uses them.
//!
//! Each purpose has a lane of its own, so that none keeps the others from being answered. A lane
//! gives every statement a deadline, which is measured here and covers the wait for a connection,
//! the statement and its commit. A connection whose statement ran out of time is closed, never
//! given back.

mod callers;
mod connect;
mod lane;
mod run;
mod settings;
mod statement;
mod to_the_end;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use latchkey_model::caller::Caller;
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;

use self::callers::Bounds;
pub use self::{
    callers::{CallerBusy, CallerKey, Callers, Turn},
    settings::{LaneSettings, PoolSettings},
};
pub(crate) use self::{
    connect::{WATCH_CLIENT, Within, close},
    lane::Lane,
    run::Run,
};
use crate::error::Error;

/// Within this time the database answers that it is there, or counts as away.
const READY: Duration = Duration::from_millis(900);

/// The connections to the database, by purpose. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connections {
    options: ConnectOptions,
    has_sessions: Arc<AtomicBool>,
    checks: Lane,
    requests: Lane,
    lists: Lane,
    background: Lane,
    scan_deadline: Duration,
}

/// How many connections of a lane the servers of one project may have: never all of them, unless there is only one.
fn project_share(connections: usize) -> usize {
    (connections * 3 / 4).max(1)
}

impl Connections {
    /// Connects only when a statement runs.
    pub fn new(options: ConnectOptions, settings: &PoolSettings) -> Self {
        let options = connect::options(options);
        let has_sessions = Arc::new(AtomicBool::new(true));
        let everywhere = Callers::new(settings.statements_per_caller);
        let lane = |lane: LaneSettings, callers: &[&Arc<Callers>], of_project: Option<usize>| {
            Lane::new(
                options.clone(),
                Arc::clone(&has_sessions),
                lane,
                settings,
                Bounds {
                    callers: callers.iter().copied().cloned().collect(),
                    queue: settings.caller_queue,
                    projects: of_project.map(Callers::new),
                },
            )
        };
        // Whoever waits for a list has no place elsewhere meanwhile.
        let of_lists = [&Callers::new(settings.lists_per_caller), &everywhere];
        let share = |lane: LaneSettings| Some(project_share(lane.connections));
        Self {
            checks: lane(settings.checks, &[&everywhere], None),
            requests: lane(settings.requests, &[&everywhere], share(settings.requests)),
            lists: lane(settings.lists, &of_lists, share(settings.lists)),
            background: lane(settings.background, &[], None),
            scan_deadline: settings.scan_deadline,
            options,
            has_sessions,
        }
    }

    pub(crate) const fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// A pooler gives each transaction any of its sessions.
    pub(crate) fn have_no_sessions(&self) {
        self.has_sessions.store(false, Ordering::Release);
    }
}

#[derive(Clone)]
pub struct Store {
    /// The connections of requests; those of checks, of lists and of the background are apart.
    pub(crate) pool: Lane,
    pub(crate) checks: Lane,
    pub(crate) lists: Lane,
    pub(crate) background: Lane,
    scan_deadline: Duration,
}

impl Store {
    pub fn new(connections: Connections) -> Self {
        let Connections {
            checks,
            requests,
            lists,
            background,
            scan_deadline,
            ..
        } = connections;
        Self {
            pool: requests,
            checks,
            lists,
            background,
            scan_deadline,
        }
    }

    /// How long a statement may take that reads whole tables.
    pub const fn scan_deadline(&self) -> Duration {
        self.scan_deadline
    }

    /// Waits for the statements that run, but not for ever.
    pub async fn close(&self) {
        let requests = self.pool.close();
        tokio::join!(
            requests,
            self.checks.close(),
            self.lists.close(),
            self.background.close()
        );
    }

    /// Whether the database answers, within a second.
    pub async fn ping(&self) -> Result<(), Error> {
        let background = self.background.read().within(READY);
        sqlx::query("SELECT 1").execute(background).await?;
        Ok(())
    }

    /// For a statement that only reads, on behalf of a caller.
    pub(crate) fn read(&self, caller: &Caller) -> Run<'_> {
        self.pool.read().on_behalf_of(caller)
    }

    /// For a statement that changes something, on behalf of a caller.
    pub(crate) fn write(&self, caller: &Caller) -> Run<'_> {
        self.pool.write().on_behalf_of(caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_project_never_has_all_connections_unless_there_is_one() {
        for (connections, share) in [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (1000, 750)] {
            assert_eq!(project_share(connections), share);
        }
    }
}
