//! The file `wal-mark` of the data folder: how far the cluster's write-ahead log has come. It is outside the
//! cluster, so it does not go back when the cluster's files are replaced by older ones.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::PathBuf,
};

use super::{Error, folder::Folder, private};

/// The file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WalMark(PathBuf);

impl WalMark {
    pub(super) fn of(folder: &Folder) -> Self {
        Self(folder.path().join("wal-mark"))
    }

    /// Returns what was noted last, if anything was.
    ///
    /// # Errors
    /// When the file is there, but cannot be read.
    pub fn read(&self) -> Result<Option<String>, Error> {
        match fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::at(&self.0)(error)),
        }
    }

    /// Notes a position. A crash leaves the previous one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let fresh = self
            .0
            .with_extension(format!("new-{:016x}", getrandom::u64()?));
        let written = self.replace(&fresh, text);
        if written.is_err() {
            fs::remove_file(&fresh).ok();
        }
        written.map_err(Error::at(&self.0))
    }

    fn replace(&self, fresh: &PathBuf, text: &str) -> io::Result<()> {
        let mut file = private::open_file(fresh, OpenOptions::new().write(true).create_new(true))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(fresh, &self.0)?;
        self.0
            .parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}
