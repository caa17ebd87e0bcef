//! File locks that wait without blocking the async runtime.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{Error, private};

/// Longer than a start or stop can take: only a hung process makes others give up.
const PATIENCE: Duration = Duration::from_secs(150);
const POLL: Duration = Duration::from_millis(20);

/// A lock on a file, released when dropped or when the process ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Waits for the exclusive lock.
    pub(super) async fn exclusive(path: &Path) -> Result<Self, Error> {
        wait(path, File::try_lock).await
    }

    /// Waits for the shared lock.
    pub(super) async fn shared(path: &Path) -> Result<Self, Error> {
        wait(path, File::try_lock_shared).await
    }

    /// Takes the exclusive lock if no other process holds the lock now.
    pub(super) fn try_exclusive(path: &Path) -> Result<Option<Self>, Error> {
        attempt(open(path)?, path, File::try_lock).map(Result::ok)
    }
}

impl Drop for Lock {
    /// Unlocks explicitly: closing the file would not unlock it while a child process that is being
    /// started has a copy.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "a lock file could not be unlocked");
        }
    }
}

async fn wait(path: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Lock, Error> {
    let deadline = Instant::now() + PATIENCE;
    let mut file = open(path)?;
    loop {
        file = match attempt(file, path, lock)? {
            Ok(lock) => return Ok(lock),
            Err(_) if Instant::now() >= deadline => return Err(Error::Busy(path.to_owned())),
            Err(file) => file,
        };
        sleep(POLL).await;
    }
}

/// Returns the file if another process holds the lock.
fn attempt(
    file: File,
    path: &Path,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<Result<Lock, File>, Error> {
    match lock(&file) {
        Ok(()) => Ok(Ok(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(Err(file)),
        Err(TryLockError::Error(source)) => Err(Error::at(path)(source)),
    }
}

fn open(path: &Path) -> Result<File, Error> {
    private::open_file(path, OpenOptions::new().write(true).truncate(false))
        .map_err(Error::at(path))
}
