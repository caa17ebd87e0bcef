//! A data folder with a Postgres in it, and what may happen to the two.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
    process::Command,
};

use latchkey_postgres::{Embedded, Error, Options};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

/// A data folder of its own for each test; a Postgres that a failed test leaves is stopped with it.
pub struct Data {
    pub options: Options,
    _parent: TempDir,
}

impl Data {
    pub fn new() -> Self {
        Self::named("data")
    }

    pub fn named(name: &str) -> Self {
        let parent = tempfile::Builder::new()
            .prefix("latchkey-test-")
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder");
        let options = Options {
            data_dir: parent.path().join(name),
            bin_dir: None,
            search_path: Some("/usr/bin:/bin".into()),
        };
        Self {
            options,
            _parent: parent,
        }
    }

    pub async fn open(&self) -> Embedded {
        Embedded::open(&self.options).await.expect("Postgres opens")
    }

    pub async fn refusal(&self) -> Error {
        Embedded::open(&self.options)
            .await
            .expect_err("Postgres does not open")
    }

    pub fn cluster(&self) -> PathBuf {
        self.options.data_dir.join("postgres")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.cluster().join("postmaster.pid")
    }

    pub fn pid(&self) -> Option<u32> {
        let content = fs::read_to_string(self.pid_file()).ok()?;
        content.lines().next()?.parse().ok()
    }

    /// Kills Postgres's main process and leaves the rest to notice.
    pub fn kill_postgres(&self) {
        kill("-KILL", self.pid().expect("a running Postgres"));
    }

    pub fn mode(&self, name: &str) -> u32 {
        let path = self.options.data_dir.join(name);
        fs::metadata(path).expect(name).mode() & 0o777
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let is_ours = |pid: &u32| {
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == self.cluster())
        };
        if let Some(pid) = self.pid().filter(is_ours) {
            kill("-QUIT", pid);
        }
    }
}

pub fn kill(signal: &str, pid: u32) {
    let killed = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()
        .expect("kill runs");
    assert!(killed.success());
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

pub async fn run(postgres: &Embedded, statement: &'static str) {
    let mut connection = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    connection.execute(statement).await.expect(statement);
    connection.close().await.expect("a clean end");
}

pub async fn count(postgres: &Embedded) -> i64 {
    let mut connection = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    sqlx::query_scalar("SELECT count(*) FROM note")
        .fetch_one(&mut connection)
        .await
        .expect("a count")
}
