//! The operating-system user that runs Postgres: the user of this process or, for root, an
//! unprivileged one, because Postgres refuses to run as root.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use super::Error;

/// The user that owns the cluster and runs Postgres's programs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether this process is root and has to switch to the user for every child.
    pub(super) switch: bool,
}

impl Account {
    /// The user of this process; for root the owner of the cluster or data folder, or else
    /// `postgres`, or else `nobody`.
    pub(super) fn choose(data_dir: &Path, cluster: &Path) -> Result<Self, Error> {
        let account = match id(&["-u"]).ok_or(Error::NoAccount)? {
            0 => Self::for_root(data_dir, cluster)?,
            uid => Self {
                uid,
                gid: id(&["-g"]).ok_or(Error::NoAccount)?,
                switch: false,
            },
        };
        match owner(cluster) {
            Some((owner, _)) if owner != account.uid => Err(Error::Owner {
                folder: cluster.to_owned(),
                owner,
                expected: account.uid,
            }),
            _ => Ok(account),
        }
    }

    fn for_root(data_dir: &Path, cluster: &Path) -> Result<Self, Error> {
        [owner(cluster), owner(data_dir)]
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

    /// Returns a command that runs as this user, without inheriting environment, terminal or
    /// working directory.
    ///
    /// Switching users also drops root's supplementary groups (std calls `setgroups` before
    /// `setuid`).
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

/// Runs `id`, which knows every source of accounts, not only `/etc/passwd`.
fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
