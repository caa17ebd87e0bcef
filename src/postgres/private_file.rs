//! Files in the data folder that hold a secret.

use std::path::Path;

use super::{Error, dir::Dir};

/// Returns the text of a file in the data folder that only its owner can read; creates it on first
/// use. Concurrent processes get the same text.
///
/// # Errors
///
/// When the folder or the file cannot be used, or the file is a link.
pub fn read_or_create_private_file(
    data_dir: &Path,
    name: &str,
    content: impl FnOnce() -> String,
) -> Result<String, Error> {
    let dir = Dir::open(data_dir)?;
    if dir.open_file(name)?.is_none() {
        let fresh = format!("{name}.new-{:016x}", getrandom::u64()?);
        dir.create(&fresh, content().as_bytes(), None)?;
        // A second name is refused if another process was first, so a file is never replaced or
        // read half-written.
        let linked = dir.link(&fresh, name);
        dir.remove_file(&fresh)?;
        linked?;
        dir.sync()?;
    }
    dir.read_private(name)
}

/// Returns the content of a private file, or `None` if the file does not exist.
///
/// # Errors
///
/// As [`read_or_create_private_file`].
pub fn read_private_file(data_dir: &Path, name: &str) -> Result<Option<String>, Error> {
    if !data_dir.exists() {
        return Ok(None);
    }
    let dir = Dir::open(data_dir)?;
    if dir.open_file(name)?.is_none() {
        return Ok(None);
    }
    dir.read_private(name).map(Some)
}

/// Replaces such a file in one step, and keeps the former one under the name `kept`.
///
/// # Errors
///
/// As [`read_or_create_private_file`].
pub fn replace_private_file(
    data_dir: &Path,
    name: &str,
    content: &str,
    kept: &str,
) -> Result<(), Error> {
    let dir = Dir::open(data_dir)?;
    dir.remove_file(kept)?;
    dir.link(name, kept)?;
    dir.replace(name, content.as_bytes(), None)?;
    dir.sync()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    #[test]
    fn it_is_created_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            read_or_create_private_file(folder.path(), "secret", || text.to_owned())
                .expect("a file")
        };
        assert_eq!(read("first"), "first");
        assert_eq!(read("second"), "first");
        let path = folder.path().join("secret");
        let mode = || fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).expect("its mode");
        assert_eq!(read("third"), "first");
        assert_eq!(mode(), 0o600, "closed to the group again");
    }

    #[test]
    fn a_link_is_neither_read_nor_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = folder.path().join("other");
        fs::write(&other, "of somebody else").expect("a file");
        fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).expect("its mode");
        symlink(&other, folder.path().join("secret")).expect("a link");
        fs::hard_link(&other, folder.path().join("second name")).expect("a link");
        symlink("nowhere", folder.path().join("dangling")).expect("a link");
        for name in ["secret", "second name", "dangling"] {
            let read = read_or_create_private_file(folder.path(), name, || "new".to_owned());
            assert!(matches!(read, Err(Error::Link(_))), "{name}: {read:?}");
        }
        let mode = fs::metadata(&other).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        assert!(!folder.path().join("nowhere").exists());
    }
}
