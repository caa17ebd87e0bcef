//! Starts and stops the cluster, under the start lock.

use std::{path::Path, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Error,
    account::Account,
    endpoint::Endpoint,
    folder::Folder,
    initialize,
    postmaster::{self, Postmaster, Process},
    probe::{self, Probe},
    programs::Programs,
    server::Server,
};

/// How long a start may take, recovery from a crash included.
const START: Duration = Duration::from_mins(2);
/// How long processes that outlive a killed Postgres may take to notice its end.
const REMAINS: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(20);
const STOP_SECONDS: &str = "60";

/// The cluster of a data folder, and what it takes to run it.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    folder: Folder,
    account: Account,
    programs: Programs,
}

impl Cluster {
    pub(super) fn new(folder: Folder, account: Account, programs: Programs) -> Self {
        Self {
            folder,
            account,
            programs,
        }
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn bin_dir(&self) -> &Path {
        self.programs.bin_dir()
    }

    pub(super) async fn make_if_missing(&self) -> Result<(), Error> {
        initialize::cluster_if_missing(&self.folder, &self.account, &self.programs).await
    }

    /// Where Postgres listens, if it is there; it may still be starting, or already stopping.
    pub(super) async fn running(&self) -> Result<Option<Endpoint>, Error> {
        let cluster = self.folder.cluster();
        match Postmaster::read(&cluster)? {
            Some(postmaster) => Ok(postmaster.alive(&cluster, &self.folder.socket_dir()).await),
            None => Ok(None),
        }
    }

    /// Returns when Postgres takes connections, having started it if it was not there.
    pub(super) async fn ensure_running(&self) -> Result<Endpoint, Error> {
        let began = Instant::now();
        let mut started: Option<Server> = None;
        loop {
            match (self.running().await?, &mut started) {
                (Some(endpoint), _) => {
                    if probe::probe(&endpoint).await? == Probe::Ready {
                        started.into_iter().for_each(Server::keep);
                        return Ok(endpoint);
                    }
                }
                (None, None) => started = Some(self.start()?),
                // Started, and about to write who it is or to end.
                (None, Some(server)) => match server.failure()? {
                    Some(failure) if failure.is_held_back() && began.elapsed() < REMAINS => {
                        started = None;
                        sleep(AGAIN).await;
                    }
                    Some(failure) => return Err(failure.into_error(self.folder.log())),
                    None => {}
                },
            }
            if began.elapsed() > START {
                // What recovers must not begin again at every attempt.
                started.into_iter().for_each(Server::keep);
                return Err(Error::Slow {
                    log: self.folder.log(),
                });
            }
            sleep(POLL).await;
        }
    }

    fn start(&self) -> Result<Server, Error> {
        tracing::info!(folder = %self.folder.path().display(), "starting Postgres");
        self.remove_misleading_pid_file()?;
        Server::start(&self.folder, &self.account, &self.programs)
    }

    /// Postgres deals with the pid file of a dead process, but trusts one whose number another process now has.
    fn remove_misleading_pid_file(&self) -> Result<(), Error> {
        let cluster = self.folder.cluster();
        match Postmaster::read(&cluster)? {
            Some(left) if postmaster::process(left.pid, &cluster) == Process::Stranger => {
                tracing::warn!(
                    pid = left.pid,
                    "removing a pid file that Postgres left when it was killed"
                );
                postmaster::remove_file(&postmaster::pid_file(&cluster))
            }
            _ => Ok(()),
        }
    }

    /// Stops Postgres if it runs; open connections are closed, their transactions undone.
    pub(super) async fn stop(&self) -> Result<(), Error> {
        let cluster = self.folder.cluster();
        match Postmaster::read(&cluster)? {
            // Only what surely is Postgres is sent a signal.
            Some(running) if postmaster::process(running.pid, &cluster) == Process::Postmaster => {}
            _ => return Ok(()),
        }
        tracing::info!(folder = %self.folder.path().display(), "stopping Postgres");
        let mut command = self.account.command(&self.programs.path("pg_ctl"));
        command
            .args([
                "stop",
                "--mode=fast",
                "--wait",
                "--silent",
                "--timeout",
                STOP_SECONDS,
            ])
            .arg("-D")
            .arg(&cluster);
        initialize::run(command).await
    }
}
