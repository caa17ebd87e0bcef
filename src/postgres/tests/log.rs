//! What Postgres writes to its log.

use std::fs;

use sqlx::{Connection, Executor, PgConnection};

use crate::data::{Data, kill, run};

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
