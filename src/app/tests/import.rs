//! `latchkey import stack-auth`, as somebody at a command line meets it.

use std::fs;

use serde_json::Value;

use crate::place::Place;

/// The project, user and team of the source.
const PROJECT: &str = "01900000-0000-7000-8000-0000000000f1";
/// A key that was published as an example, with its own id.
const KEY: &str = "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc\
                   11111111222243338444555555555555user1574ck4u7h697e6bb1";

/// One project with one of everything, and one that has no place here.
fn source() -> String {
    let tables = include_str!("../../domain/tests/stack_auth.sql");
    format!(
        r#"{tables}
        SET search_path = stack;
        INSERT INTO "Project" (id, "displayName") VALUES ('internal', 'Dashboard'), ('{PROJECT}', 'Moved');
        INSERT INTO "Tenancy" VALUES (gen_random_uuid(), '{PROJECT}', 'main', NULL);
        INSERT INTO "ProjectUser" ("tenancyId", "projectUserId", "displayName")
            SELECT id, '{PROJECT}', 'Ada' FROM "Tenancy";
        INSERT INTO "Team" ("tenancyId", "teamId", "displayName") SELECT id, '{PROJECT}', 'Team' FROM "Tenancy";
        INSERT INTO "TeamMember" ("tenancyId", "projectUserId", "teamId")
            SELECT id, '{PROJECT}', '{PROJECT}' FROM "Tenancy";
        INSERT INTO "TeamMemberDirectPermission" ("tenancyId", "projectUserId", "teamId", "permissionId")
            SELECT id, '{PROJECT}', '{PROJECT}', p FROM "Tenancy", unnest(ARRAY['team_admin', 'wizard']) p;
        INSERT INTO "ProjectApiKey" ("tenancyId", id, "secretApiKey", "projectUserId")
            SELECT id, '11111111-2222-4333-8444-555555555555', '{KEY}', '{PROJECT}' FROM "Tenancy";
        INSERT INTO "ProjectApiKey" ("tenancyId", id, "secretApiKey", "projectUserId")
            SELECT id, gen_random_uuid(), 'canary-of-no-key', '{PROJECT}' FROM "Tenancy";"#
    )
}

impl Place {
    /// Makes the source in the program's own Postgres.
    fn with_source() -> Self {
        let place = Self::new();
        let script = place
            .program()
            .get_current_dir()
            .expect("a folder")
            .join("source.sql");
        fs::write(&script, source()).expect("a file");
        let script = script.to_str().expect("a path").to_owned();
        let (made, _, said) = place.run(&[
            "postgres",
            "exec",
            "--",
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            &script,
        ]);
        assert!(made, "{said}");
        place
    }

    /// Imports from there, beside whoever else uses that Postgres.
    fn import(&self, arguments: &str) -> (bool, String, String) {
        let command = format!(
            r#"from="$DATABASE_URL&schema=stack"; unset DATABASE_URL
            exec ./latchkey import stack-auth --from "$from" {arguments}"#
        );
        self.run(&["postgres", "exec", "--", "sh", "-c", &command])
    }

    fn answer(&self, arguments: &str) -> Value {
        let (went_well, answer, said) = self.import(arguments);
        assert!(went_well, "{said}");
        assert!(said.contains("api_keys read: 2"), "{said}");
        assert!(!answer.contains(&KEY[3..48]) && !answer.contains("canary"));
        serde_json::from_str(&answer).expect("one JSON object")
    }

    fn count(&self, tables: &str) -> String {
        let query = format!("SELECT count(*) FROM {tables}");
        let (counted, count, said) =
            self.run(&["postgres", "exec", "--", "psql", "-At", "-c", &query]);
        assert!(counted, "{said}");
        count.trim().to_owned()
    }
}

#[test]
fn a_project_moves_here_with_one_command() {
    let place = Place::with_source();
    let _held = place.hold();
    let told = place.answer("--dry-run --json");
    assert_eq!(told["dry_run"], true);
    assert_eq!(place.count("public.projects"), "0");
    let done = place.answer("--json --allow-team-api-keys true");
    let project = &done["projects"][0];
    for (field, expected) in [
        ("id", Value::from(PROJECT)),
        ("display_name", "Moved".into()),
        ("is_new", true.into()),
        ("undefined_permissions", serde_json::json!({"wizard": 1})),
        (
            "permissions",
            serde_json::json!({"read": 2, "imported": 2, "already_here": 0, "left_out": 0}),
        ),
        (
            "api_keys",
            serde_json::json!({"read": 2, "imported": 1, "already_here": 0, "left_out": 1}),
        ),
    ] {
        assert_eq!(project[field], expected, "{field}");
    }
    for field in [
        "users",
        "teams",
        "memberships",
        "permissions",
        "api_keys",
        "remarks",
    ] {
        assert_eq!(told["projects"][0][field], project[field], "{field}");
    }
    assert_eq!(project["config"]["allow_user_api_keys"], true);
    assert_eq!(project["config"]["allow_team_api_keys"], true);
    let assumed = project["assumed"].as_array().expect("a list");
    assert!(assumed.contains(&"allow_user_api_keys".into()));
    assert!(!assumed.contains(&"allow_team_api_keys".into()));
    assert_eq!(project["remarks"][0]["code"], "key_unreadable");
    assert_eq!(done["skipped"][0]["id"], "internal");
    for (name, prefix) in [
        ("publishable_client_key", "pck_"),
        ("secret_server_key", "ssk_"),
        ("super_secret_admin_key", "sak_"),
    ] {
        let key = project[name].as_str().expect("a key");
        assert!(key.starts_with(prefix) && key.len() == 49);
    }
    let again = place.answer("--json");
    assert_eq!(again["projects"][0]["is_new"], false);
    assert!(again["projects"][0].get("secret_server_key").is_none());
    assert_eq!(place.count("public.api_keys"), "1");
    assert_eq!(place.count("public.project_key_sets"), "1");
}

#[test]
fn what_an_import_did_can_be_read() {
    let place = Place::with_source();
    let _held = place.hold();
    let (went_well, text, _) = place.import(&format!("--project {}", PROJECT.to_uppercase()));
    assert!(went_well);
    for line in [
        "Moved",
        "assumed, because settings are not read from the source: allow_user_api_keys=true",
        "latchkey project config 01900000-0000-7000-8000-0000000000f1 allow_user_api_keys=true",
        "users        1 read, 1 imported, 0 already here, 0 skipped",
        "permission wizard is not defined here; grants that have no effect until it is: 1",
        "api_keys: 1 time: not imported: the key's format",
        "secret_server_key       ssk_",
        "Save these keys now",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("internal"), "nobody asked for it");
    let (went_well, text, _) = place.import("--project internal");
    assert!(
        went_well && text.starts_with("skipped internal: "),
        "{text}"
    );
}

#[test]
fn what_stands_in_the_way_of_an_import_is_said_and_nothing_is_changed() {
    let place = Place::with_source();
    let _held = place.hold();
    for (arguments, says) in [
        (
            "--project 01900000-0000-7000-8000-0000000000f2",
            "the source has no project",
        ),
        ("--config []", "JSON object"),
        ("--allow-user-api-keys maybe", "invalid value"),
    ] {
        let (went_well, _, said) = place.import(arguments);
        assert!(!went_well && said.contains(says), "{arguments}: {said}");
    }
    for (address, says) in [
        ("postgres://user:canary@127.0.0.1:1/db", "cannot be read"),
        ("user:canary", "not an address"),
    ] {
        let output = place
            .program()
            .args(["--log", "trace", "import", "stack-auth", "--json"])
            .env("STACK_AUTH_DATABASE_URL", address)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && said.contains(says), "{said}");
        assert!(!said.contains("canary") && !answer.contains("canary"));
        let answer: Value = serde_json::from_str(&answer).expect("one JSON object");
        assert!(
            answer["error"]
                .as_str()
                .is_some_and(|error| error.contains(says))
        );
    }
    let broken = r#"ALTER TABLE stack."Team" RENAME "teamId" TO id"#;
    let (renamed, ..) = place.run(&["postgres", "exec", "--", "psql", "-q", "-c", broken]);
    assert!(renamed);
    let (went_well, _, said) = place.import("");
    assert!(!went_well);
    assert!(
        said.contains(r#""Team"."teamId": there is no such column"#),
        "{said}"
    );
    assert_eq!(place.count("public.projects"), "0");
}
