//! The file `wal-mark` of the data folder: how far the cluster's write-ahead log has come. It is outside the
//! cluster, so it does not go back when the cluster's files are replaced by older ones.

use super::{Error, dir::Dir, folder::Folder};

const NAME: &str = "wal-mark";

/// The file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WalMark(Dir);

impl WalMark {
    pub(super) fn of(folder: &Folder) -> Self {
        Self(folder.dir().clone())
    }

    /// Returns what was noted last, if anything was.
    ///
    /// # Errors
    /// When the file is there, but cannot be read.
    pub fn read(&self) -> Result<Option<String>, Error> {
        self.0.read(NAME)
    }

    /// Notes a position. A crash leaves the previous one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        self.0.replace(NAME, text.as_bytes(), None)
    }
}
