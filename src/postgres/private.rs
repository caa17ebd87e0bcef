//! Folders and files that only their owner can access.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown},
    path::Path,
};

use super::{Error, account::Account};

/// Creates a folder that only `account` can access, or checks that an existing one is.
pub(super) fn create_folder(path: &Path, account: &Account) -> Result<(), Error> {
    if let Err(error) = DirBuilder::new().mode(0o700).create(path)
        && error.kind() != ErrorKind::AlreadyExists
    {
        return Err(Error::at(path)(error));
    }
    // Does not follow links: in a shared folder such as /tmp, another user may have created the
    // path first.
    let metadata = fs::symlink_metadata(path).map_err(Error::at(path))?;
    let ours = metadata.uid() == account.uid || (account.switch && metadata.uid() == 0);
    if !metadata.is_dir() || !ours {
        return Err(Error::Owner {
            folder: path.to_owned(),
            owner: metadata.uid(),
            expected: account.uid,
        });
    }
    if account.switch {
        lchown(path, Some(account.uid), Some(account.gid)).map_err(Error::at(path))?;
    }
    set_mode(path, 0o700)
}

/// Opens a file in the data folder, or creates it readable only by its owner.
///
/// Root may work in the folder of an ordinary user, who must be able to use the file as well.
pub(super) fn open_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.create(true).mode(0o600).open(path)?;
    let folder = fs::metadata(path.parent().unwrap_or(path))?;
    if folder.uid() != 0 && file.metadata()?.uid() == 0 {
        fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(file)
}

pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(Error::at(path))
}
