//! Folders by their descriptors, and files in them that only their owner can access.
//!
//! Root may work in a folder of somebody else, who can replace any name in it by a link to another
//! file of root. So every file is opened relative to the descriptor of its folder, links are not
//! followed, and only what this process has just created changes its owner.

use std::{
    fs::{File, Permissions},
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt, fchown},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, fstat, mkdirat, openat, renameat, statat, unlinkat},
    io::Errno,
    process::geteuid,
};

use super::{Error, account::Account};

/// Bits of a mode that let others than the owner in.
const OTHERS: u32 = 0o077;

/// An open folder.
#[derive(Clone, Debug)]
pub(super) struct Dir {
    path: PathBuf,
    descriptor: Arc<OwnedFd>,
}

impl Dir {
    /// Opens a folder whose path the operator has chosen.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        rustix::fs::open(path, FOLDER, Mode::empty())
            .map(|descriptor| Self::new(path.to_owned(), descriptor))
            .map_err(|error| Error::at(path)(error.into()))
    }

    /// Opens a folder that is not a link.
    pub(super) fn open_itself(path: &Path) -> Result<Self, Error> {
        rustix::fs::open(path, FOLDER | OFlags::NOFOLLOW, Mode::empty())
            .map(|descriptor| Self::new(path.to_owned(), descriptor))
            .map_err(|error| Error::at(path)(error.into()))
    }

    pub(super) fn set_mode(&self, mode: u32) -> Result<(), Error> {
        rustix::fs::fchmod(&self.descriptor, Mode::from_raw_mode(mode))
            .map_err(|error| self.failed(error))
    }

    fn new(path: PathBuf, descriptor: OwnedFd) -> Self {
        Self {
            path,
            descriptor: Arc::new(descriptor),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// User and group.
    pub(super) fn owner(&self) -> Result<(u32, u32), Error> {
        let status = fstat(&self.descriptor).map_err(|error| self.failed(error))?;
        Ok((status.st_uid, status.st_gid))
    }

    fn failed(&self, error: Errno) -> Error {
        Error::at(&self.path)(error.into())
    }

    fn failed_at(&self, name: &str, error: Errno) -> Error {
        let path = self.join(name);
        match error {
            // Of `O_NOFOLLOW`; some systems have an error of their own for it.
            Errno::LOOP | Errno::MLINK => Error::Link(path),
            Errno::NOTDIR if self.is_link(name) => Error::Link(path),
            error => Error::at(&path)(error.into()),
        }
    }

    fn is_link(&self, name: &str) -> bool {
        statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Symlink)
    }

    /// Opens a folder in this one; `None` if there is none.
    ///
    /// A link to a folder on another disk is followed if nobody but root or this user can have
    /// made it.
    pub(super) fn subfolder(&self, name: &str) -> Result<Option<Self>, Error> {
        let flags = if self.is_link(name) && self.is_trusted_link(name)? {
            FOLDER
        } else {
            FOLDER | OFlags::NOFOLLOW
        };
        match openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => Ok(Some(Self::new(self.join(name), descriptor))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.failed_at(name, error)),
        }
    }

    fn is_trusted_link(&self, name: &str) -> Result<bool, Error> {
        let trusted = |uid: u32| uid == 0 || uid == geteuid().as_raw();
        let link = statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| self.failed_at(name, error))?;
        let folder = fstat(&self.descriptor).map_err(|error| self.failed(error))?;
        Ok(trusted(link.st_uid) && trusted(folder.st_uid) && folder.st_mode & 0o022 == 0)
    }

    /// Creates a folder that only `account` can access, or makes sure that an existing one is.
    pub(super) fn create_private_folder(
        &self,
        name: &str,
        account: &Account,
    ) -> Result<Self, Error> {
        // An empty folder of root is what a start that was cut short has left: it is made anew.
        if account.switch
            && statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|status| status.st_uid == 0)
        {
            unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR).ok();
        }
        let is_new = match mkdirat(&self.descriptor, name, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => return Err(self.failed_at(name, error)),
        };
        let descriptor = openat(
            &self.descriptor,
            name,
            FOLDER | OFlags::NOFOLLOW,
            Mode::empty(),
        )
        .map_err(|error| self.failed_at(name, error))?;
        let folder = File::from(descriptor);
        let path = self.join(name);
        if is_new && account.switch {
            fchown(&folder, Some(account.uid), Some(account.gid)).map_err(Error::at(&path))?;
        }
        let owner = folder.metadata().map_err(Error::at(&path))?.uid();
        if owner != account.uid {
            return Err(Error::Owner {
                folder: path,
                owner,
                expected: account.uid,
            });
        }
        close_to_others(&folder, &path, 0o700, is_new).map_err(Error::at(&path))?;
        Ok(Self::new(path, folder.into()))
    }

    /// Closes this folder to everybody but its owner.
    pub(super) fn close_to_others(&self) -> Result<(), Error> {
        let folder = self.descriptor.try_clone().map(File::from);
        folder
            .and_then(|folder| close_to_others(&folder, &self.path, 0o700, false))
            .map_err(Error::at(&self.path))
    }

    /// Gives a new file to the owner of the folder: root may work in the folder of an ordinary user,
    /// who must be able to use the file as well.
    fn give(&self, file: &File, path: &Path) -> Result<(), Error> {
        let (uid, gid) = self.owner()?;
        if uid != 0 && geteuid().is_root() {
            fchown(file, Some(uid), Some(gid)).map_err(Error::at(path))?;
        }
        Ok(())
    }

    /// Opens a file for writing, or creates it readable only by its owner.
    pub(super) fn open_private_file(&self, name: &str, flags: OFlags) -> Result<File, Error> {
        let flags = flags | FILE;
        let create = flags | OFlags::CREATE | OFlags::EXCL;
        let path = self.join(name);
        match openat(&self.descriptor, name, create, Mode::RUSR | Mode::WUSR) {
            Ok(descriptor) => {
                let file = File::from(descriptor);
                self.give(&file, &path)?;
                Ok(file)
            }
            Err(Errno::EXIST) => {
                let descriptor = openat(&self.descriptor, name, flags, Mode::empty())
                    .map_err(|error| self.failed_at(name, error))?;
                let file = File::from(descriptor);
                check_plain(&file, &path)?;
                close_to_others(&file, &path, 0o600, false).map_err(Error::at(&path))?;
                Ok(file)
            }
            Err(error) => Err(self.failed_at(name, error)),
        }
    }

    /// Opens a file for reading; `None` if it does not exist.
    pub(super) fn open_file(&self, name: &str) -> Result<Option<File>, Error> {
        match openat(&self.descriptor, name, FILE | OFlags::RDONLY, Mode::empty()) {
            Ok(descriptor) => {
                let file = File::from(descriptor);
                check_plain(&file, &self.join(name))?;
                Ok(Some(file))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.failed_at(name, error)),
        }
    }

    /// Returns the text of a file; `None` if it does not exist.
    pub(super) fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(mut file) = self.open_file(name)? else {
            return Ok(None);
        };
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(Error::at(&self.join(name)))?;
        Ok(Some(text))
    }

    /// Returns the text of a file that only its owner should be able to read, and makes that so.
    pub(super) fn read_private(&self, name: &str) -> Result<String, Error> {
        let path = self.join(name);
        let Some(mut file) = self.open_file(name)? else {
            return Err(Error::at(&path)(io::ErrorKind::NotFound.into()));
        };
        let mut text = String::new();
        close_to_others(&file, &path, 0o600, false)
            .and_then(|()| file.read_to_string(&mut text))
            .map_err(Error::at(&path))?;
        Ok(text)
    }

    /// Creates a file that only `owner` (otherwise the folder's) can access, or replaces it in one step.
    pub(super) fn replace(
        &self,
        name: &str,
        content: &[u8],
        owner: Option<&Account>,
    ) -> Result<(), Error> {
        let fresh = format!("{name}.new-{:016x}", getrandom::u64()?);
        let written = self.create(&fresh, content, owner);
        let renamed = written.and_then(|()| self.rename(&fresh, name));
        if renamed.is_err() {
            self.remove_file(&fresh).ok();
        }
        renamed
    }

    /// Creates a file that does not exist.
    pub(super) fn create(
        &self,
        name: &str,
        content: &[u8],
        owner: Option<&Account>,
    ) -> Result<(), Error> {
        let path = self.join(name);
        let flags = FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let descriptor = openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| self.failed_at(name, error))?;
        let mut file = File::from(descriptor);
        if owner.is_none() {
            self.give(&file, &path)?;
        }
        let written = file.write_all(content).and_then(|()| {
            if let Some(owner) = owner.filter(|owner| owner.switch) {
                fchown(&file, Some(owner.uid), Some(owner.gid))?;
            }
            file.sync_all()
        });
        written.map_err(Error::at(&path))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        renameat(&self.descriptor, from, &self.descriptor, to)
            .map_err(|error| self.failed_at(to, error))
    }

    /// Gives a file a second name; returns whether the name was free.
    pub(super) fn link(&self, from: &str, to: &str) -> Result<bool, Error> {
        match rustix::fs::linkat(
            &self.descriptor,
            from,
            &self.descriptor,
            to,
            AtFlags::empty(),
        ) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(self.failed_at(to, error)),
        }
    }

    /// Removes a file if it exists; a link itself, not what it refers to.
    pub(super) fn remove_file(&self, name: &str) -> Result<(), Error> {
        match unlinkat(&self.descriptor, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.failed_at(name, error)),
        }
    }

    /// Removes a folder if it is empty.
    pub(super) fn remove_empty_folder(&self, name: &str) {
        unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR).ok();
    }

    /// Makes changes of names survive a crash of the machine.
    pub(super) fn sync(&self) -> Result<(), Error> {
        rustix::fs::fsync(&self.descriptor).map_err(|error| self.failed(error))
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);
/// `NONBLOCK`, because opening a pipe would wait for its other end.
const FILE: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// Refuses what is not a file of this folder alone: a device, a pipe, or a second name of another file.
fn check_plain(file: &File, path: &Path) -> Result<(), Error> {
    let metadata = file.metadata().map_err(Error::at(path))?;
    if metadata.is_file() && metadata.nlink() == 1 {
        Ok(())
    } else {
        Err(Error::Link(path.to_owned()))
    }
}

/// Changes a mode that lets others in, such as Kubernetes sets it for the group of a volume.
fn close_to_others(file: &File, path: &Path, mode: u32, is_new: bool) -> io::Result<()> {
    let metadata = file.metadata()?;
    let found = metadata.mode() & 0o777;
    if found & OTHERS == 0 && !is_new {
        return Ok(());
    }
    match file.set_permissions(Permissions::from_mode(mode)) {
        Ok(()) => {
            if !is_new {
                tracing::warn!(
                    "{}: its mode {found:03o} let others in, so it is {mode:03o} now",
                    path.display()
                );
            }
            Ok(())
        }
        // It belongs to another user, who has let this one in.
        Err(error) if metadata.uid() != geteuid().as_raw() => {
            tracing::warn!(
                "{}: its mode {found:03o} lets others in, and cannot be changed ({error}): chmod {mode:03o} it",
                path.display()
            );
            Ok(())
        }
        Err(error) => Err(error),
    }
}
