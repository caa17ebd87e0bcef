//! The drill: what was revoked after a backup stays refused after a restore, however it was made.

use std::{fs, path::Path, process::Command};

use crate::{application::Application, place::Place};

#[test]
fn a_key_that_was_revoked_after_the_backup_stays_refused_after_the_restore() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let [kept, revoked] = [(); 2].map(|()| application.key(&server));
    let (made, _, said) = place.run(&["backup", "backup"]);
    assert!(made, "{said}");
    application.revoke(&server, &revoked);
    assert_eq!(application.check(&server, &revoked), "401");
    let restore = ["restore", "backup", "--replace", "--yes"];
    let (done, _, said) = place.run(&restore);
    assert!(!done && said.contains("stop every server"), "{said}");
    assert!(server.terminate());
    let (done, _, said) = place.run(&restore[..2]);
    assert!(!done && said.contains("--replace"), "{said}");
    let (done, _, said) = place.run(&restore[..3]);
    assert!(!done && said.contains("--yes"), "{said}");
    let (done, answer, said) = place.run(&restore);
    assert!(done && answer.contains("is locked"), "{answer}{said}");

    let server = place.serve();
    for key in [&kept, &revoked] {
        assert_eq!(application.check(&server, key), "503");
    }
    let ready = server.get("/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.contains("locked"),
        "{ready}"
    );
    let (healthy, findings, _) = place.run(&["doctor"]);
    assert!(
        !healthy && findings.contains("latchkey unlock"),
        "{findings}"
    );
    let (decided, shown, _) = place.run(&["unlock"]);
    assert!(
        !decided && shown.contains("working keys: 2") && shown.contains("--revoke-older"),
        "{shown}"
    );
    let (decided, _, said) = place.run(&["unlock", "--revoke-older"]);
    assert!(!decided && said.contains("--yes"), "{said}");
    assert_eq!(
        application.check(&server, &kept),
        "503",
        "nobody has decided yet"
    );
    let unlock = ["unlock", "--revoke-older", "--yes", "--by", "Ada"];
    let (decided, shown, said) = place.run(&unlock);
    assert!(
        decided && shown.contains("by Ada: 2 keys revoked"),
        "{shown}{said}"
    );
    // The running server follows at once.
    for key in [&kept, &revoked] {
        assert_eq!(application.check(&server, key), "401");
    }
    let new = application.key(&server);
    assert_eq!(application.check(&server, &new), "200");
    assert!(server.terminate());
}

#[test]
fn a_backup_of_what_is_there_is_restored_without_a_lock_and_additions_do_not_count() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let [kept, revoked] = [(); 2].map(|()| application.key(&server));
    application.revoke(&server, &revoked);
    let (made, _, said) = place.run(&["backup", "backup"]);
    assert!(made, "{said}");
    let added = application.key(&server);
    assert!(server.terminate());
    let (done, answer, said) = place.run(&["restore", "backup", "--replace", "--yes"]);
    assert!(done && answer.contains("not locked"), "{answer}{said}");
    let server = place.serve();
    let checked = [&kept, &revoked, &added].map(|key| application.check(&server, key));
    assert_eq!(checked, ["200", "401", "404"]);
    assert!(server.terminate());
}

#[test]
fn a_dump_that_psql_loads_into_a_new_cluster_is_locked() {
    let old = Place::new();
    let application = Application::new(&old);
    let server = old.serve();
    let key = application.key(&server);
    let exec = ["postgres", "exec", "--"];
    let with = |more: &[&'static str]| [&exec[..], more].concat();
    let (made, dump, said) = old.run(&with(&["pg_dump", "--no-owner"]));
    assert!(made, "{said}");
    application.revoke(&server, &key);
    assert!(server.terminate());

    let new = Place::new();
    fs::write(new.data().with_file_name("dump.sql"), dump).expect("a file");
    fs::create_dir(new.data()).expect("a folder");
    own_like_parent(&new.data());
    fs::copy(old.data().join("secret"), new.data().join("secret")).expect("the secret");
    let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    let (done, _, said) = new.run(&with(&["psql", "-q", "-c", empty, "-f", "dump.sql"]));
    assert!(done, "{said}");
    let server = new.serve();
    assert_eq!(application.check(&server, &key), "503");
    let (decided, _, said) = new.run(&["unlock", "--accept", "--yes"]);
    assert!(decided, "{said}");
    assert_eq!(
        application.check(&server, &key),
        "200",
        "accepted as it is in the dump"
    );
    assert!(server.terminate());
}

/// The unprivileged Postgres has to pass through it.
fn own_like_parent(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).expect("its mode");
}

#[test]
fn restarts_crashes_upkeep_and_a_second_server_do_not_lock() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    server.kill();
    let server = place.serve();
    assert_eq!(application.check(&server, &key), "200", "after kill -9");
    let postmaster = fs::read_to_string(place.data().join("postgres/postmaster.pid"));
    let postmaster = postmaster.expect("a pid file");
    let pid = postmaster.lines().next().expect("a pid");
    assert!(server.terminate());
    let second = place.serve();
    let third = place.serve();
    assert_ne!(
        fs::read_to_string(place.data().join("postgres/postmaster.pid"))
            .ok()
            .as_deref(),
        Some(pid)
    );
    let psql = ["postgres", "exec", "--", "psql", "-q", "-c", "VACUUM FULL"];
    let (done, _, said) = place.run(&psql);
    assert!(done, "{said}");
    for server in [&second, &third] {
        assert_eq!(application.check(server, &key), "200");
    }
    assert!(second.terminate() && third.terminate());
}

#[test]
fn older_files_of_the_cluster_are_noticed_and_the_same_ones_are_not() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    assert!(server.terminate());
    let [cluster, copy] = ["postgres", "copy"].map(|name| place.data().join(name));
    let copy_folder = |from: &Path, to: &Path| {
        let copied = Command::new("cp").arg("-a").args([from, to]).status();
        assert!(copied.is_ok_and(|status| status.success()));
    };
    copy_folder(&cluster, &copy);
    fs::remove_dir_all(&cluster).expect("removed");
    copy_folder(&copy, &cluster);
    let server = place.serve();
    assert_eq!(
        application.check(&server, &key),
        "200",
        "nothing had happened"
    );
    application.revoke(&server, &key);
    assert!(server.terminate());
    fs::remove_dir_all(&cluster).expect("removed");
    copy_folder(&copy, &cluster);
    let server = place.serve();
    assert_eq!(application.check(&server, &key), "503");
    assert!(server.terminate());
}

#[test]
fn an_operator_can_lock_after_a_restore_that_leaves_no_trace() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = place.serve();
    let key = application.key(&server);
    let (locked, _, said) = place.run(&["lock", "--by", "Ada"]);
    assert!(locked, "{said}");
    assert_eq!(application.check(&server, &key), "503");
    assert!(server.terminate());
}
