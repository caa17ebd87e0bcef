//! A secret that is lost, or is not the database's.

use std::fs;

use latchkey_domain::random;

use crate::{application::Application, place::Place};

/// A place whose database has been used with a secret, which is returned.
fn used() -> (Place, String) {
    let place = Place::new();
    assert!(place.run(&["demo"]).0);
    assert!(place.serve().terminate());
    let secret = fs::read_to_string(place.data().join("secret")).expect("a secret");
    (place, secret)
}

fn lose(place: &Place) {
    fs::remove_file(place.data().join("secret")).ok();
}

fn overwrite(place: &Place) {
    fs::write(place.data().join("secret"), random::secret_text()).expect("written");
}

/// What `serve` says, which does not start.
fn refused(place: &Place, command: &[&str]) -> String {
    let (done, answer, said) = place.run(command);
    assert!(!done && answer.is_empty(), "{command:?}: {answer}");
    let errors = said.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{command:?}: {said}");
    said
}

const CHANGES: [&[&str]; 6] = [
    &["serve"],
    &["project", "create"],
    &["project", "rotate-keys", "Acme"],
    &["user", "create", "--email", "ada@example.com"],
    &["demo"],
    &["signing-keys", "rotate"],
];

#[test]
fn a_lost_secret_is_not_replaced_by_a_new_one_unasked() {
    let (place, secret) = used();
    lose(&place);
    let file = place.data().join("secret");
    let name = file.to_string_lossy().into_owned();
    for command in CHANGES {
        let said = refused(&place, command);
        assert!(
            said.contains(&name) && said.contains("missing") && said.contains("--new-secret"),
            "{command:?}: {said}"
        );
    }
    for command in [
        &["doctor"][..],
        &["project", "list"],
        &["signing-keys", "list"],
        &["migrate"],
        &["backup", "alone", "--without-secret"],
    ] {
        place.run(command);
        assert!(!file.exists(), "{command:?}");
    }
    fs::write(&file, &secret).expect("put back");
    assert!(place.serve().terminate());
}

#[test]
fn every_command_that_changes_something_refuses_another_secret() {
    let (place, _) = used();
    let file = place.data().join("secret");
    let name = file.to_string_lossy().into_owned();
    let other = random::secret_text();
    for command in CHANGES {
        let refused = place.run_with(&[("LATCHKEY_SECRET", &other)], command);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success()
                && said.contains("LATCHKEY_SECRET is not")
                && said.contains("LATCHKEY_OLD_SECRETS"),
            "{command:?}: {said}"
        );
    }
    overwrite(&place);
    for command in CHANGES {
        let said = refused(&place, command);
        assert!(
            said.contains(&name) && said.contains("does not hold"),
            "{command:?}: {said}"
        );
    }
    let (_, listed, _) = place.run(&["signing-keys", "list"]);
    assert!(listed.contains("a secret that is not set"), "{listed}");
    let (_, projects, _) = place.run(&["project", "list"]);
    assert_eq!(projects.lines().count(), 1, "{projects}");
}

#[test]
fn a_database_goes_on_with_a_new_secret_and_loses_only_tokens() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    lose(&place);
    let rotate = ["signing-keys", "rotate", "--new-secret"];
    let said = refused(&place, &rotate);
    assert!(said.contains("stop every server"), "{said}");
    assert!(server.terminate());
    for damage in [lose, overwrite] {
        damage(&place);
        let (done, keys, said) = place.run(&rotate);
        assert!(done, "{said}");
        assert!(
            keys.lines()
                .all(|key| key.ends_with("sealed with the current secret"))
                || keys.contains("current secret,"),
            "{keys}"
        );
        let server = place.serve();
        assert_eq!(application.check(&server, &key), "200");
        assert!(server.terminate());
    }
    let (content, findings, _) = place.run(&["doctor"]);
    assert!(content, "{findings}");
}

#[test]
fn a_backup_vouches_only_for_the_secret_that_a_restore_accepts() {
    let (place, secret) = used();
    let beside = place.data().with_file_name("backup.secret");
    for damage in [lose, overwrite] {
        damage(&place);
        let said = refused(&place, &["backup", "backup"]);
        assert!(
            said.contains("secret") && said.contains("--without-secret"),
            "{said}"
        );
        assert!(!beside.exists() && !place.data().with_file_name("backup").exists());
    }
    let other = random::secret_text();
    let wrong = place.run_with(&[("LATCHKEY_SECRET", &other)], &["backup", "backup"]);
    assert!(!wrong.status.success());
    // A former secret of this environment is not in the file.
    let with_former = place.run_with(
        &[("LATCHKEY_OLD_SECRETS", secret.trim())],
        &["backup", "backup"],
    );
    let said = String::from_utf8_lossy(&with_former.stderr);
    assert!(
        !with_former.status.success() && said.contains("signing-keys rotate"),
        "{said}"
    );
    let (made, _, said) = place.run(&["backup", "backup", "--without-secret"]);
    assert!(made, "{said}");
    let restore = ["restore", "backup", "--replace", "--yes"];
    let (done, _, said) = place.run(&[&restore[..], &["--new-secret"]].concat());
    assert!(done, "{said}");
    assert!(place.serve().terminate(), "it starts");
}

#[test]
fn a_secret_that_does_not_open_the_backup_is_named() {
    let (place, secret) = used();
    let (made, _, said) = place.run(&["backup", "backup"]);
    assert!(made, "{said}");
    let other = random::secret_text();
    fs::write(place.data().with_file_name("other"), &other).expect("written");
    overwrite(&place);
    let restore = ["restore", "backup", "--replace", "--yes"];
    let given = [&restore[..], &["--secret-file", "other"]].concat();
    let said = refused(&place, &given);
    assert!(said.contains("other does not open this backup"), "{said}");
    assert!(!said.contains("is missing"), "{said}");
    fs::rename(
        place.data().with_file_name("backup.secret"),
        place.data().with_file_name("kept.secret"),
    )
    .expect("renamed");
    let set = place.run_with(&[("LATCHKEY_SECRET", &other)], &restore);
    let said = String::from_utf8_lossy(&set.stderr);
    assert!(
        !set.status.success() && said.contains("LATCHKEY_SECRET does not open this backup"),
        "{said}"
    );
    let said = refused(&place, &restore);
    assert!(said.contains("does not open this backup"), "{said}");
    let (done, _, said) = place.run(&[&restore[..], &["--secret-file", "kept.secret"]].concat());
    assert!(done, "{said}");
    assert_eq!(
        fs::read_to_string(place.data().join("secret")).expect("a secret"),
        secret
    );
}
