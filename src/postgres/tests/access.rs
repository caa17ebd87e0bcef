//! Who may connect to the embedded Postgres.

use std::{fs, os::unix::fs::MetadataExt, process::Command};

use latchkey_postgres::Embedded;
use sqlx::{Connection, PgConnection};

use crate::data::{Data, count, is_root, run};

/// Runs psql as the user of the cluster, who is not the program's, and returns what it says.
fn psql_as_the_clusters_owner(data: &Data, postgres: &Embedded, role: &str) -> (bool, String) {
    let owner = fs::metadata(data.cluster()).expect("a cluster");
    let options = postgres.connect_options();
    let output = Command::new("setpriv")
        .arg(format!("--reuid={}", owner.uid()))
        .arg(format!("--regid={}", owner.gid()))
        .arg("--clear-groups")
        .arg(postgres.bin_dir().join("psql"))
        .args([
            "-h",
            &options.get_socket().expect("a socket").to_string_lossy(),
        ])
        .args(["-U", role, "-d", "latchkey", "-Atc", "SELECT 1"])
        .current_dir("/")
        .output()
        .expect("psql runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

#[tokio::test]
async fn the_socket_is_only_for_the_programs_own_account() {
    if !is_root() {
        return;
    }
    let data = Data::new();
    let postgres = data.open().await;
    for role in ["latchkey", "postgres"] {
        let (connected, said) = psql_as_the_clusters_owner(&data, &postgres, role);
        assert!(!connected, "{role}");
        assert!(said.contains("FATAL"), "{role}: {said}");
    }
    postgres.close().await.expect("Postgres stops");
}

const TRUSTING: &str = "local all all trust\nlocal replication all trust\n";

fn make_trusting(data: &Data) {
    fs::write(data.cluster().join("pg_hba.conf"), TRUSTING).expect("its rules");
    fs::write(data.cluster().join("pg_ident.conf"), "# none\n").expect("its map");
}

fn assert_protected(data: &Data) {
    let rules = |name: &str| fs::read_to_string(data.cluster().join(name)).expect(name);
    assert!(!rules("pg_hba.conf").contains("trust"));
    assert_eq!(rules("pg_hba.conf.before"), TRUSTING, "kept");
    let owner = fs::metadata(data.cluster()).expect("a cluster").uid();
    let written = fs::metadata(data.cluster().join("pg_hba.conf")).expect("rules");
    assert_eq!((written.uid(), written.mode() & 0o777), (owner, 0o600));
}

#[tokio::test]
async fn a_cluster_that_trusted_everybody_does_so_no_longer_once_it_is_opened() {
    let data = Data::new();
    let postgres = data.open().await;
    run(&postgres, "CREATE TABLE note AS SELECT 1 AS id").await;
    postgres.close().await.expect("Postgres stops");
    make_trusting(&data);
    let postgres = data.open().await;
    assert_protected(&data);
    assert_eq!(count(&postgres).await, 1);
    if is_root() {
        assert!(!psql_as_the_clusters_owner(&data, &postgres, "latchkey").0);
    }
    postgres.close().await.expect("Postgres stops");
}

#[tokio::test]
async fn a_running_cluster_that_trusts_everybody_does_so_no_longer_once_it_is_joined() {
    let data = Data::new();
    let first = data.open().await;
    make_trusting(&data);
    let pid = data.pid();
    let second = data.open().await;
    assert_eq!(data.pid(), pid);
    assert_protected(&data);
    PgConnection::connect(&second.database_url())
        .await
        .expect("the program connects");
    second.close().await.expect("it closes");
    first.close().await.expect("Postgres stops");
}
