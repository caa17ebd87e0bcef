//! The embedded default: a local Postgres that comes and goes with the program.
//!
//! [`Embedded::open`] finds Postgres's own programs, initializes a cluster in the data folder on first use, starts it on a
//! unix socket and hands out the way to connect. Any number of processes may open one data folder at a time; the last
//! one to close it stops the cluster.
//!
//! Two files are locked. `start.lock` is held alone while the cluster is made, started or stopped, so that these never
//! happen twice at once. `users.lock` is held shared by everybody who uses the cluster; who closes and can then hold it
//! alone was the last. The system releases both when a process dies, however it dies: a cluster that is left running
//! is joined by the next open, and one that is left dead is started again.

mod account;
mod cluster;
mod data_dir;
mod endpoint;
mod error;
mod folder;
mod initialize;
mod lock;
mod postmaster;
mod private;
mod probe;
mod programs;
mod server;
mod settings;
mod supervise;
mod tail;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;

use self::{
    account::Account, cluster::Cluster, endpoint::Endpoint, folder::Folder, lock::Lock,
    programs::Programs, supervise::Supervisor,
};
pub use self::{
    data_dir::{create_data_dir, default_data_dir},
    error::Error,
};

/// Where the cluster lives and where Postgres's programs may be found.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The data folder (`LATCHKEY_DATA_DIR`), see [`default_data_dir`]. It is made when missing.
    pub data_dir: PathBuf,
    /// The folder of `initdb`, `pg_ctl` and `postgres` (`LATCHKEY_PG_BIN`); searched for when `None`.
    pub bin_dir: Option<PathBuf>,
    /// The value of `PATH`, one of the places that are searched.
    pub search_path: Option<OsString>,
}

/// Whether the data folder holds a cluster.
pub fn is_initialized(data_dir: &Path) -> bool {
    data_dir.join("postgres/PG_VERSION").exists()
}

/// A running local Postgres that this process uses.
///
/// Dropping it without [`close`](Self::close) leaves the cluster running, to be joined by the next open.
#[derive(Debug)]
pub struct Embedded {
    cluster: Cluster,
    endpoint: Endpoint,
    in_use: Lock,
    supervisor: Supervisor,
}

impl Embedded {
    /// Joins the running cluster of the data folder; starts it, or initializes it first, where needed.
    ///
    /// Until it is closed, the cluster is also started again whenever it dies. A call that is dropped half-way leaves
    /// no half-started Postgres behind.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed, the data folder cannot be used, or Postgres does not start; the message says
    /// what to do about it.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let folder = Folder::open(&options.data_dir)?;
        let account = Account::choose(folder.path(), &folder.cluster())?;
        folder.check_passable(&account)?;

        let starting = Lock::exclusive(&folder.start_lock()).await?;
        let in_use = Lock::shared(&folder.users_lock()).await?;
        let programs = Programs::find(
            options.bin_dir.as_deref(),
            options.search_path.as_deref(),
            folder.cluster_version()?.as_deref(),
        )?;
        let cluster = Cluster::new(folder, account, programs);
        cluster.make_if_missing().await?;
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

    /// The same as an URL that `psql` and sqlx understand.
    pub fn database_url(&self) -> String {
        settings::database_url(&self.endpoint)
    }

    /// The folder of the Postgres programs in use, where `pg_dump` and `psql` usually are too.
    pub fn bin_dir(&self) -> &Path {
        self.cluster.bin_dir()
    }

    /// Releases the cluster, and stops it if no other process uses it.
    ///
    /// # Errors
    ///
    /// When another process keeps starting or stopping the cluster, or when it does not stop.
    pub async fn close(self) -> Result<(), Error> {
        self.supervisor.stop().await;
        let folder = self.cluster.folder();
        let _stopping = Lock::exclusive(&folder.start_lock()).await?;
        drop(self.in_use);
        if let Some(_alone) = Lock::try_exclusive(&folder.users_lock())? {
            return self.cluster.stop().await;
        }
        tracing::info!("Postgres keeps running: others use it");
        Ok(())
    }
}
