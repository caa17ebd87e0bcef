//! The operating-system user that runs Postgres: the user of this process or, for root, an
//! unprivileged one, because Postgres refuses to run as root.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{getegid, geteuid};

use super::{Error, folder::Folder};

/// The user that owns the cluster and runs Postgres's programs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether this process is root and has to switch to the user for every child.
    pub(super) switch: bool,
    /// A library that gives every user id a name; see [`super::names`].
    pub(super) names: Option<PathBuf>,
}

impl Account {
    /// The user of this process; for root the owner of the cluster or data folder, or else
    /// `postgres`, or else `nobody`.
    pub(super) fn choose(folder: &Folder) -> Result<Self, Error> {
        let cluster = folder.cluster_dir()?;
        let cluster_owner = cluster.as_ref().map(super::dir::Dir::owner).transpose()?;
        let uid = geteuid();
        let account = if uid.is_root() {
            Self::for_root(cluster_owner, folder.dir().owner()?)?
        } else {
            Self {
                uid: uid.as_raw(),
                gid: getegid().as_raw(),
                switch: false,
                names: None,
            }
        };
        match cluster_owner {
            Some((owner, _)) if owner != account.uid => Err(Error::Owner {
                folder: folder.cluster(),
                owner,
                expected: account.uid,
            }),
            _ => Ok(account),
        }
    }

    fn for_root(cluster: Option<(u32, u32)>, data_dir: (u32, u32)) -> Result<Self, Error> {
        [cluster, Some(data_dir)]
            .into_iter()
            .flatten()
            .find(|(uid, _)| *uid != 0)
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .map(|(uid, gid)| Self {
                uid,
                gid,
                switch: true,
                names: None,
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
        if let Some(names) = &self.names {
            command.env("LD_PRELOAD", names);
        }
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}

/// Whether this process is root.
pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

fn named(name: &str) -> Option<(u32, u32)> {
    let id = |of: &str| say("id", &[of, name])?.parse().ok();
    Some((id("-u")?, id("-g")?))
}

/// Returns the name of a user id; `None` if it has none, as in a container that was started with
/// an arbitrary one.
pub(super) fn name_of(uid: u32) -> Option<String> {
    let number = uid.to_string();
    let name = if uid == geteuid().as_raw() {
        say("id", &["-un"])
    } else {
        say("id", &["-un", &number]).or_else(|| {
            let entry = say("getent", &["passwd", &number])?;
            entry.split(':').next().map(str::to_owned)
        })
    };
    // Some versions of `id` repeat a number that has no name.
    name.filter(|name| !name.is_empty() && *name != number)
}

/// Asks a program that knows every source of accounts, not only `/etc/passwd`.
fn say(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
