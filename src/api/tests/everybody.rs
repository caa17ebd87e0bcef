//! Every operation, asked for by everybody: what each is told, that the document says so, and that
//! whoever is refused changes nothing.

use std::collections::BTreeSet;

use latchkey_api::PREFIXES;
use serde_json::Value;
use sqlx::PgPool;

use super::{
    http::{Answer, Api, As, Sent},
    operations::{Operation, document, filled, operations},
    tokens::session_of,
    user_keys::new_key,
};

const OK: &str = "200";
const MADE: &str = "201";
const FORBIDDEN: &str = "403";
const TYPE: &str = "401 INSUFFICIENT_ACCESS_TYPE";
const USER: &str = "401 USER_AUTHENTICATION_REQUIRED";
const ME: &str = "400 CANNOT_GET_OWN_USER_WITHOUT_USER";
const KEY: &str = "404 API_KEY_NOT_FOUND";
const TEAM: &str = "404 TEAM_NOT_FOUND";
const PERMISSION: &str = "401 TEAM_PERMISSION_REQUIRED";
const SESSION: &str = "401 REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED";
const MISMATCH: &str = "400 EMAIL_PASSWORD_MISMATCH";

/// A client without a user, the user in question, another user, the team's admin, a member, the
/// admin of another team, the server, an administrator.
type Answers = [&'static str; 8];

const ANYBODY: Answers = [OK; 8];
const SERVERS: Answers = [TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, OK, OK];
const SERVERS_MAKE: Answers = [TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, MADE, MADE];
const ADMINS: Answers = [TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, OK];
const ADMINS_MAKE: Answers = [TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, TYPE, MADE];
const OWN_KEYS: Answers = [USER, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK, OK];
const TEAM_KEYS: Answers = [USER, KEY, KEY, OK, KEY, KEY, OK, OK];
const ONESELF: Answers = [ME, OK, OK, OK, OK, OK, ME, ME];
const CHANGES_TEAM: Answers = [USER, TEAM, TEAM, OK, PERMISSION, TEAM, OK, OK];

/// An operation, a request for it, its body, and what everybody is told. Words in braces are put in.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, Answers)] = &[
    ("POST /user-api-keys", "/user-api-keys", r#"{"description":"","expires_at_millis":null,"user_id":"{user}"}"#, OWN_KEYS),
    ("GET /user-api-keys", "/user-api-keys?user_id={user}", "", OWN_KEYS),
    ("GET /user-api-keys/{api_key_id}", "/user-api-keys/{user_key}", "", OWN_KEYS),
    ("PATCH /user-api-keys/{api_key_id}", "/user-api-keys/{user_key}", r#"{"revoked":true}"#, OWN_KEYS),
    ("POST /user-api-keys/check", "/user-api-keys/check", r#"{"api_key":"{user_secret}"}"#, SERVERS),
    ("POST /team-api-keys", "/team-api-keys", r#"{"description":"","expires_at_millis":null,"team_id":"{team}"}"#, TEAM_KEYS),
    ("GET /team-api-keys", "/team-api-keys?team_id={team}", "", TEAM_KEYS),
    ("GET /team-api-keys/{api_key_id}", "/team-api-keys/{team_key}?team_id={team}", "", TEAM_KEYS),
    ("PATCH /team-api-keys/{api_key_id}", "/team-api-keys/{team_key}?team_id={team}", r#"{"revoked":true}"#, TEAM_KEYS),
    ("POST /team-api-keys/check", "/team-api-keys/check", r#"{"api_key":"{team_secret}"}"#, SERVERS),
    ("POST /auth/password/sign-up", "/auth/password/sign-up", r#"{"email":"new@example.com","password":"long enough"}"#, ANYBODY),
    ("POST /auth/password/sign-in", "/auth/password/sign-in", r#"{"email":"user@example.com","password":"long enough"}"#, [MISMATCH; 8]),
    ("POST /auth/oauth/token", "/auth/oauth/token", r#"{"grant_type":"refresh_token","refresh_token":"{refresh}","client_id":"{project}"}"#, ANYBODY),
    ("POST /auth/sessions", "/auth/sessions", r#"{"user_id":"{user}"}"#, SERVERS),
    ("GET /auth/sessions", "/auth/sessions?user_id={user}", "", [FORBIDDEN, OK, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK, OK]),
    ("DELETE /auth/sessions/{session_id}", "/auth/sessions/{session}", "", [SESSION, OK, SESSION, SESSION, SESSION, SESSION, OK, OK]),
    ("DELETE /auth/sessions/current", "/auth/sessions/current", "{}", [SESSION, OK, OK, OK, OK, OK, SESSION, SESSION]),
    ("POST /auth/sessions/current/refresh", "/auth/sessions/current/refresh", "{}", [SESSION; 8]),
    ("POST /users", "/users", "{}", SERVERS_MAKE),
    ("GET /users", "/users", "", SERVERS),
    ("GET /users/me", "/users/me", "", ONESELF),
    ("PATCH /users/me", "/users/me", r#"{"display_name":"Else"}"#, ONESELF),
    ("DELETE /users/me", "/users/me", "", ONESELF),
    ("GET /users/{user_id}", "/users/{user}", "", SERVERS),
    ("PATCH /users/{user_id}", "/users/{user}", r#"{"display_name":"Else"}"#, SERVERS),
    ("DELETE /users/{user_id}", "/users/{user}", "", SERVERS),
    ("POST /teams", "/teams", r#"{"display_name":"New"}"#, [USER, MADE, MADE, MADE, MADE, MADE, MADE, MADE]),
    ("GET /teams", "/teams", "", [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK, OK]),
    ("GET /teams/{team_id}", "/teams/{team}", "", [USER, TEAM, TEAM, OK, OK, TEAM, OK, OK]),
    ("PATCH /teams/{team_id}", "/teams/{team}", r#"{"display_name":"Else"}"#, CHANGES_TEAM),
    ("DELETE /teams/{team_id}", "/teams/{team}", "", CHANGES_TEAM),
    ("POST /team-memberships/{team_id}/{user_id}", "/team-memberships/{team}/{user}", "{}", SERVERS_MAKE),
    ("DELETE /team-memberships/{team_id}/{user_id}", "/team-memberships/{team}/{member}", "", [USER, TEAM, TEAM, OK, OK, TEAM, OK, OK]),
    ("GET /team-permissions", "/team-permissions?team_id={team}&user_id={member}", "", [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, OK, OK]),
    ("POST /team-permissions/{team_id}/{user_id}/{permission_id}", "/team-permissions/{team}/{member}/team_admin", "{}", SERVERS_MAKE),
    ("DELETE /team-permissions/{team_id}/{user_id}/{permission_id}", "/team-permissions/{team}/{member}/team_member", "", SERVERS),
    ("GET /team-permission-definitions", "/team-permission-definitions", "", ADMINS),
    ("POST /team-permission-definitions", "/team-permission-definitions", r#"{"id":"new"}"#, ADMINS_MAKE),
    ("PATCH /team-permission-definitions/{permission_id}", "/team-permission-definitions/team_member", r#"{"description":"else"}"#, ADMINS),
    ("DELETE /team-permission-definitions/{permission_id}", "/team-permission-definitions/team_member", "", ADMINS),
    ("GET /projects/current", "/projects/current", "", ANYBODY),
    ("PATCH /projects/current", "/projects/current", r#"{"display_name":"Else"}"#, ADMINS),
    ("GET /projects/{project_id}/.well-known/jwks.json", "/projects/{project}/.well-known/jwks.json", "", ANYBODY),
    ("GET /health", "/health", "", ANYBODY),
    ("GET /internal/backend-urls", "/internal/backend-urls", "", ANYBODY),
    ("GET /openapi.json", "/openapi.json", "", ANYBODY),
];

/// A project with everybody in it, and what the words in braces stand for.
struct Ground {
    api: Api,
    callers: [As; 8],
    words: Vec<(&'static str, String)>,
}

impl Ground {
    async fn new(first: &Api) -> Self {
        first
            .world
            .sql("DELETE FROM projects WHERE display_name = 'Other'", &[])
            .await;
        let api = first.another_project().await;
        let team = api.world.team("Team").await;
        let other_team = api.world.team("Other team").await;
        let user = api.user("User").await;
        let other = api.user("Other").await;
        let admin = api.member("Admin", team, &["team_admin"]).await;
        let member = api.member("Member", team, &["team_member"]).await;
        let other_admin = api.member("Other admin", other_team, &["team_admin"]).await;
        let second = api.login(user.id).await;
        let make = async |what: &str, body: Value| api.ask(&api.server(), what, body).await.ok();
        let user_key = make("POST /user-api-keys", new_key("user_id", user.id)).await;
        let team_key = make("POST /team-api-keys", new_key("team_id", team)).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let words = vec![
            ("{user}", user.id.to_string()),
            ("{member}", member.id.to_string()),
            ("{team}", team.to_string()),
            ("{project}", api.project().to_string()),
            ("{session}", session_of(&second.access)),
            ("{refresh}", second.refresh.clone()),
            ("{user_key}", text(&user_key["id"])),
            ("{team_key}", text(&team_key["id"])),
            ("{user_secret}", text(&user_key["value"])),
            ("{team_secret}", text(&team_key["value"])),
        ];
        let users = [&user, &other, &admin, &member, &other_admin].map(|login| api.as_user(login));
        let [user, other, admin, member, other_admin] = users;
        let callers = [
            api.client(),
            user,
            other,
            admin,
            member,
            other_admin,
            api.server(),
            api.admin(),
        ];
        Self {
            api,
            callers,
            words,
        }
    }

    fn put_in(&self, text: &str) -> String {
        self.words
            .iter()
            .fold(text.to_owned(), |text, (word, value)| {
                text.replace(word, value)
            })
    }

    async fn ask(&self, who: &As, method: &str, path: &str, body: &str) -> Answer {
        let sent: Sent = if body.is_empty() {
            ().into()
        } else {
            ("application/json", &self.put_in(body)[..]).into()
        };
        self.api
            .ask(who, &format!("{method} {}", self.put_in(path)), sent)
            .await
    }
}

/// Whether the document says that this may be answered.
fn is_documented(operation: &Operation, answer: &Answer) -> bool {
    let response = &operation.described["responses"][answer.status.to_string()];
    let described = response["description"].as_str().unwrap_or_default();
    match answer.header("x-stack-known-error") {
        Some(code) => described.contains(&format!("`{code}`")),
        None if answer.status >= 400 => response["content"]["text/plain"].is_object(),
        None => !described.is_empty(),
    }
}

/// What is wrong with this answer, which should be what is expected and documented.
fn faults(operation: &Operation, at: usize, answer: &Answer, expected: &str) -> Vec<String> {
    let (name, short) = (operation.name(), answer.short());
    let mut faults = Vec::new();
    if short != expected {
        let text = &answer.text;
        faults.push(format!(
            "{name} by {at}: {short} and not {expected}: {text}"
        ));
    }
    if !is_documented(operation, answer) {
        faults.push(format!("{name} by {at}: {short} is not in the document"));
    }
    faults
}

#[test]
fn every_operation_is_in_the_table_and_no_other() {
    let listed: BTreeSet<_> = operations().iter().map(Operation::name).collect();
    let tabled: BTreeSet<_> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(listed, tabled);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn everybody_asks_for_everything(pool: PgPool) {
    let first = Api::new(pool).await;
    let foreign = first.server();
    let all = operations();
    let mut wrong = Vec::new();
    let mut ground = Ground::new(&first).await;
    let mut before = ground.api.dump().await;
    for (name, path, body, told) in TABLE {
        let operation = all
            .iter()
            .find(|operation| operation.name() == *name)
            .expect("listed");
        let [nobody, stranger] = if operation.is_public() {
            [told[0]; 2]
        } else {
            ["400 ACCESS_TYPE_REQUIRED", "401 INVALID_SECRET_SERVER_KEY"]
        };
        let expected = told.iter().copied().chain([nobody, stranger]);
        for (at, expected) in expected.enumerate() {
            let who = match ground.callers.get(at) {
                Some(who) => who.clone(),
                None if at == told.len() => As::default(),
                None => foreign.with("project-id", ground.api.project().to_string()),
            };
            let answer = ground.ask(&who, &operation.method, path, body).await;
            wrong.extend(faults(operation, at, &answer, expected));
            if answer.status >= 400 {
                let after = ground.api.dump().await;
                if after != before {
                    wrong.push(format!("{name} by {at} changed something although refused"));
                    before = after;
                }
            } else if operation.method != "GET" {
                ground = Ground::new(&first).await;
                before = ground.api.dump().await;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What may be answered while the database is locked: reading goes on, and what only ends something too. Who may not
/// change something is refused for the one reason or the other.
fn while_locked(operation: &Operation, told: &'static str) -> Vec<&'static str> {
    let is_done = told == OK || told == MADE || told == MISMATCH;
    let may_change = operation.method != "GET" && !operation.path.starts_with("/auth/sessions/");
    match (may_change, is_done) {
        (true, true) => vec!["503"],
        (true, false) => vec!["503", told],
        (false, _) => vec![told],
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn while_the_database_is_locked_no_key_is_checked_and_nothing_changes(pool: PgPool) {
    let first = Api::new(pool).await;
    let ground = Ground::new(&first).await;
    let lock = ground.api.world.domain.lock_restored("a test").await;
    lock.expect("locked");
    let before = ground.api.dump().await;
    let all = operations();
    let mut wrong = Vec::new();
    for (name, path, body, told) in TABLE {
        let operation = all.iter().find(|operation| operation.name() == *name);
        let operation = operation.expect("listed");
        if operation.method == "DELETE" && operation.path.starts_with("/auth/sessions/") {
            continue;
        }
        for (at, told) in told.iter().enumerate() {
            let who = &ground.callers[at];
            let answer = ground.ask(who, &operation.method, path, body).await;
            let expected = while_locked(operation, told);
            let short = answer.short();
            let expected = expected
                .iter()
                .find(|one| **one == short)
                .unwrap_or(&expected[0]);
            wrong.extend(faults(operation, at, &answer, expected));
            if answer.status == 503 {
                assert_eq!(answer.header("retry-after"), Some("30"), "{name}");
                assert!(answer.text.contains("latchkey unlock"), "{name}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ground.api.dump().await == before, "nothing was changed");
    let ended = ground
        .ask(&ground.callers[1], "DELETE", "/auth/sessions/current", "{}")
        .await;
    assert_eq!(ended.status, 200, "sessions can end");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_documented_is_there_and_nothing_else(pool: PgPool) {
    let api = Api::new(pool).await;
    let all = operations();
    for prefix in PREFIXES {
        for operation in &all {
            let what = filled(operation).replacen(' ', &format!(" {prefix}"), 1);
            for who in [As::default(), api.server()] {
                let answer = api.ask(&who, &what, ()).await;
                assert!(!answer.text.starts_with("404 "), "{what}");
                assert_ne!(answer.status, 405, "{what}");
            }
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let (_, path) = what.split_once(' ').expect("a path");
                let listed = all
                    .iter()
                    .any(|other| other.method == method && other.path == operation.path);
                // The path of one operation may be an instance of another's.
                let instance = ["/check", "/current", "/me"]
                    .iter()
                    .any(|end| path.ends_with(end));
                if listed || instance {
                    continue;
                }
                let answer = api
                    .ask(&As::default(), &format!("{method} {path}"), ())
                    .await;
                assert_eq!(
                    answer.told(),
                    crate::told::plain(405, format!("{method} is not a method of {path}."))
                );
            }
        }
    }
    for what in [
        "DELETE /user-api-keys/check",
        "PUT /users/me",
        "PATCH /auth/sessions/current",
        "DELETE /projects/current",
    ] {
        assert_eq!(api.ask(&api.server(), what, ()).await.status, 405, "{what}");
    }
}

#[test]
fn every_code_is_documented_somewhere() {
    let document = document().to_string();
    for code in latchkey_api::Code::ALL {
        assert!(
            document.contains(&format!("`{}`", code.as_str())),
            "{}",
            code.as_str()
        );
    }
}
