//! File locks that wait without blocking the async runtime.

use std::{
    fs::{File, TryLockError},
    time::Duration,
};

use rustix::fs::OFlags;
use tokio::time::{Instant, sleep};

use super::{Error, dir::Dir};

/// Longer than a start or stop can take: only a hung process makes others give up.
const PATIENCE: Duration = Duration::from_secs(150);
const POLL: Duration = Duration::from_millis(20);

/// A lock on a file, released when dropped or when the process ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Waits for the exclusive lock.
    pub(super) async fn exclusive(dir: &Dir, name: &str) -> Result<Self, Error> {
        wait(dir, name, File::try_lock).await
    }

    /// Waits for the shared lock.
    pub(super) async fn shared(dir: &Dir, name: &str) -> Result<Self, Error> {
        wait(dir, name, File::try_lock_shared).await
    }

    /// Takes the exclusive lock if no other process holds the lock now.
    pub(super) fn try_exclusive(dir: &Dir, name: &str) -> Result<Option<Self>, Error> {
        attempt(open(dir, name)?, dir, name, File::try_lock).map(Result::ok)
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

async fn wait(
    dir: &Dir,
    name: &str,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<Lock, Error> {
    let deadline = Instant::now() + PATIENCE;
    let mut file = open(dir, name)?;
    loop {
        file = match attempt(file, dir, name, lock)? {
            Ok(lock) => return Ok(lock),
            Err(_) if Instant::now() >= deadline => return Err(Error::Busy(dir.join(name))),
            Err(file) => file,
        };
        sleep(POLL).await;
    }
}

/// Returns the file if another process holds the lock.
fn attempt(
    file: File,
    dir: &Dir,
    name: &str,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<Result<Lock, File>, Error> {
    match lock(&file) {
        Ok(()) => Ok(Ok(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(Err(file)),
        Err(TryLockError::Error(source)) => Err(Error::at(&dir.join(name))(source)),
    }
}

fn open(dir: &Dir, name: &str) -> Result<File, Error> {
    dir.open_private_file(name, OFlags::WRONLY)
}
