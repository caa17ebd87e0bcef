//! The program while its Postgres is frozen or restarts, and with databases that it cannot use.

use std::{fs, thread, time::Duration};

use latchkey_domain::testing::FreshDatabase;
use tokio::time::Instant;

use crate::{
    application::{Application, Key, status},
    place::{HANGS, Place, SECRET, Server, address_of, signal},
};

/// The deadlines that the server is given, and what a busy machine adds.
const DEADLINE: &str = "1";
const ANSWERED: Duration = Duration::from_secs(8);

fn serve(place: &Place) -> Server {
    place.serve_with(&[
        ("LATCHKEY_CHECK_DEADLINE", DEADLINE),
        ("LATCHKEY_REQUEST_DEADLINE", DEADLINE),
    ])
}

/// The status of the answer, if it comes within this time.
fn get(server: &Server, path: &str, within: Duration) -> Option<String> {
    status(&server.ask_within(within, "GET", path, "", "")?)
}

fn check(application: &Application, server: &Server, key: &Key) -> Option<String> {
    application.check_within(server, key, ANSWERED)
}

/// The statuses of so many checks at once.
fn checks(application: &Application, server: &Server, key: &Key, times: usize) -> Vec<String> {
    thread::scope(|scope| {
        let checks: Vec<_> = (0..times)
            .map(|_| scope.spawn(|| check(application, server, key)))
            .collect();
        checks
            .into_iter()
            .map(|check| check.join().expect("a check").unwrap_or_default())
            .collect()
    })
}

/// Sends this signal to Postgres and each of its processes.
fn signal_all(name: &str, postmaster: &str) {
    // The main process first, so that it cannot start further processes.
    signal(name, postmaster);
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1));
        if parent == Some(postmaster) {
            signal(name, &entry.file_name().to_string_lossy());
        }
    }
}

#[test]
fn while_postgres_is_frozen_everything_is_answered_and_soon_after_all_is_well() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = serve(&place);
    let key = application.key(&server);
    assert_eq!(checks(&application, &server, &key, 12), ["200"; 12]);
    let frozen = place.postmaster();
    signal_all("-STOP", &frozen);
    // First those with a connection, then those that cannot get one.
    for _ in 0..2 {
        thread::scope(|scope| {
            let checks = scope.spawn(|| checks(&application, &server, &key, 12));
            let page = scope.spawn(|| get(&server, "/sign-in", ANSWERED));
            let ready = scope.spawn(|| get(&server, "/readyz", Duration::from_millis(1500)));
            let alive = get(&server, "/livez", ANSWERED);
            assert_eq!(alive.as_deref(), Some("200"));
            let ready = ready.join().expect("an answer");
            assert_eq!(ready.as_deref(), Some("503"));
            let page = page.join().expect("an answer");
            assert_eq!(page.as_deref(), Some("503"));
            assert_eq!(checks.join().expect("answers"), ["503"; 12]);
        });
    }
    signal_all("-CONT", &frozen);
    let thawed = Instant::now();
    while check(&application, &server, &key).as_deref() != Some("200") {
        assert!(thawed.elapsed() < Duration::from_secs(3), "after the thaw");
    }
    for path in ["/sign-in", "/readyz"] {
        let answer = get(&server, path, ANSWERED);
        assert_eq!(answer.as_deref(), Some("200"), "{path}");
    }
    assert_eq!(checks(&application, &server, &key, 12), ["200"; 12]);

    signal_all("-STOP", &frozen);
    let ended = server.terminate_within(Duration::from_secs(10));
    signal_all("-CONT", &frozen);
    assert!(ended.is_some(), "it ends while Postgres is frozen");
}

#[test]
fn a_restart_of_postgres_costs_no_check_its_answer() {
    let place = Place::new();
    let application = Application::new(&place);
    let server = serve(&place);
    let key = application.key(&server);
    assert_eq!(checks(&application, &server, &key, 12), ["200"; 12]);
    // A fast shutdown; the program starts it again.
    signal("-INT", &place.postmaster());
    server.logs("starting it again");
    // Waits for the start.
    let (runs, _, said) = place.run(&["postgres", "exec", "--", "true"]);
    assert!(runs, "{said}");
    assert_eq!(checks(&application, &server, &key, 12), ["200"; 12]);
    let page = get(&server, "/sign-in", ANSWERED);
    assert_eq!(page.as_deref(), Some("200"));
}

#[test]
fn an_address_that_cannot_be_used_is_one_sentence_with_the_setting() {
    let place = Place::new();
    for (address, says) in [
        ("mysql://ada:canary@localhost/latchkey", "mysql://"),
        ("postgres://ada:canary@127.0.0.1:1/latchkey", "127.0.0.1:1"),
        ("postgres://ada:canary@localhost:port/latchkey", "port"),
    ] {
        for command in [&["serve"][..], &["project", "list"], &["migrate"]] {
            let output = place
                .program()
                .args(command)
                .env("DATABASE_URL", address)
                .output()
                .expect("the program runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{address}: {said}"
            );
            assert!(
                said.contains(says) && said.contains("DATABASE_URL"),
                "{address}: {said}"
            );
            assert!(
                !said.contains("canary") && !said.contains("internal error"),
                "{said}"
            );
            assert_eq!(said.trim().lines().count(), 1, "{said}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_a_warning_at_the_start() {
    let database = FreshDatabase::create().await;
    database
        .execute(
            "CREATE OR REPLACE FUNCTION now_millis() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
             RETURN floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint + 3600000",
        )
        .await;
    let place = Place::new();
    let url = address_of(&database);
    let server = place.serve_with(&[("DATABASE_URL", &url), ("LATCHKEY_SECRET", SECRET)]);
    let ended = server.terminate_within(HANGS).expect("it ends");
    let warning = ended.log.lines().find(|line| line.contains("clock"));
    let warning = warning.unwrap_or_else(|| panic!("{}", ended.log));
    assert!(
        warning.contains("WARN") && warning.contains("s behind that of the database"),
        "{warning}"
    );
    database.drop().await;
}
