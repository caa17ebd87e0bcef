//! Errors of the embedded Postgres, with advice.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "Latchkey needs PostgreSQL {} or newer and found none. Install it:\n  \
         Debian, Ubuntu:  apt-get install postgresql\n  \
         Fedora:          dnf install postgresql-server\n  \
         macOS:           brew install postgresql@17\n\
         If it is installed already, set LATCHKEY_PG_BIN to the folder that holds initdb, pg_ctl and postgres. \
         To use a Postgres server instead, set DATABASE_URL.",
        super::programs::OLDEST
    )]
    NotInstalled,

    /// Backups need Postgres's client programs.
    #[error(
        "pg_dump, pg_restore and psql of PostgreSQL {needed} or newer are needed and were not found. Install them \
         (Debian, Ubuntu: apt-get install postgresql-client; Fedora: dnf install postgresql; macOS: brew install libpq), \
         or set LATCHKEY_PG_BIN to the folder that holds them"
    )]
    NoClientPrograms {
        /// The server's major version.
        needed: u32,
    },

    /// The configured folder does not hold Postgres's programs.
    #[error("LATCHKEY_PG_BIN is {}, but {problem}. It must be the folder that holds initdb, pg_ctl and postgres \
             of PostgreSQL {} or newer.", folder.display(), super::programs::OLDEST)]
    BinDir { folder: PathBuf, problem: String },

    /// The cluster was created by another major version.
    #[error(
        "Latchkey's data was created by PostgreSQL {wanted}, but only PostgreSQL {found} was found. Install PostgreSQL \
             {wanted}, or set LATCHKEY_PG_BIN to the folder of its programs, or migrate the data with pg_upgrade."
    )]
    OtherVersion {
        /// The major version it needs.
        wanted: String,
        /// The versions that are there.
        found: String,
    },

    /// Neither `HOME` nor `XDG_DATA_HOME` says where data goes.
    #[error("no home folder for Latchkey's data: set LATCHKEY_DATA_DIR to a folder")]
    NoHome,

    /// Postgres refuses to run as root, and no unprivileged account exists.
    #[error(
        "Postgres refuses to run as root, and there is no account 'postgres' or 'nobody' to run it as: \
             start Latchkey as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,

    /// The account Postgres runs as cannot reach the data folder.
    #[error("Postgres refuses to run as root, so it runs as user id {uid}, which cannot access {}. Set LATCHKEY_DATA_DIR \
             to a folder elsewhere, such as /var/lib/latchkey, or allow access: chmod a+x {}",
            folder.display(), folder.display())]
    Impassable {
        /// The inaccessible folder.
        folder: PathBuf,
        /// The user that Postgres runs as.
        uid: u32,
    },

    /// A folder belongs to an unexpected user.
    #[error("{} belongs to user id {owner}, but must belong to user id {expected}: change its owner, move it \
             away, or set LATCHKEY_DATA_DIR to another folder", folder.display())]
    Owner {
        folder: PathBuf,
        /// User id of the owner.
        owner: u32,
        /// User id that should own it.
        expected: u32,
    },

    /// The cluster's folder holds something else.
    #[error("{} is not a Postgres data folder (it has no PG_VERSION): move it away or restore it from a backup", .0.display())]
    NotACluster(PathBuf),

    /// Another process has held the lock for too long.
    #[error("another process is starting or stopping Postgres and has held {} for too long: look for a hung \
             Latchkey process", .0.display())]
    Busy(PathBuf),

    /// One of Postgres's programs failed.
    #[error("{} failed ({status}):\n{output}", program.display())]
    Program {
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of its output.
        output: String,
    },

    /// Postgres exited during startup.
    #[error("Postgres did not start ({status}). Its log, {}, ends with:\n{output}", log.display())]
    Start {
        /// How it ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The end of its log.
        output: String,
    },

    /// Postgres runs, but does not accept connections in time.
    #[error("Postgres does not accept connections yet: it may still be recovering from a crash. See {}, and try \
             again later.", log.display())]
    Slow {
        /// Its log file.
        log: PathBuf,
    },

    /// Postgres runs, but the connection fails.
    #[error("cannot connect to the embedded Postgres: {0}")]
    Connect(#[from] sqlx::Error),

    /// What may belong to somebody else is not opened.
    #[error("{} is a link or a special file, which Latchkey does not open, because it may have been put there to \
             reach another file: move it away, or put a copy of the file in its place", .0.display())]
    Link(PathBuf),

    /// The user that Postgres runs as has no name, and none could be given to it.
    #[error(
        "user id {0} has no name, which Postgres needs: add the line “latchkey:x:{0}:0::/:/sbin/nologin” to \
             /etc/passwd, run Latchkey as a user with a name, or set DATABASE_URL"
    )]
    NoName(u32),

    /// A file or folder could not be used.
    #[error("{}: {source}{}", path.display(), advice(source))]
    Io {
        /// The file, folder or program.
        path: PathBuf,
        source: io::Error,
    },

    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// What to do about an error of the system.
fn advice(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::PermissionDenied => format!(
            ". Let user id {} read and write it, or set LATCHKEY_DATA_DIR to another folder",
            rustix::process::geteuid().as_raw()
        ),
        Kind::ReadOnlyFilesystem => {
            ". Set LATCHKEY_DATA_DIR to a folder on a disk that can be written to".to_owned()
        }
        Kind::StorageFull | Kind::QuotaExceeded => {
            ". Free some space, or set LATCHKEY_DATA_DIR to a folder on another disk".to_owned()
        }
        Kind::InvalidData => {
            ". It is not a text file: put the right one back from where it was kept".to_owned()
        }
        Kind::NotADirectory | Kind::AlreadyExists => {
            ". Set LATCHKEY_DATA_DIR to a folder".to_owned()
        }
        _ => String::new(),
    }
}

impl Error {
    /// Adds the path to an I/O error.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
