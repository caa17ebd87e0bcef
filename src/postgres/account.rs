//! The operating-system user that runs Postgres: this process's own, or an unprivileged one for root, because Postgres
//! refuses to run as root.

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
    /// This process is root and switches to the user for every child.
    pub(super) switch: bool,
}

impl Account {
    /// This process's own user; for root the owner of the cluster or the data folder, else `postgres`, else `nobody`.
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

    /// A child process that runs as this user and inherits no environment, terminal or working folder.
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

/// Runs `id`, which reads every source of accounts, not only `/etc/passwd`.
fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
