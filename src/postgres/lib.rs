//! The embedded Postgres: a local cluster that runs while the program runs.
//!
//! [`Embedded::open`] finds Postgres's programs, initializes a cluster in the data folder on first
//! use, starts it on a unix socket, and returns how to connect. Any number of processes may open a
//! data folder at the same time; the last one to close it stops the cluster.
//!
//! There are two lock files. `start.lock` is held exclusively while the cluster is initialized,
//! started or stopped, so these never overlap. `users.lock` is held shared by every process that
//! uses the cluster; a closing process that can then lock it exclusively was the last. The system
//! releases both when a process dies: the next open joins a cluster that is still running, and
//! restarts one that is dead.

mod account;
mod authentication;
mod client;
mod cluster;
mod data_dir;
mod dir;
mod endpoint;
mod error;
mod folder;
mod initialize;
mod lock;
mod postmaster;
mod private_file;
mod probe;
mod programs;
mod remains;
mod server;
mod settings;
mod supervise;
mod tail;
mod wal_mark;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;

use self::{
    account::Account,
    cluster::Cluster,
    endpoint::Endpoint,
    folder::{Folder, START_LOCK, USERS_LOCK},
    lock::Lock,
    programs::Programs,
    supervise::Supervisor,
};
pub use self::{
    client::ClientPrograms,
    data_dir::{create_data_dir, default_data_dir},
    error::Error,
    private_file::{read_or_create_private_file, read_private_file, replace_private_file},
    wal_mark::{LockedWalMark, WalMark},
};

/// The places of the cluster and of Postgres's programs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The data folder (`LATCHKEY_DATA_DIR`), see [`default_data_dir`]. Created if missing.
    pub data_dir: PathBuf,
    /// The folder of `initdb`, `pg_ctl` and `postgres` (`LATCHKEY_PG_BIN`); found automatically if
    /// `None`.
    pub bin_dir: Option<PathBuf>,
    /// The value of `PATH`, one of the places to search.
    pub search_path: Option<OsString>,
}

/// Whether the data folder contains a cluster.
pub fn is_initialized(data_dir: &Path) -> bool {
    data_dir.join("postgres/PG_VERSION").exists()
}

/// A running local Postgres that this process uses.
///
/// Dropping it without [`close`](Self::close) leaves the cluster running; the next open joins it.
#[derive(Debug)]
pub struct Embedded {
    cluster: Cluster,
    endpoint: Endpoint,
    in_use: Lock,
    supervisor: Supervisor,
}

impl Embedded {
    /// Joins the running cluster of the data folder. Starts it, or first initializes it, if
    /// necessary.
    ///
    /// Until it is closed, the cluster is also restarted whenever it dies. A call that is dropped
    /// half-way leaves no half-started Postgres behind.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed, the data folder cannot be used, or Postgres does not start.
    /// The message includes advice.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let folder = Folder::open(&options.data_dir)?;
        let account = Account::choose(&folder)?;
        folder.check_passable(&account)?;

        let starting = Lock::exclusive(folder.dir(), START_LOCK).await?;
        let in_use = Lock::shared(folder.dir(), USERS_LOCK).await?;
        let programs = Programs::find(
            options.bin_dir.as_deref(),
            options.search_path.as_deref(),
            folder.cluster_version()?.as_deref(),
        )?;
        let cluster = Cluster::new(folder, account, programs)?;
        cluster.make_if_missing().await?;
        cluster.protect().await?;
        let endpoint = cluster.ensure_running().await?;
        drop(starting);

        let supervisor = Supervisor::watch(cluster.clone());
        Ok(Self {
            cluster,
            endpoint,
            in_use,
            supervisor,
        })
    }

    /// How to connect: the unix socket, user `latchkey`, database `latchkey`.
    pub fn connect_options(&self) -> PgConnectOptions {
        settings::connect_options(&self.endpoint)
    }

    /// The same as a URL for `psql` and sqlx.
    pub fn database_url(&self) -> String {
        settings::database_url(&self.endpoint)
    }

    /// The folder of the Postgres programs in use, which usually also contains `pg_dump` and
    /// `psql`.
    pub fn bin_dir(&self) -> &Path {
        self.cluster.bin_dir()
    }

    /// Where the position of the write-ahead log is noted.
    pub fn wal_mark(&self) -> WalMark {
        WalMark::of(self.cluster.folder())
    }

    /// Releases the cluster, and stops it if no other process uses it.
    ///
    /// # Errors
    ///
    /// When another process keeps starting or stopping the cluster, or when it does not stop.
    pub async fn close(self) -> Result<(), Error> {
        self.supervisor.stop().await;
        let dir = self.cluster.folder().dir();
        let _stopping = Lock::exclusive(dir, START_LOCK).await?;
        drop(self.in_use);
        if let Some(_alone) = Lock::try_exclusive(dir, USERS_LOCK)? {
            return self.cluster.stop().await;
        }
        tracing::info!("Postgres keeps running: others use it");
        Ok(())
    }
}
