//! A database that cannot be used is refused at the start with a sentence that says what to do, and
//! is left as it was.

use latchkey_domain::{clock::Clock, random};
use latchkey_store::{ConnectOptions, Connections, PoolSettings, prepare};
use sqlx::{AssertSqlSafe, PgPool};

async fn why(options: ConnectOptions) -> String {
    let connections = Connections::new(options, &PoolSettings::default());
    let why = prepare(&connections)
        .await
        .expect_err("it is refused")
        .to_string();
    assert!(!why.contains("internal error"), "{why}");
    why
}

fn options(pool: &PgPool) -> ConnectOptions {
    (*pool.connect_options()).clone()
}

async fn sql(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn tables(pool: &PgPool) -> i64 {
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    sqlx::query_scalar(tables)
        .fetch_one(pool)
        .await
        .expect("a number")
}

fn says(why: &str, words: &[&str]) {
    for word in words {
        assert!(why.contains(word), "{why}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_database_that_is_not_there_or_lets_nobody_in_is_named(pool: PgPool) {
    let nowhere = options(&pool).host("127.0.0.1").port(1);
    let nowhere = ConnectOptions::new_without_pgpass()
        .host(nowhere.get_host())
        .port(1)
        .username("latchkey");
    says(&why(nowhere).await, &["127.0.0.1:1", "DATABASE_URL"]);
    let missing = options(&pool).database("no-such-database");
    says(&why(missing).await, &["no-such-database", "createdb"]);
    let stranger = options(&pool).username("no-such-role");
    says(
        &why(stranger).await,
        &["no-such-role", "create the role", "DATABASE_URL"],
    );
}

#[sqlx::test(migrations = false)]
async fn a_database_in_another_encoding_is_refused(pool: PgPool) {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let other = format!("other_{}", random::id(Clock::System).simple());
        let create = format!(
            "CREATE DATABASE \"{other}\" ENCODING {encoding} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        sql(&pool, &create).await;
        let why = why(options(&pool).database(&other)).await;
        sql(&pool, &format!("DROP DATABASE \"{other}\" WITH (FORCE)")).await;
        says(&why, &[encoding, "UTF8", "createdb"]);
    }
}

#[sqlx::test(migrations = false)]
async fn another_programs_database_is_refused_and_left_alone(pool: PgPool) {
    sql(&pool, "CREATE TABLE orders (id integer)").await;
    says(&why(options(&pool)).await, &["orders", "DATABASE_URL"]);
    assert_eq!(tables(&pool).await, 1);

    sql(
        &pool,
        "DROP TABLE orders; CREATE TABLE _sqlx_migrations (id integer)",
    )
    .await;
    says(
        &why(options(&pool)).await,
        &["_sqlx_migrations", "DATABASE_URL"],
    );

    sql(
        &pool,
        "DROP TABLE _sqlx_migrations;
        CREATE TABLE _sqlx_migrations (version bigint, success boolean, checksum bytea);
        INSERT INTO _sqlx_migrations VALUES (20200101000000, true, '\\x00')",
    )
    .await;
    says(
        &why(options(&pool)).await,
        &["_sqlx_migrations", "DATABASE_URL"],
    );
    assert_eq!(tables(&pool).await, 1);
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_is_used_whatever_its_extensions_and_other_schemas_hold(pool: PgPool) {
    sql(
        &pool,
        "CREATE SCHEMA theirs; CREATE TABLE theirs.users (id integer)",
    )
    .await;
    for _ in 0..2 {
        let connections = Connections::new(options(&pool), &PoolSettings::default());
        prepare(&connections).await.expect("a database");
    }
    assert!(tables(&pool).await > 5);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_schema_of_another_version_is_refused(pool: PgPool) {
    let altered = "UPDATE _sqlx_migrations SET checksum = '\\x00'
        WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    for (change, words) in [
        (
            "INSERT INTO _sqlx_migrations SELECT 99991231000000, 'later', now(), true, '\\x00', 1",
            &["newer", "99991231000000"][..],
        ),
        (
            "DELETE FROM _sqlx_migrations WHERE version = 99991231000000",
            &[],
        ),
        (altered, &["another build"]),
        (
            "UPDATE _sqlx_migrations SET success = false",
            &["incomplete"],
        ),
    ] {
        sql(&pool, change).await;
        if !words.is_empty() {
            says(&why(options(&pool)).await, words);
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_role_that_may_not_create_tables_is_told_which_right_it_lacks(pool: PgPool) {
    let role = format!("reader_{}", random::id(Clock::System).simple());
    sql(
        &pool,
        &format!(
            "CREATE ROLE \"{role}\" LOGIN;
            REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        ),
    )
    .await;
    // The embedded Postgres lets only one role in.
    let why = why(options(&pool).options([("role", &role)])).await;
    sql(&pool, &format!("DROP ROLE \"{role}\"")).await;
    says(&why, &["GRANT CREATE"]);
}
