//! The process `postgres` from its start until it takes connections.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::ExitStatus,
};

use tokio::process::{Child, Command};

use super::{
    Error, account::Account, endpoint::Endpoint, folder::Folder, postmaster, private,
    programs::Programs, settings, tail::tail,
};

/// The log is put aside when it is bigger than this at a start; only one old log is kept.
const LOG_BYTES: u64 = 4 * 1024 * 1024;
const TAIL_BYTES: usize = 2000;

/// A `postgres` that was just started. It is killed when this is dropped, unless it is kept.
///
/// It is started directly rather than by `pg_ctl`, which hands paths to a shell in double quotes. It runs in a process
/// group of its own, so that Ctrl-C reaches only us, and we stop it when we are done.
#[derive(Debug)]
pub(super) struct Server {
    child: Option<Child>,
    log: PathBuf,
    log_start: u64,
}

/// How a `postgres` ended while it was starting.
#[derive(Debug)]
pub(super) struct Failure {
    status: ExitStatus,
    output: String,
}

impl Server {
    pub(super) fn start(
        folder: &Folder,
        account: &Account,
        programs: &Programs,
    ) -> Result<Self, Error> {
        let socket_dir = folder.socket_dir();
        private::create_folder(&socket_dir, account)?;
        let endpoint = Endpoint::in_folder(socket_dir);
        // Left by a killed Postgres. Nobody else may enter the folder, and ours does not run.
        postmaster::remove_file(&endpoint.socket())?;
        postmaster::remove_file(&endpoint.socket_lock())?;

        let log = folder.log();
        let file = open_log(&log).map_err(Error::at(&log))?;
        let log_start = file.metadata().map_err(Error::at(&log))?.len();
        let copy = file.try_clone().map_err(Error::at(&log))?;

        // A file for its output, never a pipe, which would tie it to our life.
        let program = programs.path("postgres");
        let mut command = account.command(&program);
        command
            .args(settings::arguments(&folder.cluster(), &endpoint.socket_dir))
            .stdout(file)
            .stderr(copy);
        let child = Command::from(command)
            .spawn()
            .map_err(Error::at(&program))?;
        Ok(Self {
            child: Some(child),
            log,
            log_start,
        })
    }

    /// How it ended, if it has.
    pub(super) fn failure(&mut self) -> Result<Option<Failure>, Error> {
        let Some(child) = &mut self.child else {
            return Ok(None);
        };
        let Some(status) = child.try_wait().map_err(Error::at(&self.log))? else {
            return Ok(None);
        };
        let said = read_from(&self.log, self.log_start).map_err(Error::at(&self.log))?;
        Ok(Some(Failure {
            status,
            output: tail(&said, TAIL_BYTES),
        }))
    }

    /// Lets it outlive us. The runtime still waits for it, so that it leaves no zombie.
    pub(super) fn keep(mut self) {
        self.child = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child
            && let Err(error) = child.start_kill()
            && error.kind() != ErrorKind::InvalidInput
        {
            tracing::warn!(%error, "a half-started Postgres could not be stopped");
        }
    }
}

impl Failure {
    /// Whether something of an earlier or other start stood in the way, which goes by itself.
    pub(super) fn is_held_back(&self) -> bool {
        self.output.contains("shared memory block") || self.output.contains("already exists")
    }

    pub(super) fn into_error(self, log: PathBuf) -> Error {
        Error::Start {
            status: self.status,
            log,
            output: self.output,
        }
    }
}

fn open_log(path: &Path) -> std::io::Result<File> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > LOG_BYTES) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    private::open_file(path, OpenOptions::new().append(true))
}

fn read_from(path: &Path, start: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}
