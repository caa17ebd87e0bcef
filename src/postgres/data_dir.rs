//! The default data folder, and its creation.

use std::{
    fs::{self, DirBuilder},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{Error, account, dir::Dir};

/// The data folder when none is set: `/var/lib/latchkey` for root, the user's own data folder otherwise.
///
/// The arguments are the values of `HOME` and `XDG_DATA_HOME`.
///
/// # Errors
///
/// When an ordinary user has no home folder.
pub fn default_data_dir(
    home: Option<&Path>,
    xdg_data_home: Option<&Path>,
) -> Result<PathBuf, Error> {
    if account::is_root() {
        return Ok(PathBuf::from("/var/lib/latchkey"));
    }
    user_data_dir(home, xdg_data_home).ok_or(Error::NoHome)
}

fn user_data_dir(home: Option<&Path>, xdg_data_home: Option<&Path>) -> Option<PathBuf> {
    // The XDG specification says to ignore a relative path.
    if let Some(data) = xdg_data_home.filter(|path| path.is_absolute()) {
        return Some(data.join("latchkey"));
    }
    let data = if cfg!(target_os = "macos") {
        "Library/Application Support/latchkey"
    } else {
        ".local/share/latchkey"
    };
    Some(home.filter(|path| path.is_absolute())?.join(data))
}

/// Creates the data folder if it is missing. An existing one keeps its mode.
///
/// With root, Postgres runs as another user, who must be able to traverse the folder but not to
/// list it.
///
/// # Errors
///
/// When the folder cannot be created.
pub fn create_data_dir(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::at(parent))?;
    }
    let mode = if account::is_root() { 0o711 } else { 0o700 };
    match DirBuilder::new().mode(mode).create(path) {
        // The mode that was asked for is reduced by the umask.
        Ok(()) => Dir::open_itself(path)?.set_mode(mode),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(Error::at(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_xdg_data_home_is_ignored() {
        let home = Path::new("/home/ada");
        let own = user_data_dir(Some(home), Some(Path::new("data")));
        assert!(own.is_some_and(|path| path.starts_with(home)));
        let xdg = user_data_dir(Some(home), Some(Path::new("/data")));
        assert_eq!(xdg.as_deref(), Some(Path::new("/data/latchkey")));
        assert_eq!(user_data_dir(None, None), None);
    }
}
