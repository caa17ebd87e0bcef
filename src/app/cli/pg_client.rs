//! Runs `pg_dump`, `pg_restore` and `psql` for the database that the settings name. No password is among their
//! arguments, which everybody on the machine can read.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use latchkey_postgres::ClientPrograms;
use latchkey_store::ConnectOptions;

use super::Failure;
use crate::config::{Environment, Settings, StartError, Started};

/// The end of what a program says is repeated, up to this many bytes.
const TAIL_BYTES: usize = 2000;

/// The system's certificates: Debian, Fedora, macOS and Alpine.
const CERTIFICATES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

pub(super) struct PgClient {
    programs: ClientPrograms,
    environment: Vec<(&'static str, String)>,
}

impl PgClient {
    /// The newest programs, for reading files.
    pub(super) fn for_files(
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        Ok(Self {
            programs: find(settings, environment, None)?,
            environment: Vec::new(),
        })
    }

    /// Programs that fit the server's major version.
    pub(super) fn for_database(
        settings: &Settings,
        environment: &Environment,
        started: &Started,
        server: u32,
    ) -> Result<Self, Failure> {
        Ok(Self {
            programs: find(settings, environment, Some(server))?,
            environment: libpq_environment(&started.url(settings))?,
        })
    }

    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = self.programs.command(program, &self.environment);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end and returns its output.
    pub(super) fn output(mut command: Command) -> Result<String, Failure> {
        let output = command
            .output()
            .map_err(|error| cannot_run(&command, &error))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(failed(&command, &output.stderr))
        }
    }
}

fn find(
    settings: &Settings,
    environment: &Environment,
    server: Option<u32>,
) -> Result<ClientPrograms, Failure> {
    let folder = settings.pg_bin.as_deref();
    Ok(ClientPrograms::find(
        folder,
        environment.path.as_deref(),
        server,
    )?)
}

/// A path that no program takes for an option.
pub(super) fn as_argument(path: &Path) -> PathBuf {
    if path.is_absolute() {
        path.to_owned()
    } else {
        Path::new(".").join(path)
    }
}

pub(super) fn cannot_run(command: &Command, error: &std::io::Error) -> Failure {
    Failure(format!(
        "cannot run {}: {error}",
        command.get_program().display()
    ))
}

/// The message of a program that failed.
pub(super) fn failed(command: &Command, said: &[u8]) -> Failure {
    let name = Path::new(command.get_program()).file_name();
    let name = name.unwrap_or_default().display();
    let said = String::from_utf8_lossy(&said[said.len().saturating_sub(TAIL_BYTES)..]);
    Failure(format!("{name} failed: {}", said.trim()))
}

/// Reads a pipe to its end beside other work, so that the program never waits for a reader.
pub(super) fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut said = Vec::new();
        pipe.read_to_end(&mut said).ok();
        said
    })
}

/// Returns libpq's variables for an address.
fn libpq_environment(url: &str) -> Result<Vec<(&'static str, String)>, StartError> {
    let options = url
        .parse::<ConnectOptions>()
        .map_err(|error| StartError::DatabaseUrl(error.to_string()))?;
    let host = options.get_socket().map_or_else(
        || options.get_host().trim_matches(['[', ']']).to_owned(),
        |socket| socket.display().to_string(),
    );
    let mut environment = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGAPPNAME", "latchkey backup".to_owned()),
    ];
    if let Some(database) = options.get_database() {
        environment.push(("PGDATABASE", database.to_owned()));
    }
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@')
        && let Some((_, password)) = user.split_once(':')
    {
        environment.push(("PGPASSWORD", decoded(password)));
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    for (name, value) in pairs {
        let variable = match name.as_str() {
            "password" => "PGPASSWORD",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        environment.push((variable, value));
    }
    let has = |variable| environment.iter().any(|(name, _)| *name == variable);
    let verifies = environment
        .iter()
        .any(|(name, value)| *name == "PGSSLMODE" && value.starts_with("verify-"));
    if verifies && !has("PGSSLROOTCERT") {
        // The program trusts the system's certificates, libpq only those it is told of.
        let bundle = CERTIFICATES
            .into_iter()
            .find(|path| Path::new(path).exists());
        environment.extend(bundle.map(|path| ("PGSSLROOTCERT", path.to_owned())));
    }
    Ok(environment)
}

/// Decodes percent signs, and nothing else.
fn decoded(text: &str) -> String {
    let escaped = text.replace('+', "%2B").replace('&', "%26");
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(&format!("x={escaped}")).unwrap_or_default();
    pairs.into_iter().next().unwrap_or_default().1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(url: &str) -> Vec<(&'static str, String)> {
        let all = libpq_environment(url).unwrap_or_default();
        all.into_iter()
            .filter(|(name, _)| *name != "PGAPPNAME")
            .collect()
    }

    fn owned(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    }

    #[test]
    fn an_address_becomes_variables_and_its_password_is_decoded() {
        assert_eq!(
            variables(
                "postgres://ada:p%40s+s&%25@db.internal:6432/keys?sslmode=verify-full&sslrootcert=/a%20b.pem"
            ),
            owned(&[
                ("PGHOST", "db.internal"),
                ("PGPORT", "6432"),
                ("PGUSER", "ada"),
                ("PGDATABASE", "keys"),
                ("PGPASSWORD", "p@s+s&%"),
                ("PGSSLMODE", "verify-full"),
                ("PGSSLROOTCERT", "/a b.pem"),
            ])
        );
        assert_eq!(
            variables("postgres://latchkey@%2Frun%2Fpg:5432/latchkey?sslmode=disable"),
            owned(&[
                ("PGHOST", "/run/pg"),
                ("PGPORT", "5432"),
                ("PGUSER", "latchkey"),
                ("PGDATABASE", "latchkey"),
                ("PGSSLMODE", "disable"),
            ])
        );
        assert_eq!(
            variables("postgres://ada@[::1]/keys?password=secret")[0],
            ("PGHOST", "::1".to_owned())
        );
    }
}
