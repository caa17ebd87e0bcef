//! Root in a data folder of somebody else, who may have put anything there.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use latchkey_postgres::{Error, read_or_create_private_file};

use crate::data::{Data, is_root, run};

/// Any user but root, who runs Postgres here.
const OWNER: u32 = 65534;

/// A data folder of another user, next to a file of root that the user would like to have.
struct Foreign {
    data: Data,
    precious: PathBuf,
}

impl Foreign {
    fn new() -> Self {
        let data = Data::new();
        let folder = &data.options.data_dir;
        fs::DirBuilder::new()
            .mode(0o755)
            .create(folder)
            .expect("a data folder");
        chown(folder, Some(OWNER), Some(OWNER)).expect("its owner");
        let precious = folder.with_file_name("precious");
        fs::write(&precious, "precious").expect("a file");
        fs::set_permissions(&precious, Permissions::from_mode(0o640)).expect("its mode");
        Self { data, precious }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.data.options.data_dir.join(name)
    }

    fn assert_untouched(path: &Path, why: &str) {
        let metadata = fs::metadata(path).expect("it is there");
        assert_eq!((metadata.uid(), metadata.gid()), (0, 0), "{why}: its owner");
        if metadata.is_file() {
            assert_eq!(metadata.mode() & 0o7777, 0o640, "{why}: its mode");
            let content = fs::read_to_string(path).expect("a file");
            assert_eq!(content, "precious", "{why}: its content");
        } else {
            assert_eq!(metadata.mode() & 0o7777, 0o755, "{why}: its mode");
            let inside = fs::read_dir(path).expect("a folder").count();
            assert_eq!(inside, 0, "{why}: what is in it");
        }
    }
}

#[tokio::test]
async fn a_link_to_a_file_of_root_is_refused_and_the_file_stays_as_it_was() {
    if !is_root() {
        return;
    }
    let foreign = Foreign::new();
    for name in ["start.lock", "users.lock", "postgres.log", "secret"] {
        for hard in [false, true] {
            let planted = foreign.at(name);
            if hard {
                fs::hard_link(&foreign.precious, &planted).expect("a link");
            } else {
                symlink(&foreign.precious, &planted).expect("a link");
            }
            let refusal = if name == "secret" {
                let folder = &foreign.data.options.data_dir;
                read_or_create_private_file(folder, name, || "new".to_owned())
                    .expect_err("a refusal")
            } else {
                foreign.data.refusal().await
            };
            assert!(
                matches!(&refusal, Error::Link(path) if *path == planted),
                "{refusal}"
            );
            fs::remove_file(&planted).expect("the link");
            Foreign::assert_untouched(&foreign.precious, name);
        }
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_creates_nothing() {
    if !is_root() {
        return;
    }
    let foreign = Foreign::new();
    let nowhere = foreign.precious.with_file_name("nowhere");
    for name in ["start.lock", "users.lock", "postgres.log"] {
        symlink(&nowhere, foreign.at(name)).expect("a link");
        assert!(matches!(foreign.data.refusal().await, Error::Link(_)));
        assert!(!nowhere.exists(), "{name}");
        fs::remove_file(foreign.at(name)).expect("the link");
    }
}

#[tokio::test]
async fn a_link_to_a_folder_of_root_is_refused_and_the_folder_stays_as_it_was() {
    if !is_root() {
        return;
    }
    let foreign = Foreign::new();
    let folder = foreign.precious.with_file_name("folder");
    fs::DirBuilder::new()
        .mode(0o755)
        .create(&folder)
        .expect("a folder");
    for name in ["socket", "postgres"] {
        let planted = foreign.at(name);
        if planted.exists() {
            fs::rename(&planted, foreign.at("aside")).expect("it moves");
        }
        symlink(&folder, &planted).expect("a link");
        let refusal = foreign.data.refusal().await;
        assert!(matches!(refusal, Error::Link(_)), "{name}: {refusal}");
        Foreign::assert_untouched(&folder, name);
        fs::remove_file(&planted).expect("the link");
    }
}

#[tokio::test]
async fn a_pipe_in_the_place_of_a_file_does_not_stop_the_program() {
    let data = Data::new();
    latchkey_postgres::create_data_dir(&data.options.data_dir).expect("a data folder");
    let made = std::process::Command::new("mkfifo")
        .arg(data.options.data_dir.join("users.lock"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    data.refusal().await;
}

#[tokio::test]
async fn what_is_new_belongs_to_the_folders_owner_and_nothing_else_does() {
    if !is_root() {
        return;
    }
    let foreign = Foreign::new();
    let lock = foreign.at("users.lock");
    fs::write(&lock, "").expect("a file of root");
    let postgres = foreign.data.open().await;
    run(&postgres, "SELECT 1").await;
    postgres.close().await.expect("Postgres stops");
    for name in ["start.lock", "postgres.log", "socket", "postgres"] {
        let metadata = fs::metadata(foreign.at(name)).expect(name);
        assert_eq!(metadata.uid(), OWNER, "{name}");
    }
    assert_eq!(fs::metadata(lock).expect("a file").uid(), 0);
}

#[tokio::test]
async fn a_folder_that_its_group_may_write_works_and_is_closed_again() {
    let data = Data::new();
    data.open().await.close().await.expect("Postgres stops");
    // As Kubernetes does for the group of a volume.
    let opened = std::process::Command::new("chmod")
        .args(["-R", "g+rwX"])
        .arg(&data.options.data_dir)
        .status();
    assert!(opened.expect("chmod runs").success());
    assert_eq!(data.mode("postgres"), 0o770);

    let postgres = data.open().await;
    run(&postgres, "SELECT 1").await;
    postgres.close().await.expect("Postgres stops");
    for (name, mode) in [
        ("postgres", 0o700),
        ("socket", 0o700),
        ("postgres.log", 0o600),
        ("users.lock", 0o600),
        ("start.lock", 0o600),
    ] {
        assert_eq!(data.mode(name), mode, "{name}");
    }
}

#[tokio::test]
async fn an_owner_without_a_name_can_run_postgres() {
    if !is_root() {
        return;
    }
    let data = Data::new();
    let folder = &data.options.data_dir;
    fs::create_dir(folder).expect("a data folder");
    chown(folder, Some(1_234_567), Some(0)).expect("its owner");
    let postgres = data.open().await;
    run(&postgres, "SELECT 1").await;
    postgres.close().await.expect("Postgres stops");
    data.open().await.close().await.expect("it opens again");
}
