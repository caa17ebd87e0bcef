//! A file that appears complete or not at all, readable by its owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use latchkey_domain::random;

use super::Failure;

/// An unfinished file beside its later place. Dropping it removes it.
pub(super) struct NewFile {
    pub(super) file: File,
    unfinished: PathBuf,
    path: PathBuf,
}

impl NewFile {
    /// Creates the unfinished file.
    pub(super) fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        if !force && fs::symlink_metadata(path).is_ok() {
            return Err(exists(path));
        }
        let name = path
            .file_name()
            .ok_or_else(|| format!("{} is not the name of a file", path.display()))?;
        let mut unfinished = name.to_owned();
        unfinished.push(format!(".unfinished-{}", &random::secret_text()[..12]));
        let unfinished = path.with_file_name(unfinished);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self {
            file,
            unfinished,
            path: path.to_owned(),
        })
    }

    /// Where it is until it is finished.
    pub(super) fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Writes everything at once.
    pub(super) fn with(path: &Path, content: &[u8], force: bool) -> Result<Self, Failure> {
        let mut new = Self::create(path, force)?;
        new.file
            .write_all(content)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(new)
    }

    /// Puts the file at its place, where it survives a power failure. Without `force`, a file that
    /// has appeared there in the meantime is kept.
    pub(super) fn finish(self, force: bool) -> Result<(), Failure> {
        self.place(force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => Failure(format!("cannot write {}: {error}", self.path.display())),
        })
    }

    fn place(&self, force: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if force {
            fs::rename(&self.unfinished, &self.path)?;
        } else {
            fs::hard_link(&self.unfinished, &self.path)?;
            fs::remove_file(&self.unfinished)?;
        }
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Gone already if it was finished.
        fs::remove_file(&self.unfinished).ok();
    }
}

fn exists(path: &Path) -> Failure {
    Failure(format!(
        "{} exists already; give another name, or --force to replace it",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_private_complete_and_replaced_only_by_force() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let write = |text: &str, force| {
            NewFile::with(&path, text.as_bytes(), force).and_then(|new| new.finish(force))
        };
        assert!(write("one", false).is_ok());
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(write("two", false).is_err());
        assert_eq!(fs::read_to_string(&path).expect("text"), "one");
        assert!(write("two", true).is_ok());
        assert_eq!(fs::read_to_string(&path).expect("text"), "two");
        drop(NewFile::with(&path, b"half", true));
        assert_eq!(fs::read_to_string(&path).expect("text"), "two");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let new = NewFile::with(&path, b"new", false).map_err(|Failure(text)| text);
        fs::write(&path, "first").expect("a file");
        let finished = new.expect("unfinished").finish(false);
        assert!(finished.is_err_and(|Failure(text)| text.contains("--force")));
        assert_eq!(fs::read_to_string(&path).expect("text"), "first");
    }
}
