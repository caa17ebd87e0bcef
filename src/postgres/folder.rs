//! The data folder: its content, its permissions, and the place of the socket.

use std::{
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

use super::{Error, account::Account, data_dir::create_data_dir, dir::Dir};

/// The names of the files and folders in it.
pub(super) const CLUSTER: &str = "postgres";
pub(super) const LOG: &str = "postgres.log";
pub(super) const START_LOCK: &str = "start.lock";
pub(super) const USERS_LOCK: &str = "users.lock";
const SOCKET: &str = "socket";

/// The shortest `sun_path` of any system has 104 bytes; the name of the socket takes 15.
const LONGEST_SOCKET_DIR: usize = 100 - 15;

/// An existing data folder, by its canonical path.
#[derive(Clone, Debug)]
pub(super) struct Folder(Dir);

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        create_data_dir(path)?;
        let path = path.canonicalize().map_err(Error::at(path))?;
        let dir = Dir::open(&path)?;
        // So that initdb can create the cluster. Anything but an empty folder stays.
        dir.remove_empty_folder(CLUSTER);
        Ok(Self(dir))
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.0
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.0.join(CLUSTER)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join(LOG)
    }

    /// The cluster's folder, if it exists.
    pub(super) fn cluster_dir(&self) -> Result<Option<Dir>, Error> {
        self.0.subfolder(CLUSTER)
    }

    pub(super) fn socket_dir(&self) -> PathBuf {
        socket_dir(self.path())
    }

    /// Creates the folder of the socket, which only `account` can access.
    pub(super) fn create_socket_dir(&self, account: &Account) -> Result<Dir, Error> {
        let path = self.socket_dir();
        if path.parent() == Some(self.path()) {
            return self.0.create_private_folder(SOCKET, account);
        }
        let parent = Dir::open(path.parent().unwrap_or(Path::new("/tmp")))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        parent.create_private_folder(&name, account)
    }

    /// The major version that created the cluster; `None` if there is no cluster yet.
    pub(super) fn cluster_version(&self) -> Result<Option<String>, Error> {
        let Some(cluster) = self.cluster_dir()? else {
            return Ok(None);
        };
        match cluster.read("PG_VERSION")? {
            Some(version) => Ok(Some(version.trim().to_owned())),
            None => Err(Error::NotACluster(self.cluster())),
        }
    }

    /// Checks that the user who runs Postgres may traverse the data folder and every folder above
    /// it.
    pub(super) fn check_passable(&self, account: &Account) -> Result<(), Error> {
        if !account.switch {
            return Ok(());
        }
        for folder in self.path().ancestors() {
            let metadata = fs::metadata(folder).map_err(Error::at(folder))?;
            let passage = match (metadata.uid(), metadata.gid()) {
                (uid, _) if uid == account.uid => 0o100,
                (_, gid) if gid == account.gid => 0o010,
                _ => 0o001,
            };
            if metadata.mode() & passage == 0 {
                return Err(Error::Impassable {
                    folder: folder.to_owned(),
                    uid: account.uid,
                });
            }
        }
        Ok(())
    }
}

/// Next to the cluster if the path is short enough for a socket, otherwise in `/tmp` under a name
/// derived from the path.
///
/// Not in `TMPDIR`, which differs between a service, a shell and a cron job that share the folder.
fn socket_dir(data_dir: &Path) -> PathBuf {
    let beside = data_dir.join(SOCKET);
    // libpq takes a comma for the end of a host, and postmaster.pid has one line for the path.
    let speakable = beside
        .to_str()
        .is_some_and(|path| !path.contains([',', '\n']));
    if speakable && beside.as_os_str().len() <= LONGEST_SOCKET_DIR {
        return beside;
    }
    let name = fnv1a(data_dir.as_os_str().as_bytes());
    PathBuf::from(format!("/tmp/latchkey-{name:016x}"))
}

/// FNV-1a: the same in every build and process. It need not be collision-resistant, because the
/// owner of the folder is checked.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_unfit_for_a_socket_has_it_in_tmp_always_under_the_same_name() {
        let long = Path::new("/").join("x".repeat(90));
        assert_eq!(
            socket_dir(&long),
            Path::new("/tmp/latchkey-359b9eba7efa0e3e")
        );
        assert!(socket_dir(Path::new("/data,more")).starts_with("/tmp"));
        assert_eq!(
            socket_dir(Path::new("/var/lib/latchkey")),
            Path::new("/var/lib/latchkey/socket")
        );
    }
}
