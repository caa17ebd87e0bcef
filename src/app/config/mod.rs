//! Settings from flags and environment variables.

mod proxies;

use std::{
    fs,
    io::{self, Read, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use latchkey_model::id::ProjectId;
use latchkey_store::ConnectOptions;

use latchkey_domain::{Domain, clock::Clock, random, secret::MasterKey};
use latchkey_postgres::{self as postgres, Embedded};

use crate::{
    origin::{Origin, Origins},
    telemetry,
};

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
    /// Log filter as tracing directives: error, warn, info, debug, trace, or per module
    #[arg(long, env = "LATCHKEY_LOG", default_value = telemetry::DEFAULT_FILTER, global = true, value_name = "FILTER")]
    pub log: String,
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
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: SocketAddr,
    /// Public address of the pages, such as <https://keys.example.com> [default: http:// and the listen address]
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Id of the project that users sign in to [default: the oldest]
    #[arg(long, env = "LATCHKEY_PROJECT", value_name = "ID")]
    pub project: Option<ProjectId>,
    #[command(flatten)]
    pub proxies: proxies::ProxySettings,
}

impl ServeSettings {
    /// Returns the origins under which the pages are served.
    ///
    /// # Errors
    /// A message when the public address is not valid.
    pub fn origins(&self, bound: SocketAddr) -> Result<Origins, String> {
        let Some(url) = given(self.public_url.as_ref()) else {
            return Ok(Origins::local(bound));
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        if !path.is_empty() {
            return Err(format!(
                "LATCHKEY_PUBLIC_URL: {url} has a path; give only scheme, host and port"
            ));
        }
        Origin::of(url).map(Origins::one).ok_or_else(|| {
            format!("LATCHKEY_PUBLIC_URL: {url} is not an address such as https://keys.example.com")
        })
    }
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
    /// The secret's file in the data folder cannot be used.
    #[error("cannot read or create {path}: {source}")]
    Secret { path: PathBuf, source: io::Error },
    /// The schema cannot be migrated.
    #[error(transparent)]
    Domain(#[from] latchkey_domain::Error),
}

/// An open database with the domain on top of it.
pub struct Started {
    pub domain: Domain,
    pub options: ConnectOptions,
    embedded: Option<Embedded>,
}

impl Started {
    /// The embedded Postgres, if it is in use.
    pub const fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }

    /// Closes the connections. The last process to release the embedded Postgres stops it.
    ///
    /// # Errors
    /// When Postgres does not stop.
    pub async fn close(self) -> Result<(), StartError> {
        self.domain.close().await;
        if let Some(embedded) = self.embedded {
            embedded.close().await?;
        }
        Ok(())
    }
}

impl Settings {
    /// Opens the database, starting the embedded one where no address is set, and migrates its schema.
    ///
    /// # Errors
    /// Why it cannot, and what to do.
    pub async fn start(&self, environment: &Environment) -> Result<Started, StartError> {
        let started = self.open(environment).await?;
        if let Err(error) = latchkey_store::migrate(&started.options).await {
            started.close().await?;
            return Err(latchkey_domain::Error::from(error).into());
        }
        Ok(started)
    }

    /// Whether there is no database yet, so that opening would initialize an embedded one.
    ///
    /// # Errors
    /// When there is no place for one.
    pub fn is_unused(&self, environment: &Environment) -> Result<bool, StartError> {
        Ok(given(self.database_url.as_ref()).is_none()
            && !postgres::is_initialized(&self.data_dir(environment)?))
    }

    /// Opens the database, starting the embedded one where no address is set, and leaves its schema unchanged.
    ///
    /// # Errors
    /// Why it cannot, and what to do.
    pub async fn open(&self, environment: &Environment) -> Result<Started, StartError> {
        let seal = if let Some(secret) = given(self.secret.as_ref()) {
            MasterKey::new(secret)
        } else {
            let data_dir = self.data_dir(environment)?;
            postgres::create_data_dir(&data_dir)?;
            let path = data_dir.join("secret");
            let secret = read_or_create_secret(&path)
                .map_err(|source| StartError::Secret { path, source })?;
            MasterKey::new(&secret)
        };
        let (options, embedded) = if let Some(url) = given(self.database_url.as_ref()) {
            let options = url
                .parse::<ConnectOptions>()
                .map_err(|error| StartError::DatabaseUrl(error.to_string()))?;
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
        Ok(Started {
            domain: Domain::new(
                latchkey_store::connect(options.clone()),
                seal,
                Clock::System,
            ),
            options,
            embedded,
        })
    }

    fn data_dir(&self, environment: &Environment) -> Result<PathBuf, StartError> {
        match &self.data_dir {
            // Postgres changes its working directory, so a relative path would not resolve.
            Some(folder) => std::path::absolute(folder).map_err(|source| StartError::Secret {
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

/// Treats an empty variable as unset.
fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

/// Returns the secret in this file; generates it on first use. Concurrent processes get the same secret.
fn read_or_create_secret(path: &Path) -> io::Result<String> {
    let fresh = path.with_extension(format!("new-{}", random::secret_text()));
    if !path.exists() {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(random::secret_text().as_bytes())?;
        file.sync_all()?;
        // A hard link fails if another process was first, so a secret is never replaced or read half-written.
        fs::hard_link(&fresh, path).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })?;
        fs::remove_file(&fresh)?;
    }
    let mut secret = String::new();
    fs::File::open(path)?.read_to_string(&mut secret)?;
    if secret.trim().is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is empty",
        ));
    }
    Ok(secret.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_secret_is_generated_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let first = read_or_create_secret(&path).expect("a secret");
        assert_eq!(read_or_create_secret(&path).expect("a secret"), first);
        assert_eq!(first.len(), 45);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_public_address_is_scheme_host_and_port() {
        let settings = |url: Option<&str>| ServeSettings {
            listen: ([127, 0, 0, 1], 3000).into(),
            public_url: url.map(str::to_owned),
            project: None,
            proxies: proxies::ProxySettings::default(),
        };
        let origins = |url| settings(url).origins(([127, 0, 0, 1], 3000).into());
        let local = origins(None).expect("origins");
        assert_eq!(local.shown(), "http://127.0.0.1:3000");
        assert!(local.sent(&sent_from("http://localhost:3000")));
        assert!(!local.sent(&sent_from("http://localhost:3001")));
        let public = origins(Some("https://keys.example.com")).expect("origins");
        assert!(public.is_https() && !public.sent(&sent_from("http://localhost:3000")));
        assert!(origins(Some("https://keys.example.com/")).is_ok());
        for url in [
            "keys.example.com",
            "ftp://x",
            "https://keys.example.com/sub",
            "https://",
        ] {
            assert!(origins(Some(url)).is_err(), "{url}");
        }
    }

    fn sent_from(origin: &'static str) -> axum::http::HeaderMap {
        let origin = axum::http::HeaderValue::from_static(origin);
        [(axum::http::header::ORIGIN, origin)].into_iter().collect()
    }
}
