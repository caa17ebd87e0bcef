//! Starts and stops the cluster while holding the start lock.

use std::{path::Path, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    Error,
    account::Account,
    authentication::{self, Names},
    endpoint::Endpoint,
    folder::Folder,
    initialize,
    postmaster::{self, PID_FILE, Postmaster, Process},
    probe::{self, Probe},
    programs::Programs,
    remains,
    server::Server,
};

/// Maximum duration of a start, including crash recovery.
const START: Duration = Duration::from_mins(2);
/// Maximum time until processes that outlive a killed Postgres notice its end.
const REMAINS: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(50);
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
    names: Names,
}

impl Cluster {
    /// Gives the account a name first, if it has none.
    pub(super) fn new(
        folder: Folder,
        mut account: Account,
        programs: Programs,
    ) -> Result<Self, Error> {
        let names = authentication::name_users(&folder, &mut account)?;
        Ok(Self {
            folder,
            account,
            programs,
            names,
        })
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

    /// Allows only the users of the program to connect, also to a cluster that was initialized by a
    /// version that allowed everybody who reached the socket.
    pub(super) async fn protect(&self) -> Result<(), Error> {
        let Some(dir) = self.folder.cluster_dir()? else {
            return Ok(());
        };
        dir.close_to_others()?;
        let changed = authentication::write(&dir, &self.account, &self.names)?;
        if changed && self.running_process()?.is_some() {
            self.pg_ctl(&["reload"]).await?;
        }
        Ok(())
    }

    /// Returns where Postgres listens, if it runs. It may still be starting, or already stopping.
    pub(super) async fn running(&self) -> Result<Option<Endpoint>, Error> {
        match self.postmaster()? {
            Some(postmaster) => Ok(postmaster
                .alive(&self.folder.cluster(), &self.folder.socket_dir())
                .await),
            None => Ok(None),
        }
    }

    fn postmaster(&self) -> Result<Option<Postmaster>, Error> {
        match self.folder.cluster_dir()? {
            Some(cluster) => Postmaster::read(&cluster),
            None => Ok(None),
        }
    }

    /// The id of the process, if it is certainly Postgres.
    fn running_process(&self) -> Result<Option<u32>, Error> {
        let pid = self.postmaster()?.map(|postmaster| postmaster.pid);
        Ok(pid
            .filter(|pid| postmaster::process(*pid, &self.folder.cluster()) == Process::Postmaster))
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
                        remains::end(&self.folder.cluster(), self.account.uid);
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
        let Some(cluster) = self.folder.cluster_dir()? else {
            return Ok(());
        };
        match Postmaster::read(&cluster)? {
            Some(left) if postmaster::process(left.pid, cluster.path()) == Process::Stranger => {
                tracing::warn!(
                    pid = left.pid,
                    "removing a pid file that Postgres left when it was killed"
                );
                cluster.remove_file(PID_FILE)
            }
            _ => Ok(()),
        }
    }

    /// Stops Postgres if it runs. Open connections are closed and their transactions rolled back.
    pub(super) async fn stop(&self) -> Result<(), Error> {
        if self.running_process()?.is_none() {
            return Ok(());
        }
        tracing::info!(folder = %self.folder.path().display(), "stopping Postgres");
        self.pg_ctl(&["stop", "--mode=fast", "--wait", "--timeout", STOP_SECONDS])
            .await
    }

    async fn pg_ctl(&self, arguments: &[&str]) -> Result<(), Error> {
        let mut command = self.account.command(&self.programs.path("pg_ctl"));
        command
            .args(arguments)
            .arg("--silent")
            .arg("-D")
            .arg(self.folder.cluster());
        initialize::run(command).await
    }
}
