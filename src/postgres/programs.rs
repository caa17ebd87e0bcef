//! Finds `initdb`, `pg_ctl` and `postgres`.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Error;

/// The oldest supported major version.
pub(super) const OLDEST: u32 = 14;

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where packages install versions: a folder, and the prefix of a version's folder in it.
const PACKAGES: [(&str, &str); 5] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql"),
    ("/usr/local/opt", "postgresql"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

/// A complete set of Postgres's programs.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    bin_dir: PathBuf,
    version: u32,
}

impl Programs {
    /// Finds suitable programs: in `bin_dir` if it is given, otherwise in the usual places.
    pub(super) fn find(
        bin_dir: Option<&Path>,
        search_path: Option<&OsStr>,
        cluster_version: Option<&str>,
    ) -> Result<Self, Error> {
        let found = match bin_dir {
            Some(bin_dir) => vec![Self::at_asked(bin_dir)?],
            None => places(search_path)
                .into_iter()
                .filter_map(|bin_dir| Self::at(bin_dir).ok())
                .filter(|programs| programs.version >= OLDEST)
                .collect(),
        };
        choose(found, cluster_version)
    }

    pub(super) fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    pub(super) fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.bin_dir.join(program)
    }

    fn at_asked(folder: &Path) -> Result<Self, Error> {
        let asked = std::path::absolute(folder).map_err(Error::at(folder))?;
        match Self::at(asked) {
            Ok(programs) if programs.version >= OLDEST => Ok(programs),
            Ok(programs) => Err(format!("that is PostgreSQL {}", programs.version)),
            Err(problem) => Err(problem),
        }
        .map_err(|problem| Error::BinDir {
            folder: folder.to_owned(),
            problem,
        })
    }

    /// Returns the programs in a folder, or what is wrong with it. `pg_config` may name a folder
    /// without a server.
    fn at(bin_dir: PathBuf) -> Result<Self, String> {
        if let Some(missing) = NEEDED.iter().find(|name| !is_program(&bin_dir.join(name))) {
            return Err(format!("there is no program {missing} in it"));
        }
        let version = say(&bin_dir.join("postgres"), "--version")
            .as_deref()
            .and_then(major_version)
            .ok_or("its postgres does not say its version")?;
        Ok(Self { bin_dir, version })
    }
}

/// Returns the first programs of the version that created the cluster; for a new cluster, the first
/// of all.
fn choose(found: Vec<Programs>, cluster_version: Option<&str>) -> Result<Programs, Error> {
    let mut versions: Vec<String> = Vec::new();
    for version in found.iter().map(|found| found.version.to_string()) {
        // The same programs may be in several places.
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    let fits = |programs: &Programs| {
        cluster_version.is_none_or(|wanted| wanted == programs.version.to_string())
    };
    match (found.into_iter().find(fits), cluster_version) {
        (Some(programs), _) => Ok(programs),
        (None, Some(wanted)) if !versions.is_empty() => Err(Error::OtherVersion {
            wanted: wanted.to_owned(),
            found: versions.join(", "),
        }),
        (None, _) => Err(Error::NotInstalled),
    }
}

/// Returns every folder that may contain the programs, best first.
pub(super) fn places(search_path: Option<&OsStr>) -> Vec<PathBuf> {
    let path: Vec<PathBuf> = search_path
        .map(|path| std::env::split_paths(path).collect())
        .unwrap_or_default();
    let configured = path
        .iter()
        .map(|folder| folder.join("pg_config"))
        .find(|program| is_program(program))
        .and_then(|program| say(&program, "--bindir"))
        .map(|folder| PathBuf::from(folder.trim()));
    let packaged = PACKAGES
        .iter()
        .flat_map(|(parent, prefix)| packaged(Path::new(parent), prefix));
    configured
        .into_iter()
        .chain(path.iter().filter(|folder| folder.is_absolute()).cloned())
        .chain(packaged)
        .collect()
}

/// Returns the `bin` folders of all versions in `parent`, newest first.
fn packaged(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.trim_start_matches('@');
            Some((
                leading_number(version).unwrap_or(0),
                entry.path().join("bin"),
            ))
        })
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, bin_dir)| bin_dir).collect()
}

pub(super) fn is_program(path: &Path) -> bool {
    fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

pub(super) fn say(program: &Path, question: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(question)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).ok())?
}

/// Parses `postgres (PostgreSQL) 17.2 (Debian 17.2-1)`.
pub(super) fn major_version(answer: &str) -> Option<u32> {
    leading_number(answer.split_once(") ")?.1)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(version: u32) -> Programs {
        Programs {
            bin_dir: PathBuf::from(format!("/pg/{version}/bin")),
            version,
        }
    }

    #[test]
    fn the_version_is_read_from_releases_betas_and_development_builds() {
        for (answer, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15),
            ("postgres (PostgreSQL) 18beta1\n", 18),
            ("postgres (PostgreSQL) 19devel\n", 19),
        ] {
            assert_eq!(major_version(answer), Some(version));
        }
        assert_eq!(major_version("something else"), None);
    }

    #[test]
    fn a_cluster_gets_the_version_that_made_it() {
        let chosen = choose(vec![programs(17), programs(15)], Some("15"));
        assert!(chosen.is_ok_and(|chosen| chosen.version == 15));
        let new = choose(vec![programs(17), programs(15)], None);
        assert!(new.is_ok_and(|chosen| chosen.version == 17));
    }

    #[test]
    fn a_version_that_is_missing_is_named() {
        let error = choose(vec![programs(17), programs(15), programs(17)], Some("16"));
        assert!(matches!(error, Err(Error::OtherVersion { wanted, found })
            if wanted == "16" && found == "17, 15"));
    }

    #[test]
    fn without_postgres_the_message_says_what_to_do() {
        let message = match choose(Vec::new(), Some("16")) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        for help in ["apt-get", "dnf", "brew", "DATABASE_URL", "LATCHKEY_PG_BIN"] {
            assert!(message.contains(help), "{help} is missing in: {message}");
        }
    }
}
