//! The folders: of the data, of the socket and of the programs.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::Command,
};

use latchkey_postgres::{Error, create_data_dir};
use sqlx::{Connection, PgConnection};

use crate::data::{Data, is_root, run};

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
