//! Starts and stops the cluster while holding the start lock.

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

/// Maximum duration of a start, including crash recovery.
const START: Duration = Duration::from_mins(2);
/// Maximum time until processes that outlive a killed Postgres notice its end.
const REMAINS: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(20);
/// Within this time the program ends. A Postgres that needs longer, or is frozen, goes on stopping by
/// itself.
const STOP_SECONDS: &str = "5";

/// The cluster of a data folder, and what is needed to run it.
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

    /// Returns where Postgres listens, if it runs. It may still be starting, or already stopping.
    pub(super) async fn running(&self) -> Result<Option<Endpoint>, Error> {
        let cluster = self.folder.cluster();
        match Postmaster::read(&cluster)? {
            Some(postmaster) => Ok(postmaster.alive(&cluster, &self.folder.socket_dir()).await),
            None => Ok(None),
        }
    }

    /// Waits until Postgres accepts connections. Starts it if it is not running.
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
                // Started, and about to write its pid file or to exit.
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
                // Not stopped, so that recovery does not begin again at every attempt.
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

    /// Postgres handles the pid file of a dead process, but not one whose process id now belongs to
    /// another process.
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

    /// Stops Postgres if it runs. Open connections are closed and their transactions rolled back.
    pub(super) async fn stop(&self) -> Result<(), Error> {
        let cluster = self.folder.cluster();
        match Postmaster::read(&cluster)? {
            // A signal is sent only to a process that is certainly Postgres.
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
