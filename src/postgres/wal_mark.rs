//! The file `wal-mark` of the data folder: how far the cluster's write-ahead log has come. It is outside the
//! cluster, so it does not go back when the cluster's files are replaced by older ones.

use super::{Error, dir::Dir, folder::Folder, lock::Lock};

const NAME: &str = "wal-mark";
/// Held while positions are compared, so that no process replaces a position by an earlier one.
const LOCK: &str = "wal-mark.lock";

/// The file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WalMark(Dir);

/// The file, while no other process reads or writes it.
#[derive(Debug)]
pub struct LockedWalMark {
    dir: Dir,
    _lock: Lock,
}

impl WalMark {
    pub(super) fn of(folder: &Folder) -> Self {
        Self(folder.dir().clone())
    }

    /// Waits until no other process uses the file.
    ///
    /// # Errors
    /// When the lock file cannot be opened, or is held for too long.
    pub async fn lock(&self) -> Result<LockedWalMark, Error> {
        Ok(LockedWalMark {
            dir: self.0.clone(),
            _lock: Lock::exclusive(&self.0, LOCK).await?,
        })
    }
}

impl LockedWalMark {
    /// Returns what was noted last, if anything was.
    ///
    /// # Errors
    /// When the file is there, but cannot be read.
    pub fn read(&self) -> Result<Option<String>, Error> {
        self.dir.read(NAME)
    }

    /// Notes a position. A crash leaves the previous one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        self.dir.replace(NAME, text.as_bytes(), None)
    }
}
