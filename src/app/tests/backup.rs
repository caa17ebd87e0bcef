//! Backups: whole, private, and usable.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use latchkey_domain::testing::FreshDatabase;

use crate::{
    application::Application,
    place::{Place, SECRET, address_of},
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

/// A file beside the program.
fn at(place: &Place, name: &str) -> PathBuf {
    place.data().with_file_name(name)
}

#[test]
fn a_backup_is_private_and_replaces_nothing_unasked() {
    let old = Place::new();
    let (made, said, _) = old.run(&["backup", "backup"]);
    assert!(!made, "there is nothing yet: {said}");
    Application::new(&old);
    let (made, said, warned) = old.run(&["backup", "backup"]);
    assert!(
        made && said.contains("backup.secret") && said.contains("different place"),
        "{said}{warned}"
    );
    for file in ["backup", "backup.secret"] {
        assert_eq!(mode(&at(&old, file)), 0o600, "{file}");
    }
    let before = fs::read(at(&old, "backup")).expect("a file");
    let (made, _, said) = old.run(&["backup", "backup"]);
    assert!(!made && said.contains("--force"), "{said}");
    assert_eq!(
        fs::read(at(&old, "backup")).expect("a file"),
        before,
        "kept"
    );
    let (made, _, said) = old.run(&["backup", "backup", "--force"]);
    assert!(made, "{said}");
    let (made, _, said) = old.run(&["backup", "--without-secret", "--", "-x"]);
    assert!(made, "{said}");
    let (done, _, said) = old.run(&["restore", "--", "-x"]);
    assert!(!done && said.contains("--replace"), "{said}");
    let secret = fs::read(at(&old, "backup.secret")).expect("a file");
    let (made, _, said) = old.run(&["backup", "backup.secret", "--force"]);
    assert!(!made && said.contains("another name"), "{said}");
    assert_eq!(fs::read(at(&old, "backup.secret")).expect("a file"), secret);
    let (made, said, _) = old.run(&["backup", "alone", "--without-secret"]);
    assert!(made && said.contains("does not contain"), "{said}");
    assert!(!at(&old, "alone.secret").exists());
    let left = fs::read_dir(at(&old, ".")).expect("a folder");
    let left = left
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("unfinished"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_backup_restores_on_another_machine_with_the_secret_beside_it() {
    let old = Place::new();
    let application = Application::new(&old);
    let server = old.serve();
    let key = application.key(&server);
    assert!(server.terminate());
    for arguments in [
        &["backup", "backup"][..],
        &["backup", "alone", "--without-secret"],
    ] {
        let (made, _, said) = old.run(arguments);
        assert!(made, "{said}");
    }
    let new = Place::new();
    for file in ["backup", "backup.secret", "alone"] {
        fs::copy(at(&old, file), at(&new, file)).expect("a copy");
    }
    let (done, _, said) = new.run(&["restore", "alone"]);
    assert!(!done && said.contains("--new-secret"), "{said}");
    assert!(!new.data().exists(), "nothing was begun");
    let (done, said, warned) = new.run(&["restore", "backup"]);
    assert!(done && said.contains("locked"), "{said}{warned}");
    let secrets =
        [old.data(), new.data()].map(|data| fs::read(data.join("secret")).expect("a secret"));
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(mode(&new.data().join("secret")), 0o600);
    let (decided, _, said) = new.run(&["unlock", "--accept", "--yes"]);
    assert!(decided, "{said}");
    let server = new.serve();
    assert_eq!(application.check(&server, &key), "200");
    assert!(server.terminate());
    // Where the folder has another secret, it is kept.
    fs::write(new.data().join("secret"), SECRET).expect("written");
    let (done, _, said) = new.run(&["restore", "backup", "--replace", "--yes"]);
    assert!(done, "{said}");
    assert_eq!(
        fs::read(new.data().join("secret")).expect("a secret"),
        secrets[0]
    );
    assert!(new.data().join("secret.before-restore").exists());
    let (done, _, said) = new.run(&["restore", "alone", "--replace", "--yes", "--new-secret"]);
    assert!(done, "{said}");
    assert!(new.serve().terminate(), "it starts");
}

#[test]
fn what_is_not_a_whole_backup_is_refused_and_changes_nothing() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    assert!(server.terminate());
    let (made, _, said) = place.run(&["backup", "backup"]);
    assert!(made, "{said}");
    let whole = fs::read(at(&place, "backup")).expect("a file");
    fs::write(at(&place, "cut"), &whole[..whole.len() - whole.len() / 8]).expect("a file");
    fs::write(at(&place, "text"), "CREATE TABLE x ();").expect("a file");
    let other = [
        "postgres",
        "exec",
        "--",
        "pg_dump",
        "-Fc",
        "--schema=none_*",
        "--file=other",
    ];
    let (_, _, _) = place.run(&other);
    for file in ["missing", "text", "cut", "other"] {
        let (done, _, said) = place.run(&["restore", file, "--replace", "--yes"]);
        assert!(!done && said.starts_with("error: "), "{file}: {said}");
    }
    let server = place.serve();
    assert_eq!(application.check(&server, &key), "200");
    assert!(server.terminate());
}

/// Programs that note their arguments and do nothing else.
fn spies(folder: &Path) {
    fs::create_dir(folder).expect("a folder");
    for name in ["pg_dump", "pg_restore", "psql"] {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{name} (PostgreSQL) 99.0'; exit; fi\n\
             echo \"{name} $@\" >> {0}/arguments\necho \"$PGPASSWORD\" >> {0}/passwords\n",
            folder.display()
        );
        let path = folder.join(name);
        fs::write(&path, script).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
}

#[tokio::test]
async fn a_password_is_not_among_the_arguments_of_a_program() {
    let place = Place::new();
    let database = FreshDatabase::create().await;
    let address = address_of(&database);
    let url = address.replacen('@', ":pa55%40word@", 1);
    let folder = at(&place, "spies");
    spies(&folder);
    let output = place
        .program()
        .args(["backup", "backup"])
        .env("DATABASE_URL", url)
        .env("LATCHKEY_SECRET", SECRET)
        .env("LATCHKEY_PG_BIN", &folder)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("what was noted");
    assert!(read("arguments").contains("--format=custom") && !read("arguments").contains("pa55"));
    assert!(read("passwords").contains("pa55@word"));
    assert!(
        !at(&place, "backup.secret").exists(),
        "LATCHKEY_SECRET is not written anywhere"
    );
    database.drop().await;
}

#[tokio::test]
async fn a_database_of_ones_own_is_backed_up_and_restored_too() {
    let place = Place::new();
    let [first, second] = [FreshDatabase::create().await, FreshDatabase::create().await];
    let base = std::env!("CARGO_BIN_EXE_latchkey");
    assert!(Path::new(base).exists());
    let run = |database: &FreshDatabase, arguments: &[&str]| -> (bool, String) {
        let output = Command::new(at(&place, "latchkey"))
            .current_dir(at(&place, "."))
            .args(arguments)
            .env("DATABASE_URL", address_of(database))
            .env("LATCHKEY_SECRET", SECRET)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    for arguments in [
        &["project", "create", "--name", "Kept"][..],
        &["backup", "backup"],
    ] {
        let (done, said) = run(&first, arguments);
        assert!(done, "{said}");
    }
    // The tests' own connections would count as servers.
    second.pool.close().await;
    let (done, said) = run(&second, &["restore", "backup"]);
    assert!(done && said.contains("is locked"), "{said}");
    let (listed, said) = run(&second, &["project", "list"]);
    assert!(listed && said.contains("Kept"), "{said}");
    let (changed, said) = run(&second, &["project", "create", "--name", "New"]);
    assert!(!changed && said.contains("latchkey unlock"), "{said}");
    let (decided, said) = run(&second, &["unlock", "--accept", "--yes"]);
    assert!(decided, "{said}");
    let (changed, said) = run(&second, &["project", "create", "--name", "New"]);
    assert!(changed, "{said}");
    first.drop().await;
    second.drop().await;
}
