//! Who runs Postgres: ourselves, or an unprivileged user when we are root, because Postgres refuses root.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use super::{Error, folder::Folder};

/// The user that owns the cluster and runs Postgres's programs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// We are root and become this user for every child.
    pub(super) switch: bool,
}

impl Account {
    /// Ourselves; for root the owner of the cluster or data folder, else `postgres`, else `nobody`.
    pub(super) fn choose(folder: &Folder) -> Result<Self, Error> {
        let account = match id(&["-u"]).ok_or(Error::NoAccount)? {
            0 => Self::for_root(folder)?,
            uid => Self {
                uid,
                gid: id(&["-g"]).ok_or(Error::NoAccount)?,
                switch: false,
            },
        };
        let cluster = folder.cluster();
        match owner(&cluster) {
            Some((owner, _)) if owner != account.uid => Err(Error::Owner {
                folder: cluster,
                owner,
                expected: account.uid,
            }),
            _ => Ok(account),
        }
    }

    fn for_root(folder: &Folder) -> Result<Self, Error> {
        [owner(&folder.cluster()), owner(folder.path())]
            .into_iter()
            .flatten()
            .find(|(uid, _)| *uid != 0)
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .map(|(uid, gid)| Self {
                uid,
                gid,
                switch: true,
            })
            .ok_or(Error::NoAccount)
    }

    /// A child that runs as this user, with nothing of our environment, terminal and working folder.
    ///
    /// Becoming another user also drops root's supplementary groups (std calls `setgroups` before `setuid`).
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// Whether this process is root.
pub(super) fn is_root() -> bool {
    id(&["-u"]) == Some(0)
}

fn named(name: &str) -> Option<(u32, u32)> {
    Some((id(&["-u", name])?, id(&["-g", name])?))
}

fn owner(path: &Path) -> Option<(u32, u32)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.uid(), metadata.gid()))
}

/// Asks `id`, which knows every source of accounts, not only `/etc/passwd`.
fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
