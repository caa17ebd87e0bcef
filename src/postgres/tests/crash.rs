//! A program or a Postgres that was killed.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    process::{Child, Command, Stdio},
    time::Duration,
};

use latchkey_postgres::Embedded;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::{Instant, interval, timeout};

use crate::data::{Data, count, is_root, run};

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

/// Waits until Postgres accepts connections again and returns how long that took.
async fn back(postgres: &Embedded) -> Duration {
    let killed = Instant::now();
    let mut ticks = interval(Duration::from_millis(20));
    let back = async {
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
    killed.elapsed()
}

/// Kills Postgres many times while it is written to; it comes back and has lost nothing. How long that takes is printed:
/// other tests run at the same time.
#[expect(clippy::print_stdout, reason = "a time is measured, not asserted")]
async fn kill_many_times(rounds: i64) {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    let mut slowest = Duration::ZERO;
    for round in 1..=rounds {
        data.kill_postgres();
        slowest = slowest.max(back(&postgres).await);
        run(&postgres, "INSERT INTO note VALUES (1)").await;
        assert_eq!(count(&postgres).await, 1 + round);
    }
    println!("back after {slowest:?} at most");
    postgres.close().await.expect("Postgres stops");
}

#[tokio::test]
async fn a_postgres_that_is_killed_in_use_comes_back_by_itself() {
    kill_many_times(3).await;
}

#[tokio::test]
#[ignore = "slow: make soak"]
async fn a_postgres_that_is_killed_fifty_times_comes_back_each_time() {
    kill_many_times(50).await;
}

#[tokio::test]
async fn a_statement_that_outlives_a_killed_postgres_does_not_keep_it_from_coming_back() {
    let data = Data::new();
    let postgres = data.open().await;
    let mut busy = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    let mut watching = PgConnection::connect_with(&postgres.connect_options())
        .await
        .expect("a connection");
    let endless = tokio::spawn(async move {
        busy.execute("DO $$BEGIN LOOP NULL; END LOOP; END$$")
            .await
            .map(drop)
    });
    let running = "SELECT FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'";
    while sqlx::query(running)
        .fetch_optional(&mut watching)
        .await
        .expect("activity")
        .is_none()
    {}
    data.kill_postgres();
    let took = back(&postgres).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    endless.await.expect("the task").expect_err("it was ended");
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
