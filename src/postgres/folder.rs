//! The data folder: its content, its permissions, and the place of the socket.

use std::{
    fs,
    io::ErrorKind,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

use super::{Error, account::Account, data_dir::create_data_dir};

/// The shortest `sun_path` of any system has 104 bytes; the name of the socket takes 15.
const LONGEST_SOCKET_DIR: usize = 100 - 15;

/// An existing data folder, by its canonical path.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        create_data_dir(path)?;
        let folder = path.canonicalize().map(Self).map_err(Error::at(path))?;
        // Removes an empty folder, so that initdb can create the cluster; fails, as intended, on anything else.
        let _ = fs::remove_dir(folder.cluster());
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.0.join("postgres")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("postgres.log")
    }

    pub(super) fn start_lock(&self) -> PathBuf {
        self.0.join("start.lock")
    }

    pub(super) fn users_lock(&self) -> PathBuf {
        self.0.join("users.lock")
    }

    /// Next to the cluster if the path is short enough for a socket, otherwise in `/tmp` under a
    /// name derived from the path.
    ///
    /// Not in `TMPDIR`, which differs between a service, a shell and a cron job that share the folder.
    pub(super) fn socket_dir(&self) -> PathBuf {
        let beside = self.0.join("socket");
        // libpq takes a comma for the end of a host, and postmaster.pid has one line for the path.
        let speakable = beside
            .to_str()
            .is_some_and(|path| !path.contains([',', '\n']));
        if speakable && beside.as_os_str().len() <= LONGEST_SOCKET_DIR {
            return beside;
        }
        let name = fnv1a(self.0.as_os_str().as_bytes());
        PathBuf::from(format!("/tmp/latchkey-{name:016x}"))
    }

    /// The major version that created the cluster; `None` if there is no cluster yet.
    pub(super) fn cluster_version(&self) -> Result<Option<String>, Error> {
        let cluster = self.cluster();
        match fs::read_to_string(cluster.join("PG_VERSION")) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::at(&cluster)(error)),
            Err(_) if cluster.exists() => Err(Error::NotACluster(cluster)),
            Err(_) => Ok(None),
        }
    }

    /// Checks that the user who runs Postgres may traverse the data folder and every folder above
    /// it.
    pub(super) fn check_passable(&self, account: &Account) -> Result<(), Error> {
        if !account.switch {
            return Ok(());
        }
        for folder in self.0.ancestors() {
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
        let long = Folder(PathBuf::from("/").join("x".repeat(90)));
        assert_eq!(
            long.socket_dir(),
            Path::new("/tmp/latchkey-359b9eba7efa0e3e")
        );
        let comma = Folder(PathBuf::from("/data,more"));
        assert!(comma.socket_dir().starts_with("/tmp"));
        let short = Folder(PathBuf::from("/var/lib/latchkey"));
        assert_eq!(short.socket_dir(), Path::new("/var/lib/latchkey/socket"));
    }
}
