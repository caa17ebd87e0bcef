//! Starting and stopping: what is made, and who shares it.

use sqlx::{Connection, PgConnection};

use crate::data::{Data, count, is_root, run};

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
