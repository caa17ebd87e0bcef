//! What can go wrong with the embedded Postgres, in words that say what to do.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

/// Why the embedded Postgres is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable Postgres on this machine.
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

    /// The folder that was asked for does not hold Postgres's programs.
    #[error("LATCHKEY_PG_BIN is {}, but {problem}. It must be the folder that holds initdb, pg_ctl and postgres \
             of PostgreSQL {} or newer.", folder.display(), super::programs::OLDEST)]
    BinDir {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// The cluster was made by another major version.
    #[error(
        "Latchkey's data was made by PostgreSQL {wanted}, but only PostgreSQL {found} was found. Install PostgreSQL \
             {wanted}, or set LATCHKEY_PG_BIN to the folder of its programs, or move the data over with pg_upgrade."
    )]
    OtherVersion {
        /// The major version it needs.
        wanted: String,
        /// The versions that are there.
        found: String,
    },

    /// Neither `HOME` nor `XDG_DATA_HOME` says where data goes.
    #[error(
        "no home folder to keep data in: set LATCHKEY_DATA_DIR to a folder for Latchkey's data"
    )]
    NoHome,

    /// Postgres refuses to run as root, and no unprivileged account exists.
    #[error(
        "Postgres refuses to run as root, and there is neither an account 'postgres' nor 'nobody' to run it as: \
             start Latchkey as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,

    /// The account Postgres runs as cannot reach the data folder.
    #[error("Postgres refuses root and so runs with user id {uid}, which may not pass through {}. Set LATCHKEY_DATA_DIR \
             to a folder elsewhere, such as /var/lib/latchkey, or allow passage: chmod a+x {}",
            folder.display(), folder.display())]
    Impassable {
        /// The folder that is closed.
        folder: PathBuf,
        /// Who cannot pass.
        uid: u32,
    },

    /// A folder belongs to an unexpected user.
    #[error("{} belongs to user id {owner}, but must be a folder of user id {expected}: give it to that user, move it \
             away, or set LATCHKEY_DATA_DIR to another folder", folder.display())]
    Owner {
        /// The folder.
        folder: PathBuf,
        /// User id of the owner.
        owner: u32,
        /// User id that should own it.
        expected: u32,
    },

    /// Something is in the cluster's place that is not a cluster.
    #[error("{} is not a Postgres data folder (it has no PG_VERSION): move it away or restore it from a backup", .0.display())]
    NotACluster(PathBuf),

    /// Another process holds a lock for too long.
    #[error("another process is starting or stopping Postgres and has held {} for too long: look for a Latchkey \
             process that hangs", .0.display())]
    Busy(PathBuf),

    /// One of Postgres's programs failed.
    #[error("{} failed ({status}):\n{output}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said.
        output: String,
    },

    /// Postgres ended while it started.
    #[error("Postgres did not start ({status}). Its log, {}, ends with:\n{output}", log.display())]
    Start {
        /// How it ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The end of its log.
        output: String,
    },

    /// Postgres runs, but takes no connections yet.
    #[error("Postgres still takes no connections: it may be recovering from a crash, which goes on. See {}, and try \
             again later.", log.display())]
    Slow {
        /// Its log file.
        log: PathBuf,
    },

    /// Postgres answers, but not as it should.
    #[error("cannot connect to the embedded Postgres: {0}")]
    Connect(#[from] sqlx::Error),

    /// A file or folder could not be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file, folder or program.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// The system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl Error {
    /// Names the file an input or output error is about.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
