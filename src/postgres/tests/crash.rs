//! A program or a Postgres that was killed.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::time::{interval, timeout};

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
