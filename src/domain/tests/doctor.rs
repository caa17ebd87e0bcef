//! The doctor finds each thing that can be wrong, and nothing where all is well.

use std::time::Duration;

use latchkey_domain::{
    Domain,
    clock::Clock,
    doctor::{Finding, KEY_CONSTRAINTS},
    secret::MasterKey,
};
use latchkey_model::api_key::KeyScope;
use latchkey_store::{PoolSettings, testing::patient};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::time::timeout;

use crate::{
    proxy::Proxy,
    world::{Dump, World},
};

const HANGS: Duration = Duration::from_secs(8);

/// Statements of the doctor that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'latchkey doctor' AND wait_event_type = 'Lock'";

impl World {
    /// What is not well. A server for tests may run without `fsync`, for speed.
    async fn problems(&self) -> Vec<Finding> {
        let findings = self.domain.doctor().await;
        assert!(!findings.is_empty());
        findings
            .into_iter()
            .filter(|finding| !finding.is_well() && finding.check != "durability")
            .collect()
    }

    /// The one thing that is not well.
    async fn problem(&self) -> Finding {
        let mut problems = self.problems().await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_busy_database_is_well_and_looking_changes_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    for number in 0..20 {
        world
            .key(&user.caller, KeyScope::Own, &format!("key {number}"))
            .await;
    }
    let before: Dump = world.dump().await;
    let findings = world.domain.doctor().await;
    assert_eq!(world.dump().await, before);
    let checks: Vec<_> = findings.iter().map(|finding| finding.check).collect();
    assert_eq!(
        checks,
        [
            "database",
            "durability",
            "clocks",
            "schema",
            "keys in clear",
            "restore",
            "stored keys",
            "constraints",
            "project keys",
            "signing keys",
            "tidiness"
        ]
    );
    assert_eq!(world.problems().await, []);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_database_that_acknowledges_before_it_has_written_is_found(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let durability = async || {
        let findings = world.domain.doctor().await;
        findings
            .into_iter()
            .find(|finding| finding.check == "durability")
            .expect("it was looked at")
    };
    let alone = durability().await;
    let database: String = sqlx::query_scalar("SELECT quote_ident(current_database())")
        .fetch_one(&pool)
        .await
        .expect("a name");
    let off = format!("ALTER DATABASE {database} SET synchronous_commit = off");
    world.sql(&off, &[]).await;
    let found = durability().await;
    assert!(!alone.found.contains("synchronous_commit;"), "{alone:?}");
    assert!(
        !found.is_well() && found.found.contains("synchronous_commit;"),
        "{found:?}"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_in_clear_is_found_wherever_it_is_and_never_repeated(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    let secret = key.secret.expose();
    for statement in [
        r#"CREATE TABLE "Odd name" (id uuid, a text, "b c" varchar(200), d jsonb, e bytea, f text[], g char(102), h int)"#,
        "CREATE TABLE notes (note xml)",
    ] {
        world.sql(statement, &[]).await;
    }
    let write = async |statement: &str| {
        sqlx::query(AssertSqlSafe(statement.replace("KEY", secret)))
            .execute(&world.pool)
            .await
            .expect("a row");
    };
    for statement in [
        r#"INSERT INTO "Odd name" (a, "b c") VALUES ('KEY', 'x KEY y'), ('twice: KEY', '')"#,
        r#"INSERT INTO "Odd name" (d) VALUES ('{"deep": [{"secret": "KEY"}]}')"#,
        r#"INSERT INTO "Odd name" (e) VALUES ('\x00ff5c'::bytea || convert_to('KEY', 'UTF8') || '\x00ff'::bytea)"#,
        r#"INSERT INTO "Odd name" (f, g) VALUES (ARRAY['', 'KEY'], 'KEY')"#,
        "INSERT INTO notes VALUES ('<a>KEY</a>')",
        "UPDATE api_keys SET description = 'KEY'",
        r#"UPDATE users SET server_metadata = '{"key": "KEY"}'"#,
        // What only looks like it at first.
        r#"INSERT INTO "Odd name" (a) VALUES ('574ck4u7h'), (left('KEY', 101)), (upper('KEY')), (md5('KEY'))"#,
    ] {
        write(statement).await;
    }
    let problem = world.problem().await;
    assert_eq!(problem.check, "keys in clear");
    assert_eq!(
        problem.found,
        "API keys in clear text in Odd name.a (2), Odd name.b c (1), Odd name.d (1), Odd name.e (1), Odd name.f (1), \
         Odd name.g (1), api_keys.description (1), notes.note (1), users.server_metadata (1)"
    );
    assert!(!format!("{problem:?}").contains(&secret[3..48]));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_was_written_past_the_program_is_found(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    world
        .sql(
            "ALTER TABLE api_keys DROP CONSTRAINT api_keys_digest_length",
            &[],
        )
        .await;
    let problem = world.problem().await;
    assert_eq!(
        (problem.check, problem.found.as_str()),
        ("constraints", "missing: api_keys_digest_length")
    );
    world
        .sql("UPDATE api_keys SET digest = 'short'::bytea", &[])
        .await;
    let problems = world.problems().await;
    assert_eq!(problems.len(), 2);
    assert_eq!(problems[0].check, "stored keys");
    assert!(problems[0].found.contains(&key.id.to_string()));
    world
        .sql(
            "ALTER TABLE api_keys ADD CONSTRAINT api_keys_digest_length CHECK (octet_length(digest) = 32) NOT VALID",
            &[],
        )
        .await;
    let problems = world.problems().await;
    assert_eq!(problems.len(), 2);
    let advice = problems[1].advice.as_deref().expect("advice");
    assert_eq!(
        advice,
        "run “ALTER TABLE api_keys VALIDATE CONSTRAINT api_keys_digest_length”"
    );
    world.sql("DELETE FROM api_keys", &[]).await;
    world
        .sql(
            "ALTER TABLE api_keys VALIDATE CONSTRAINT api_keys_digest_length",
            &[],
        )
        .await;
    assert_eq!(world.problems().await, []);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn projects_without_keys_and_rows_that_were_not_tidied_up_are_found(pool: PgPool) {
    let world = World::new(pool).await;
    world.user("ada").await;
    world
        .sql(
            "UPDATE sessions SET created_at_millis = 0, expires_at_millis = 1",
            &[],
        )
        .await;
    let problem = world.problem().await;
    assert_eq!(problem.check, "tidiness");
    assert!(problem.found.ends_with("sessions 1, sign-in counters 0"));
    world.domain.purge_expired().await.expect("tidy");
    assert_eq!(world.problems().await, []);
    world.sql("DELETE FROM project_key_sets", &[]).await;
    let problem = world.problem().await;
    assert_eq!(problem.check, "project keys");
    assert!(problem.found.contains(&world.project.to_string()));
    world
        .domain
        .rotate_keys(world.project)
        .await
        .expect("new keys");
    assert_eq!(world.problems().await, []);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn another_secret_than_the_one_of_the_signing_keys_is_found(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let keys = world.domain.signing_keys().await.expect("a key");
    assert_eq!(keys.len(), 1);
    assert_eq!(world.problems().await, []);
    let other = Domain::new(pool, MasterKey::new("another"), Clock::System);
    let findings = other.doctor().await;
    let finding = findings
        .iter()
        .find(|finding| finding.check == "signing keys")
        .expect("it was looked at");
    assert!(!finding.is_well());
    assert!(other.signing_keys().await.is_err());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_clock_that_is_wrong_is_found(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let now = world.number("SELECT now_millis()", &[]).await;
    for wrong in [now - 3_600_000, now + 3_600_000] {
        let world = World {
            domain: Domain::new(pool.clone(), MasterKey::new("test"), Clock::Fixed(wrong)),
            ..world.clone()
        };
        assert_eq!(world.problem().await.check, "clocks");
    }
    for (by, wrong) in [
        (-61_000, true),
        (61_000, true),
        (-50_000, false),
        (50_000, false),
    ] {
        let domain = Domain::new(pool.clone(), MasterKey::new("test"), Clock::Skewed(by));
        let apart = domain.clock_difference().await.expect("the database");
        assert!((apart - by).abs() < 5000, "{apart}");
        let world = World {
            domain,
            ..world.clone()
        };
        let found = world.problems().await;
        assert_eq!(
            found.iter().any(|finding| finding.check == "clocks"),
            wrong,
            "{by}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_database_without_a_schema_is_found_and_left_without(pool: PgPool) {
    let domain = Domain::new(pool.clone(), MasterKey::new("test"), Clock::System);
    let schema = |findings: Vec<Finding>| {
        findings
            .into_iter()
            .find(|finding| finding.check == "schema")
            .expect("it was looked at")
    };
    let found = schema(domain.doctor().await);
    assert!(!found.is_well() && found.found.contains("missing"));
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_one(&pool)
            .await
            .expect("a count");
    assert_eq!(tables, 0);
    latchkey_store::migrate(&pool.connect_options())
        .await
        .expect("a schema");
    assert!(schema(domain.doctor().await).is_well());
    sqlx::query("UPDATE _sqlx_migrations SET success = false WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .execute(&pool)
        .await
        .expect("a change");
    assert!(!schema(domain.doctor().await).is_well());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_database_that_is_away_is_a_finding(pool: PgPool) {
    let nowhere = (*pool.connect_options()).clone().host("127.0.0.1").port(1);
    let domain = Domain::new(
        latchkey_store::Connections::new(nowhere, &latchkey_store::PoolSettings::default()),
        MasterKey::new("test"),
        Clock::System,
    );
    let findings = domain.doctor().await;
    assert_eq!(findings.len(), 1);
    assert!(!findings[0].is_well() && findings[0].check == "database");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_constraints_that_are_looked_for_are_those_of_the_table(pool: PgPool) {
    let mut named: Vec<String> = sqlx::query_scalar(
        "SELECT conname::text FROM pg_constraint WHERE conrelid = 'api_keys'::regclass AND contype IN ('c', 'u')",
    )
    .fetch_all(&pool)
    .await
    .expect("constraints");
    named.sort_unstable();
    let mut looked_for = KEY_CONSTRAINTS.map(str::to_owned);
    looked_for.sort_unstable();
    assert_eq!(named, looked_for);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_doctor_does_not_wait_for_ever_for_a_table_or_a_server(pool: PgPool) {
    let world = World::new(pool).await;
    let proxy = Proxy::before(&world.options()).await;
    let settings = PoolSettings {
        scan_deadline: Duration::from_secs(1),
        ..patient()
    };
    let served = world.by(proxy.options(&world.options()), &settings);
    let mut holder = world.pool.acquire().await.expect("a connection");
    for is_silent in [false, true] {
        sqlx::raw_sql("BEGIN; LOCK TABLE teams IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *holder)
            .await
            .expect("a lock");
        let examined = async {
            let (findings, ()) = tokio::join!(served.domain.doctor(), async {
                while is_silent && world.number(WAITING, &[]).await == 0 {}
                if is_silent {
                    proxy.silence();
                }
            });
            findings
        };
        let findings = timeout(HANGS, examined).await.expect("findings");
        let last = findings.last().expect("a finding");
        assert!(last.found.contains("a query failed"), "{findings:?}");
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut *holder)
            .await
            .expect("the end of the lock");
    }
}
