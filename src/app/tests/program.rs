//! The program itself, as somebody at a command line meets it.

use crate::place::{Place, is_running};

#[test]
fn the_program_alone_in_a_folder_serves_the_pages() {
    let place = Place::new();
    let server = place.serve();
    assert!(server.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/favicon.svg").contains("image/svg+xml"));
    assert!(server.get("/sign-in").contains("No project yet"));
    let (made, keys, _) = place.run(&["project", "create", "--name", "Alone", "--json"]);
    assert!(made && keys.contains("\"secret_server_key\":\"ssk_"));
    assert!(server.get("/sign-in").contains("Sign in to Alone"));
    assert!(server.terminate());
    assert!(
        !is_running(&place.data()),
        "Postgres stops with the program"
    );
}

#[test]
fn a_killed_program_loses_nothing_that_was_acknowledged() {
    let place = Place::new();
    let server = place.serve();
    let (made, id, _) = place.run(&["project", "create", "--name", "Kept", "--json"]);
    assert!(made);
    let id = id.split('"').nth(3).expect("an id").to_owned();
    server.kill();
    let server = place.serve();
    assert!(server.get("/sign-in").contains("Sign in to Kept"));
    let (listed, projects, _) = place.run(&["project", "list"]);
    assert!(listed && projects.contains(&id), "{projects}");
    assert!(server.terminate());
}

#[test]
fn commands_say_what_is_wrong_and_change_nothing() {
    let place = Place::new();
    let _held = place.hold();
    let (made, answer, said) = place.run(&[
        "project",
        "create",
        "--json",
        "--config",
        r#"{"allow_user_api_keys":true}"#,
    ]);
    assert!(made && answer.starts_with('{'), "{answer}{said}");
    let with_unknown = r#"{"allow_user_api_keys":false,"magic":1}"#;
    for (arguments, says) in [
        (
            &["project", "create", "--config", with_unknown][..],
            "no switch “magic”",
        ),
        (
            &["project", "config", "--config", with_unknown],
            "allow_team_api_keys, ",
        ),
        (
            &[
                "project",
                "config",
                "magic=true",
                "allow_user_api_keys=false",
            ],
            "no switch “magic”",
        ),
        (
            &["project", "config", "allow_user_api_keys=maybe"],
            "true or false",
        ),
        (
            &["project", "config", "Nobody's", "allow_user_api_keys=true"],
            "no project",
        ),
        (&["project", "create", "--config", "[]"], "JSON object"),
        (&["user", "create", "--email", "nobody"], "e-mail"),
        (
            &["user", "create", "--email", "a@b.co", "--password", "short"],
            "at least 8 characters",
        ),
        (
            &[
                "user",
                "create",
                "--email",
                "a@b.co",
                "--password",
                &"x".repeat(71),
            ],
            "at most 70 characters",
        ),
        (
            &["user", "admin", "--email", "nobody@example.com", "true"],
            "has no user nobody@example.com; create",
        ),
        (&["import", "stack-auth"], "STACK_AUTH_DATABASE_URL"),
        (&["restore", "/dev/null"], "is not a backup"),
        (&["backup", "one.secret", "--force"], "another name"),
        (
            &["postgres", "exec", "--", "no-such-program-anywhere"],
            "cannot run",
        ),
    ] {
        let (went_well, _, said) = place.run(arguments);
        assert!(!went_well && said.contains(says), "{arguments:?}: {said}");
    }
    let (_, config, _) = place.run(&["project", "config", "--json"]);
    assert!(config.contains(r#""allow_user_api_keys":true"#), "{config}");
    let (listed, projects, _) = place.run(&["project", "list", "--json"]);
    assert!(
        listed && projects.matches("display_name").count() == 1,
        "{projects}"
    );
}

#[test]
fn the_demo_is_made_when_asked_for_and_only_once() {
    let place = Place::new();
    let _held = place.hold();
    for _ in 0..2 {
        let (made, said, _) = place.run(&["demo"]);
        assert!(made && said.contains("admin@example.com") && said.contains("latchkey-demo"));
    }
    let (_, counted, _) = place.run(&[
        "postgres", "exec", "--", "psql", "-At", "-c",
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM api_keys), (SELECT count(*) FROM teams)",
    ]);
    assert_eq!(counted.trim(), "3|10|1");
}
