//! The process `postgres`, from its start until it accepts connections.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    path::PathBuf,
    process::ExitStatus,
};

use rustix::fs::OFlags;
use tokio::process::{Child, Command};

use super::{
    Error,
    account::Account,
    dir::Dir,
    endpoint::Endpoint,
    folder::{self, Folder},
    programs::Programs,
    settings,
    tail::tail,
};

/// The log is rotated at a start if it is bigger than this. Only one old log is kept.
const LOG_BYTES: u64 = 4 * 1024 * 1024;
const TAIL_BYTES: usize = 2000;

/// A `postgres` that was just started. It is killed when this is dropped, unless [`Self::keep`] was
/// called.
///
/// It is started directly rather than with `pg_ctl`, which passes paths to a shell in double
/// quotes. It has its own process group, so Ctrl-C reaches only this program, which then stops it.
#[derive(Debug)]
pub(super) struct Server {
    child: Option<Child>,
    dir: Dir,
    log_start: u64,
}

/// How a `postgres` ended during its start.
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
        let socket_dir = folder.create_socket_dir(account)?;
        let endpoint = Endpoint::in_folder(socket_dir.path().to_owned());
        // Left by a killed Postgres. Only this user can access the folder, and no Postgres of this
        // cluster is running.
        socket_dir.remove_file(&endpoint.socket_name())?;
        socket_dir.remove_file(&format!("{}.lock", endpoint.socket_name()))?;

        let log = folder.log();
        let file = open_log(folder.dir())?;
        let log_start = file.metadata().map_err(Error::at(&log))?.len();
        let copy = file.try_clone().map_err(Error::at(&log))?;

        // Its output goes to a file, not to a pipe, which would end with this process.
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
            dir: folder.dir().clone(),
            log_start,
        })
    }

    /// Returns how it ended, if it has.
    pub(super) fn failure(&mut self) -> Result<Option<Failure>, Error> {
        let Some(child) = &mut self.child else {
            return Ok(None);
        };
        let log = self.dir.join(folder::LOG);
        let Some(status) = child.try_wait().map_err(Error::at(&log))? else {
            return Ok(None);
        };
        let said = match self.dir.open_file(folder::LOG)? {
            Some(file) => read_from(file, self.log_start).map_err(Error::at(&log))?,
            None => Vec::new(),
        };
        Ok(Some(Failure {
            status,
            output: tail(&said, TAIL_BYTES),
        }))
    }

    /// Lets it outlive this process. The runtime still waits for it, so it does not become a
    /// zombie.
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
    /// Whether it failed because of leftovers of another start, which disappear by themselves.
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

fn open_log(dir: &Dir) -> Result<File, Error> {
    let old = dir.open_file(folder::LOG)?;
    let length = old
        .and_then(|file| file.metadata().ok())
        .map(|old| old.len());
    if length.is_some_and(|length| length > LOG_BYTES) {
        dir.rename(folder::LOG, "postgres.log.old")?;
    }
    dir.open_private_file(folder::LOG, OFlags::WRONLY | OFlags::APPEND)
}

fn read_from(mut file: File, start: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}
