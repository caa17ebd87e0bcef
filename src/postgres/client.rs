//! Postgres's client programs: `pg_dump`, `pg_restore` and `psql`.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Error,
    programs::{is_program, major_version, places, say},
};

const NEEDED: [&str; 3] = ["pg_dump", "pg_restore", "psql"];
/// Variables of libpq that would lead elsewhere than the address that is set.
const MISLEADING: [&str; 5] = [
    "PGHOSTADDR",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGTARGETSESSIONATTRS",
];

/// A complete set of the client programs.
#[derive(Clone, Debug)]
pub struct ClientPrograms {
    bin_dir: PathBuf,
}

impl ClientPrograms {
    /// Finds programs in `bin_dir` if it is given, otherwise in the usual places: those of the
    /// server's own version, or else the oldest newer ones, because older ones cannot read its
    /// catalogue. Without a version, the newest.
    ///
    /// # Errors
    /// When there are none.
    pub fn find(
        bin_dir: Option<&Path>,
        search_path: Option<&OsStr>,
        server: Option<u32>,
    ) -> Result<Self, Error> {
        let folders = bin_dir.map_or_else(|| places(search_path), |folder| vec![folder.to_owned()]);
        let found: Vec<(u32, PathBuf)> = folders
            .into_iter()
            .filter_map(|folder| Some((version_in(&folder)?, folder)))
            .collect();
        choose(found, server)
            .map(|bin_dir| Self { bin_dir })
            .ok_or_else(|| Error::NoClientPrograms {
                needed: server.unwrap_or(super::programs::OLDEST),
            })
    }

    /// Returns a command, without the caller's settings that would lead elsewhere than
    /// `environment`.
    pub fn command(&self, program: &str, environment: &[(&'static str, String)]) -> Command {
        let mut command = Command::new(self.bin_dir.join(program));
        for name in MISLEADING {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn version_in(folder: &Path) -> Option<u32> {
    let complete = NEEDED.iter().all(|name| is_program(&folder.join(name)));
    complete
        .then(|| say(&folder.join("pg_dump"), "--version"))
        .flatten()
        .as_deref()
        .and_then(major_version)
}

fn choose(mut found: Vec<(u32, PathBuf)>, server: Option<u32>) -> Option<PathBuf> {
    // Stable: of one version, the first place counts.
    found.sort_by_key(|(version, _)| *version);
    let chosen = match server {
        Some(server) => found.into_iter().find(|(version, _)| *version >= server),
        None => {
            let newest = found.last()?.0;
            found.into_iter().find(|(version, _)| *version == newest)
        }
    };
    chosen.map(|(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_of_the_servers_version_or_newer() {
        let found = || {
            [(17, "/a"), (14, "/b"), (15, "/c"), (15, "/d")]
                .map(|(version, folder)| (version, PathBuf::from(folder)))
                .into()
        };
        for (server, expected) in [
            (Some(15), Some("/c")),
            (Some(16), Some("/a")),
            (Some(18), None),
            (None, Some("/a")),
        ] {
            assert_eq!(choose(found(), server), expected.map(PathBuf::from));
        }
    }
}
