//! Settings from flags and environment variables.

mod connections;
mod database;
mod log;
mod proxies;
mod public_url;
mod scan;
mod secret_place;
mod secrets;
mod started;
mod values;
mod wal_marks;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use latchkey_model::id::ProjectId;
use latchkey_store::{Connections, Unusable};

use latchkey_domain::{Domain, clock::Clock, random, secret::MasterKey};
use latchkey_postgres::{self as postgres, Embedded};

use crate::telemetry;

pub use database::DatabaseSettings;
pub use public_url::PublicUrl;
pub use secret_place::{SecretPlace, WrongSecret};
pub use secrets::{FormerSecrets, Weak};
pub use started::Started;
pub use values::{cannot_listen, without_empty_variables};
pub use wal_marks::WalMarks;

pub use connections::ConnectionSettings;
pub use log::{LogSettings, RequestLogSettings};

/// Where the server listens unless it is told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// The file in the data folder that holds the secret.
const SECRET_FILE: &str = "secret";

/// Settings of every command.
#[derive(clap::Args, Clone)]
pub struct Settings {
    /// Address of a Postgres database, such as <postgres://user:password@host/database>. Without it, Latchkey runs an embedded Postgres in its data folder
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true,
        value_name = "URL"
    )]
    pub database_url: Option<String>,
    /// Folder for the embedded Postgres and the secret [default: /var/lib/latchkey for root, otherwise the user's data folder]
    #[arg(long, env = "LATCHKEY_DATA_DIR", global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Folder of Postgres's programs (initdb, `pg_ctl`, postgres), if they are not found automatically
    #[arg(long, env = "LATCHKEY_PG_BIN", global = true, value_name = "FOLDER")]
    pub pg_bin: Option<PathBuf>,
    /// Secret from which encryption and digest keys are derived; must be the same for all instances on one database [default: generated on first start, in the data folder]
    #[arg(
        long,
        env = "LATCHKEY_SECRET",
        hide_env_values = true,
        global = true,
        value_name = "TEXT"
    )]
    pub secret: Option<String>,
    #[command(flatten)]
    pub former_secrets: FormerSecrets,
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Log filter as tracing directives: error, warn, info, debug, trace, or per module
    #[arg(long, env = "LATCHKEY_LOG", default_value = telemetry::DEFAULT_FILTER, global = true, value_name = "FILTER", value_parser = values::log_filter)]
    pub log: String,
    #[command(flatten)]
    pub log_lines: LogSettings,
}

/// Environment variables that defaults depend on.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub xdg_data_home: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<std::ffi::OsString>,
}

impl Environment {
    /// Reads the environment. The only other reader is clap, for the flags.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn read() -> Self {
        Self {
            home: std::env::var_os("HOME").map(PathBuf::from),
            xdg_data_home: std::env::var_os("XDG_DATA_HOME").map(PathBuf::from),
            path: std::env::var_os("PATH"),
        }
    }
}

/// Settings of `latchkey serve`.
#[derive(clap::Args, Clone)]
pub struct ServeSettings {
    /// Address and port to listen on
    #[arg(
        long,
        env = "LATCHKEY_LISTEN",
        default_value_t = DEFAULT_LISTEN,
        value_name = "ADDRESS:PORT",
        value_parser = values::listen_address
    )]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub public_url: PublicUrl,
    /// Id of the project that users sign in to [default: the oldest]
    #[arg(long, env = "LATCHKEY_PROJECT", value_name = "ID")]
    pub project: Option<ProjectId>,
    #[command(flatten)]
    pub proxies: proxies::ProxySettings,
    #[command(flatten)]
    pub connections: ConnectionSettings,
    #[command(flatten)]
    pub request_log: RequestLogSettings,
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `DATABASE_URL` cannot be read. The value is not repeated: it may contain a password.
    #[error("DATABASE_URL is not an address such as postgres://user:password@host/database: {0}")]
    DatabaseUrl(String),
    /// The embedded Postgres failed.
    #[error(transparent)]
    Postgres(#[from] postgres::Error),
    /// The secret could be guessed.
    #[error(transparent)]
    Secret(#[from] Weak),
    /// The secret is not the database's.
    #[error(transparent)]
    WrongSecret(#[from] WrongSecret),
    /// The data folder's path cannot be made absolute.
    #[error("LATCHKEY_DATA_DIR: {path} is not a path of a folder: {source}")]
    DataDir { path: PathBuf, source: io::Error },
    /// The database cannot be used, or its schema not migrated.
    #[error(transparent)]
    Database(#[from] Unusable),
    #[error(transparent)]
    Domain(#[from] latchkey_domain::Error),
}

impl Settings {
    /// Opens the database, starting the embedded one where no address is set, and migrates its schema.
    ///
    /// # Errors
    /// Why it cannot, and what to do.
    pub async fn start(&self, environment: &Environment) -> Result<Started, StartError> {
        let mut started = self.open(environment).await?;
        let prepared = async {
            latchkey_store::prepare(&started.connections).await?;
            started.compare_files().await?;
            started.keep_secret(self).await
        };
        match prepared.await {
            Ok(()) => Ok(started),
            Err(error) => {
                started.close().await?;
                Err(error)
            }
        }
    }

    /// Whether there is no database yet, so that opening would initialize an embedded one.
    ///
    /// # Errors
    /// When there is no place for one.
    pub fn is_unused(&self, environment: &Environment) -> Result<bool, StartError> {
        Ok(given(self.database_url.as_ref()).is_none()
            && !postgres::is_initialized(&self.data_dir(environment)?))
    }

    /// Opens the database, starting the embedded one where no address is set, and leaves its schema unchanged; a secret
    /// that is missing is not written. Locks it if
    /// the files of the embedded one were replaced by older ones.
    ///
    /// # Errors
    /// Why it cannot, and what to do.
    pub async fn open(&self, environment: &Environment) -> Result<Started, StartError> {
        let (master_key, secret) = self.master_key(environment)?;
        let (options, embedded) = if let Some(url) = given(self.database_url.as_ref()) {
            let options = database::parse_address(url).map_err(StartError::DatabaseUrl)?;
            (options, None)
        } else {
            let embedded = Embedded::open(&postgres::Options {
                data_dir: self.data_dir(environment)?,
                bin_dir: self.pg_bin.clone(),
                search_path: environment.path.clone(),
            })
            .await?;
            (embedded.connect_options(), Some(embedded))
        };
        let connections = Connections::new(options, &self.database.pool());
        let mut started = Started {
            domain: Domain::new(connections.clone(), master_key, Clock::System),
            connections,
            embedded,
            secret,
            files: None,
        };
        match started.compare_files().await {
            Ok(()) => Ok(started),
            Err(error) => {
                started.close().await?;
                Err(error)
            }
        }
    }

    /// Reads the secret, or makes one that is not written yet.
    fn master_key(
        &self,
        environment: &Environment,
    ) -> Result<(MasterKey, SecretPlace), StartError> {
        let given = given(self.secret.as_ref()).filter(|secret| !secret.trim().is_empty());
        if let Some(secret) = given {
            let master_key = self.former_secrets.master_key(secret, "LATCHKEY_SECRET")?;
            return Ok((master_key, SecretPlace::Setting));
        }
        let folder = self.data_dir(environment)?;
        let file = folder.join(SECRET_FILE);
        if let Some(secret) = postgres::read_private_file(&folder, SECRET_FILE)? {
            let master_key = self.former_secrets.master_key(&secret, &place_of(&file))?;
            return Ok((master_key, SecretPlace::File(file)));
        }
        let secret = random::secret_text();
        let master_key = self.former_secrets.master_key(&secret, &place_of(&file))?;
        Ok((master_key, SecretPlace::Unwritten { file, secret }))
    }

    /// The file that holds the secret; `None` where `LATCHKEY_SECRET` is set.
    pub(crate) fn secret_file(
        &self,
        environment: &Environment,
    ) -> Result<Option<PathBuf>, StartError> {
        Ok(match given(self.secret.as_ref()) {
            Some(_) => None,
            None => Some(self.data_dir(environment)?.join(SECRET_FILE)),
        })
    }

    /// Puts a secret into the data folder. Another one that is there is kept as `secret.before-restore`.
    pub(crate) fn install_secret(
        &self,
        environment: &Environment,
        secret: &str,
    ) -> Result<(), StartError> {
        let folder = self.data_dir(environment)?;
        postgres::create_data_dir(&folder)?;
        let present =
            postgres::read_or_create_private_file(&folder, SECRET_FILE, || secret.to_owned())?;
        if present.trim() != secret.trim() {
            postgres::replace_private_file(&folder, SECRET_FILE, secret, "secret.before-restore")?;
        }
        Ok(())
    }

    /// The keys that a text in place of `LATCHKEY_SECRET` stands for, however weak it is.
    pub(crate) fn keys_of(&self, secret: &str) -> MasterKey {
        self.former_secrets
            .master_key(secret, "the secret")
            .unwrap_or_else(|_| MasterKey::new(secret.trim()))
    }

    fn data_dir(&self, environment: &Environment) -> Result<PathBuf, StartError> {
        match &self.data_dir {
            // Postgres changes its working directory, so a relative path would not resolve.
            Some(folder) => std::path::absolute(folder).map_err(|source| StartError::DataDir {
                path: folder.clone(),
                source,
            }),
            None => Ok(postgres::default_data_dir(
                environment.home.as_deref(),
                environment.xdg_data_home.as_deref(),
            )?),
        }
    }
}

fn place_of(file: &Path) -> String {
    format!("the secret in {}", file.display())
}

/// Treats an empty variable as unset.
fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}
