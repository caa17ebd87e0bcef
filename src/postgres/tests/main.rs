//! The embedded Postgres, tried on a real one: it starts, is shared, and survives what kills it.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use latchkey_postgres::{Embedded, Error, Options, create_data_dir};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::time::{interval, timeout};

/// A data folder of its own for each test; a Postgres that a failed test leaves is stopped with it.
struct Data {
    options: Options,
    _parent: TempDir,
}

impl Data {
    fn new() -> Self {
        Self::named("data")
    }

    fn named(name: &str) -> Self {
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

    async fn open(&self) -> Embedded {
        Embedded::open(&self.options).await.expect("Postgres opens")
    }

    async fn refusal(&self) -> Error {
        Embedded::open(&self.options)
            .await
            .expect_err("Postgres does not open")
    }

    fn cluster(&self) -> PathBuf {
        self.options.data_dir.join("postgres")
    }

    fn pid_file(&self) -> PathBuf {
        self.cluster().join("postmaster.pid")
    }

    fn pid(&self) -> Option<u32> {
        let content = fs::read_to_string(self.pid_file()).ok()?;
        content.lines().next()?.parse().ok()
    }

    /// Kills Postgres's main process and leaves the rest to notice.
    fn kill_postgres(&self) {
        kill("-KILL", self.pid().expect("a running Postgres"));
    }

    fn mode(&self, name: &str) -> u32 {
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

fn kill(signal: &str, pid: u32) {
    let killed = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()
        .expect("kill runs");
    assert!(killed.success());
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

async fn run(postgres: &Embedded, statement: &'static str) {
    let mut connection = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    connection.execute(statement).await.expect(statement);
    connection.close().await.expect("a clean end");
}

async fn count(postgres: &Embedded) -> i64 {
    let mut connection = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    sqlx::query_scalar("SELECT count(*) FROM note")
        .fetch_one(&mut connection)
        .await
        .expect("a count")
}

#[tokio::test]
async fn the_first_start_makes_a_safe_cluster_that_is_stopped_at_the_end() {
    let data = Data::new();
    let postgres = data.open().await;
    for (setting, expected) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("log_statement", "none"),
        ("jit", "off"),
    ] {
        let mut connection = PgConnection::connect(&postgres.database_url())
            .await
            .expect("the URL connects");
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .expect(setting);
        assert_eq!(value, expected, "{setting}");
    }
    assert_eq!(data.mode(""), if is_root() { 0o711 } else { 0o700 });
    for private in ["postgres", "socket"] {
        assert_eq!(data.mode(private), 0o700, "{private}");
    }
    for private in ["postgres.log", "start.lock", "users.lock"] {
        assert_eq!(data.mode(private), 0o600, "{private}");
    }
    postgres.close().await.expect("Postgres stops");
    assert!(!data.pid_file().exists());
}

#[tokio::test]
async fn data_survives_closing_and_opening() {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    postgres.close().await.expect("Postgres stops");

    let postgres = data.open().await;
    assert_eq!(count(&postgres).await, 1);
    postgres.close().await.expect("Postgres stops");
}

#[tokio::test]
async fn who_opens_at_once_shares_one_postgres_and_the_last_stops_it() {
    let data = Data::new();
    let (first, second) = tokio::join!(data.open(), data.open());
    let pid = data.pid();
    run(&first, "CREATE TABLE note AS SELECT 1 AS id").await;
    first.close().await.expect("the first closes");
    assert_eq!(data.pid(), pid);
    assert_eq!(count(&second).await, 1);
    second.close().await.expect("the second closes");
    assert_eq!(data.pid(), None);
}

#[tokio::test]
async fn a_postgres_that_a_killed_program_left_is_joined() {
    let data = Data::new();
    drop(data.open().await);
    let pid = data.pid();
    assert_ne!(pid, None);
    let postgres = data.open().await;
    assert_eq!(data.pid(), pid);
    postgres.close().await.expect("Postgres stops");
    assert_eq!(data.pid(), None);
}

#[tokio::test]
async fn acknowledged_rows_are_there_after_postgres_was_killed() {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    drop(postgres);
    data.kill_postgres();

    let postgres = data.open().await;
    assert_eq!(count(&postgres).await, 1);
    postgres.close().await.expect("Postgres stops");
}

#[tokio::test]
async fn a_postgres_that_is_killed_in_use_comes_back_by_itself() {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    data.kill_postgres();

    let back = async {
        let mut ticks = interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Ok(connection) = PgConnection::connect_with(&postgres.connect_options()).await {
                break connection;
            }
        }
    };
    let connection = timeout(Duration::from_secs(30), back)
        .await
        .expect("Postgres is back");
    drop(connection);
    assert_eq!(count(&postgres).await, 1);
    postgres.close().await.expect("Postgres stops");
}

/// A process of the user who runs Postgres, whose number a pid file could hold by accident.
fn stranger(data: &Data) -> Child {
    let owner = fs::metadata(data.cluster()).expect("a cluster");
    let mut command = Command::new("sleep");
    command
        .arg("600")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.spawn().expect("sleep runs")
}

#[tokio::test]
async fn a_pid_file_that_names_an_unrelated_process_does_not_matter() {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    let pid_file = fs::read_to_string(data.pid_file()).expect("a pid file");
    let own_pid = data.pid().expect("a pid").to_string();
    postgres.close().await.expect("Postgres stops");

    let mut stranger = stranger(&data);
    let owner = fs::metadata(data.cluster()).expect("a cluster");
    let left = pid_file.replacen(&own_pid, &stranger.id().to_string(), 1);
    let socket_lock = data.options.data_dir.join("socket/.s.PGSQL.5432.lock");
    for path in [&data.pid_file(), &socket_lock] {
        fs::write(path, &left).expect("a left file");
        std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid())).expect("its owner");
    }

    let postgres = data.open().await;
    assert_eq!(count(&postgres).await, 1);
    postgres.close().await.expect("Postgres stops");
    assert_eq!(stranger.try_wait().expect("a child"), None, "it was spared");
    stranger.kill().expect("sleep ends");
    stranger.wait().expect("sleep ends");
}

#[tokio::test]
async fn half_made_folders_do_not_matter() {
    let data = Data::new();
    create_data_dir(&data.options.data_dir).expect("a data folder");
    let unfinished = data.options.data_dir.join("postgres.new-0123456789abcdef");
    fs::create_dir_all(unfinished.join("base")).expect("a half-made cluster");
    fs::write(unfinished.join("PG_VERSION"), "15\n").expect("a file in it");
    fs::create_dir(data.cluster()).expect("an empty folder");

    data.open().await.close().await.expect("Postgres stops");
    assert!(!unfinished.exists());
    assert!(data.cluster().join("PG_VERSION").exists());
}

#[tokio::test]
async fn a_folder_that_is_not_a_cluster_is_left_alone() {
    let data = Data::new();
    fs::create_dir_all(data.cluster()).expect("a folder");
    let precious = data.cluster().join("precious");
    fs::write(&precious, "").expect("a file");
    if is_root() {
        // Postgres's user owns what it works in; any that is not root will do.
        for path in [&data.cluster(), &precious] {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("its owner");
        }
    }
    assert!(matches!(data.refusal().await, Error::NotACluster(folder) if folder == data.cluster()));
    assert!(precious.exists());
}

#[tokio::test]
async fn a_path_may_hold_what_shells_and_urls_dislike() {
    let data = Data::named("my data; \"50%\" $HOME 'ü'");
    let postgres = data.open().await;
    let connection = PgConnection::connect(&postgres.database_url()).await;
    connection.expect("the URL connects");
    let psql = Command::new(postgres.bin_dir().join("psql"))
        .args([&postgres.database_url(), "-Atc", "SELECT current_user"])
        .output()
        .expect("psql runs");
    assert_eq!(
        String::from_utf8_lossy(&psql.stdout),
        "latchkey\n",
        "{psql:?}"
    );
    postgres.close().await.expect("Postgres stops");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_has_its_socket_elsewhere() {
    let data = Data::named(&"long".repeat(30));
    let postgres = data.open().await;
    let options = postgres.connect_options();
    let socket = options.get_socket().expect("a socket");
    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    assert_eq!(
        fs::metadata(socket).expect("its folder").mode() & 0o777,
        0o700
    );
    run(&postgres, "SELECT 1").await;
    postgres.close().await.expect("Postgres stops");

    // The folder's name can be foreseen, so somebody else may have made it.
    if is_root() {
        std::os::unix::fs::chown(socket, Some(12345), None).expect("another owner");
        let refusal = data.refusal().await;
        assert!(matches!(refusal, Error::Owner { owner: 12345, .. }));
    }
    fs::remove_dir_all(socket).expect("it is removed");
}

#[tokio::test]
async fn a_wrong_folder_of_programs_is_named() {
    let mut data = Data::new();
    data.options.bin_dir = Some("/usr/share".into());
    let message = data.refusal().await.to_string();
    assert!(
        message.contains("LATCHKEY_PG_BIN is /usr/share"),
        "{message}"
    );
    assert!(message.contains("no program initdb"), "{message}");
}

#[tokio::test]
async fn a_folder_that_postgres_cannot_reach_is_named() {
    if !is_root() {
        return;
    }
    let data = Data::named("closed/data");
    let closed = data.options.data_dir.parent().expect("a parent").to_owned();
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).expect("its mode");
    let refusal = data.refusal().await;
    assert!(refusal.to_string().contains("LATCHKEY_DATA_DIR"));
    assert!(matches!(refusal, Error::Impassable { folder, .. } if folder == closed));
}

#[tokio::test]
async fn statements_and_values_never_reach_the_log() {
    let data = Data::new();
    let postgres = data.open().await;
    run(
        &postgres,
        "CREATE TABLE note (id int PRIMARY KEY, text text CHECK (text <> 'canary'))",
    )
    .await;
    let mut connection = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    for failing in [
        "SELECT 'canary'::int",
        "SELECT canary",
        "INSERT INTO note VALUES (1, 'canary')",
        "DO $$BEGIN RAISE WARNING 'canary'; END$$; SELECT 1/0",
        "SET statement_timeout = 1; SELECT pg_sleep(60), 'canary'",
    ] {
        connection.execute(failing).await.expect_err(failing);
    }
    let bound = sqlx::query("SELECT $1::text::int").bind("canary");
    bound
        .execute(&mut connection)
        .await
        .expect_err("not a number");

    // What a process was running when it crashed is logged too, unless told otherwise.
    run(&postgres, "SELECT 1").await;
    let mut victim = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut victim)
        .await
        .expect("a pid");
    let crash = victim.execute("SELECT pg_sleep(60), 'canary'");
    let (crashed, ()) = tokio::join!(crash, async {
        let query = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%canary%' AND state = 'active'";
        connection
            .execute("SET statement_timeout = 0")
            .await
            .expect("reset");
        while sqlx::query(query)
            .bind(pid)
            .fetch_optional(&mut connection)
            .await
            .expect("activity")
            .is_none()
        {}
        kill("-KILL", pid.unsigned_abs());
    });
    crashed.expect_err("it was killed");

    data.open().await.close().await.expect("it is back");
    postgres.close().await.expect("Postgres stops");
    let log = fs::read_to_string(data.options.data_dir.join("postgres.log")).expect("a log");
    assert!(log.contains("terminated by signal 9"), "{log}");
    assert!(!log.contains("canary"), "{log}");
}
