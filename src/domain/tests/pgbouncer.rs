//! Behind `PgBouncer`, in its default configuration but for the way of pooling.

use std::{
    fs::{self, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use latchkey_domain::{Domain, api_keys::CreatedKey, clock::Clock, secret::MasterKey};
use latchkey_model::api_key::KeyScope;
use latchkey_store::{ConnectOptions, Connections, Unusable, prepare, testing::patient};
use sqlx::PgPool;
use tokio::{sync::oneshot, time::timeout};

use crate::{
    broken_connections::strict,
    outcome::{Outcome, VALID},
    world::World,
};

const HANGS: Duration = Duration::from_secs(10);
/// Only names a socket.
const PORT: u16 = 6432;

/// A running `PgBouncer`, ended with the test.
struct PgBouncer {
    child: Child,
    folder: tempfile::TempDir,
}

/// Lets the account that runs the database connect to it: as root it is that which runs `PgBouncer`,
/// and the embedded Postgres knows it not.
async fn admit_owner(pool: &PgPool) {
    let show = async |what: &'static str| -> String {
        sqlx::query_scalar(what)
            .fetch_one(pool)
            .await
            .expect("a setting")
    };
    let file = show("SHOW ident_file").await;
    let Ok(owner) = fs::metadata(&file) else {
        return;
    };
    let name = Command::new("id")
        .args(["-un", &owner.uid().to_string()])
        .output()
        .expect("a name");
    let name = String::from_utf8_lossy(&name.stdout).trim().to_owned();
    let mut map = fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .expect("the map of users");
    map.write_all(format!("latchkey \"{name}\" latchkey\n").as_bytes())
        .expect("written");
    sqlx::query("SELECT pg_reload_conf()")
        .execute(pool)
        .await
        .expect("read again");
}

impl PgBouncer {
    /// Starts it, and waits until it listens on a socket in its folder.
    async fn start(pool: &PgPool, database: &ConnectOptions, pool_mode: &str) -> Self {
        admit_owner(pool).await;
        let socket = database.get_socket().cloned();
        let host = socket.unwrap_or_else(|| PathBuf::from(database.get_host()));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("its mode");
        let settings = path.join("pgbouncer.ini");
        let mut text = format!(
            "[databases]
            * = host={} port={} user={}
            [pgbouncer]
            listen_port = {PORT}
            unix_socket_dir = {}
            auth_type = any
            default_pool_size = 30
            pool_mode = {pool_mode}",
            host.display(),
            database.get_port(),
            database.get_username(),
            path.display(),
        );
        if keeps_prepared_statements() {
            text.push_str("\nmax_prepared_statements = 100");
        }
        let text = text.replace("\n            ", "\n");
        fs::write(&settings, text).expect("the settings");
        let mut command = Command::new(program());
        // It refuses to run as root. Whoever runs the database reaches its socket.
        if let Ok(owner) = fs::metadata(&host)
            && fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
        {
            std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid()))
                .expect("the folder");
            command.uid(owner.uid()).gid(owner.gid());
        }
        let mut child = command
            .arg(&settings)
            .current_dir(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("PgBouncer; Debian: apt install pgbouncer");
        let log = child.stderr.take().expect("its log");
        let (up, is_up) = oneshot::channel();
        // To its end, so that it can always write.
        thread::spawn(move || {
            let mut up = Some(up);
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if line.contains("process up")
                    && let Some(up) = up.take()
                {
                    up.send(()).ok();
                }
            }
        });
        timeout(HANGS, is_up)
            .await
            .expect("it starts in time")
            .expect("it starts");
        Self { child, folder }
    }

    /// Connects only when a statement runs.
    fn options(&self, database: &ConnectOptions) -> ConnectOptions {
        ConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .port(PORT)
            .username(database.get_username())
            .database(database.get_database().expect("a name"))
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The one in `PATH`, which may be another version; or Debian's, which is not in everybody's.
fn program() -> PathBuf {
    let is_in_path = Command::new("pgbouncer").arg("--version").output().is_ok();
    let name = if is_in_path {
        "pgbouncer"
    } else {
        "/usr/sbin/pgbouncer"
    };
    name.into()
}

/// Whether it keeps the prepared statements of transactions apart, which is since 1.21.
fn keeps_prepared_statements() -> bool {
    let output = Command::new(program())
        .arg("--version")
        .output()
        .expect("PgBouncer");
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = output.split_whitespace().nth(1).expect("a version");
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().expect("a number"));
    (parts.next(), parts.next()) >= (Some(1), Some(21))
}

/// Here and on the server: while a check waits for a lock, and afterwards.
async fn deadlines_are_in_force(world: &World, strict: &World, key: &CreatedKey) {
    let mut lock = world.pool.acquire().await.expect("a connection");
    sqlx::raw_sql("BEGIN; LOCK TABLE api_keys")
        .execute(&mut *lock)
        .await
        .expect("a lock");
    let check = timeout(HANGS, strict.check(key.secret.expose()));
    assert_eq!(check.await, Ok(Outcome::Unavailable));
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    world.until(waiting, 0).await;
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut *lock)
        .await
        .expect("the end");
    assert_eq!(strict.check(key.secret.expose()).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn behind_pgbouncer_with_sessions_all_is_as_without(pool: PgPool) {
    let world = World::new(pool).await;
    let pooler = PgBouncer::start(&world.pool, &world.options(), "session").await;
    let options = pooler.options(&world.options());
    prepare(&Connections::new(options.clone(), &patient()))
        .await
        .expect("a database");
    let served = world.by(options.clone(), &patient());
    let ada = world.user("ada").await;
    let key = served.key(&ada.caller, KeyScope::Own, "the key").await;
    assert_eq!(served.checks(&key, 12).await, [VALID; 12]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);

    let strict = world.by(options, &strict());
    assert_eq!(strict.try_list(ada).await, Outcome::Done);
    deadlines_are_in_force(&world, &strict, &key).await;
    strict.domain.close().await;
    served.domain.close().await;
}

#[sqlx::test(migrations = false)]
async fn behind_pgbouncer_with_transactions_it_works_or_says_what_to_use(pool: PgPool) {
    let database = (*pool.connect_options()).clone();
    let pooler = PgBouncer::start(&pool, &database, "transaction").await;
    let connections = Connections::new(pooler.options(&database), &patient());
    let prepared = timeout(HANGS, prepare(&connections))
        .await
        .expect("an answer");
    if keeps_prepared_statements() {
        prepared.expect("a database");
        let world = World::new(pool).await;
        let over = |connections| World {
            domain: Domain::new(connections, MasterKey::new("test"), Clock::System),
            ..world.clone()
        };
        let served = over(connections);
        let ada = world.user("ada").await;
        let key = served.key(&ada.caller, KeyScope::Own, "the key").await;
        for _ in 0..5 {
            assert_eq!(served.checks(&key, 12).await, [VALID; 12]);
            assert_eq!(served.try_list(ada).await, Outcome::Done);
            assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
        }
        let connections = Connections::new(pooler.options(&database), &strict());
        prepare(&connections).await.expect("a database");
        deadlines_are_in_force(&world, &over(connections), &key).await;
    } else {
        let Err(why @ Unusable::TransactionPooling) = prepared else {
            panic!("{prepared:?}");
        };
        let why = why.to_string();
        assert!(
            why.contains("DATABASE_URL") && why.contains("pool_mode = session"),
            "{why}"
        );
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        let tables: i64 = sqlx::query_scalar(tables)
            .fetch_one(&pool)
            .await
            .expect("a number");
        assert_eq!(tables, 0, "nothing was changed");
    }
}
