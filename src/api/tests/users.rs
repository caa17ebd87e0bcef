//! Users: what they look like, and how servers and they themselves change them.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    auth::{taken, too_short},
    http::{Api, As, PASSWORD, row},
    told::{Told, known, plain, schema},
};

const MAKE: &str = "POST /users";
const ME: &str = "PATCH /users/me";
const IN: &str = "POST /auth/password/sign-in";

fn no_such_user() -> Told {
    known(UserNotFound, "User not found.")
}

fn not_a_member(team: impl ToString, user: impl ToString) -> Told {
    let (team, user) = (team.to_string(), user.to_string());
    known(
        TeamMembershipNotFound,
        format!("User {user} is not found in team {team}."),
    )
    .with(json!({ "team_id": team, "user_id": user }))
}

async fn make(api: &Api, body: Value) -> Value {
    let answer = api.ask(&api.server(), MAKE, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.ok()
}

fn path(user: &Value) -> String {
    format!("/users/{}", user["id"].as_str().expect("an id"))
}

/// A user of whom nothing was said.
fn blank(user: &Value) -> Value {
    json!({
        "id": user["id"], "primary_email": null, "primary_email_verified": false, "display_name": null,
        "client_metadata": null, "client_read_only_metadata": null, "profile_image_url": null,
        "signed_up_at_millis": user["signed_up_at_millis"], "has_password": false, "auth_with_email": false,
        "oauth_providers": [], "selected_team_id": null, "selected_team": null, "requires_totp_mfa": false,
        "otp_auth_enabled": false, "passkey_auth_enabled": false, "is_anonymous": false, "is_restricted": false,
        "restricted_reason": null, "restricted_by_admin": false, "restricted_by_admin_reason": null,
    })
}

/// The same, as servers see it.
fn blank_for_servers(user: &Value) -> Value {
    let mut all = blank(user);
    for (name, value) in [
        ("primary_email_auth_enabled", json!(false)),
        ("server_metadata", Value::Null),
        (
            "last_active_at_millis",
            user["last_active_at_millis"].clone(),
        ),
        ("restricted_by_admin_private_details", Value::Null),
        ("country_code", Value::Null),
        (
            "risk_scores",
            json!({ "sign_up": { "bot": 0, "free_trial_abuse": 0 } }),
        ),
    ] {
        all[name] = value;
    }
    all
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_has_exactly_the_documented_fields(pool: PgPool) {
    let api = Api::new(pool).await;
    for sent in [crate::http::Sent::Nothing, json!({}).into()] {
        let user = api.ask(&api.server(), MAKE, sent).await.ok();
        assert!(user["signed_up_at_millis"].is_i64() && user["last_active_at_millis"].is_i64());
        assert_eq!(user, blank_for_servers(&user));
        let shown = api
            .ask(&api.server(), &format!("GET {}", path(&user)), ())
            .await
            .ok();
        assert_eq!(shown, user);
        let login = api
            .login(user["id"].as_str().expect("an id").parse().expect("an id"))
            .await;
        for (who, expected) in [
            (api.as_user(&login), blank(&user)),
            (
                api.server().with("access-token", &login.access),
                user.clone(),
            ),
        ] {
            assert_eq!(api.ask(&who, "GET /users/me", ()).await.ok(), expected);
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_says_everything_of_a_new_user(pool: PgPool) {
    let api = Api::new(pool).await;
    let body = json!({
        "primary_email": " Ada@Example.com ", "primary_email_verified": true, "password": PASSWORD,
        "display_name": " Ada ", "profile_image_url": "https://pictures.example/ada.png",
        "client_metadata": { "a": [1, null] }, "client_read_only_metadata": "text", "server_metadata": 5,
        "otp_auth_enabled": false, "passkey_auth_enabled": null, "is_anonymous": false, "totp_secret_base64": null,
    });
    let user = make(&api, body).await;
    let mut expected = blank_for_servers(&user);
    for (name, value) in [
        ("primary_email", json!("ada@example.com")),
        ("primary_email_verified", json!(true)),
        ("primary_email_auth_enabled", json!(true)),
        ("has_password", json!(true)),
        ("auth_with_email", json!(true)),
        ("display_name", json!("Ada")),
        (
            "profile_image_url",
            json!("https://pictures.example/ada.png"),
        ),
        ("client_metadata", json!({ "a": [1, null] })),
        ("client_read_only_metadata", json!("text")),
        ("server_metadata", json!(5)),
    ] {
        expected[name] = value;
    }
    assert_eq!(user, expected);
    let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
    api.ask(&api.client(), IN, credentials).await.ok();
    // An address that nobody signs in by may stand at several people.
    for _ in 0..2 {
        make(&api, json!({ "primary_email": "ada@example.com" })).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_said_of_a_user_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    make(
        &api,
        json!({ "primary_email": "taken@example.com", "password": PASSWORD }),
    )
    .await;
    let user = make(&api, json!({})).await;
    let change = format!("PATCH {}", path(&user));
    let mut rows = Vec::new();
    let long = "x".repeat(256);
    let url = format!("https://a.example/{}", "x".repeat(2000));
    let only = |what: &str| format!("must be one of the following values: {what}");
    for (name, value, problem) in [
        (
            "primary_email",
            json!("no address"),
            "must be a valid email".to_owned(),
        ),
        (
            "primary_email",
            json!("a@localhost"),
            "must be a valid email".to_owned(),
        ),
        (
            "primary_email_verified",
            json!("perhaps"),
            "must be a `boolean` type, but the final value was: `\"perhaps\"`.".to_owned(),
        ),
        (
            "password",
            json!("x".repeat(71)),
            "must be at most 70 characters".to_owned(),
        ),
        (
            "display_name",
            json!(long),
            "must be at most 255 characters".to_owned(),
        ),
        (
            "display_name",
            json!("a\u{202e}b"),
            "must not contain invisible or control characters".to_owned(),
        ),
        (
            "display_name",
            json!("a\0b"),
            "must not contain the character NUL".to_owned(),
        ),
        (
            "display_name",
            json!({}),
            "must be a `string` type, but the final value was: `{}`.".to_owned(),
        ),
        (
            "profile_image_url",
            json!("javascript:alert(1)"),
            "must be a valid URL".to_owned(),
        ),
        (
            "profile_image_url",
            json!("data:image/png;base64,AAAA"),
            "must be a valid URL".to_owned(),
        ),
        (
            "profile_image_url",
            json!("//a.example/b"),
            "must be a valid URL".to_owned(),
        ),
        (
            "profile_image_url",
            json!(""),
            "must be a valid URL".to_owned(),
        ),
        (
            "profile_image_url",
            json!(url),
            "must be a valid URL".to_owned(),
        ),
        (
            "client_metadata",
            json!({ "a": ["\0"] }),
            "must not contain the character NUL".to_owned(),
        ),
        (
            "server_metadata",
            json!({ "\0": 1 }),
            "must not contain the character NUL".to_owned(),
        ),
        (
            "client_read_only_metadata",
            json!("\0"),
            "must not contain the character NUL".to_owned(),
        ),
        ("is_anonymous", json!(true), only("false")),
        ("otp_auth_enabled", json!(true), only("false")),
        ("passkey_auth_enabled", json!(true), only("false")),
        ("totp_secret_base64", json!("AAAA"), only("null")),
    ] {
        for what in [MAKE, &change] {
            let told = schema(what, &[&format!("body.{name} {problem}")]);
            rows.push(row(&api.server(), what, json!({ name: value }), told));
        }
    }
    for what in [MAKE, &change] {
        let body = json!({ "primary_email": "Taken@example.com", "password": PASSWORD });
        rows.push(row(&api.server(), what, body, taken("taken@example.com")));
        rows.push(row(
            &api.server(),
            what,
            json!({ "password": "short" }),
            too_short(),
        ));
        rows.push(row(
            &api.server(),
            what,
            json!({ "b": 1, "a": 1, "id": Uuid::nil() }),
            schema(what, &["body contains unknown properties: a, b, id"]),
        ));
    }
    let body = json!({ "selected_team_id": Uuid::nil() });
    rows.push(row(
        &api.server(),
        MAKE,
        body.clone(),
        schema(
            MAKE,
            &["body contains unknown properties: selected_team_id"],
        ),
    ));
    let user = user["id"].as_str().expect("an id");
    rows.push(row(
        &api.server(),
        &change[..],
        body,
        not_a_member(Uuid::nil(), user),
    ));
    rows.push(row(
        &api.server(),
        &change[..],
        (),
        schema(&change, &["body must be defined"]),
    ));
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_absent_stays_and_what_is_null_goes(pool: PgPool) {
    let api = Api::new(pool).await;
    let names = [
        "display_name",
        "profile_image_url",
        "client_metadata",
        "client_read_only_metadata",
        "server_metadata",
        "primary_email",
    ];
    let full = json!({
        "display_name": "Ada", "profile_image_url": "https://a.example/b", "client_metadata": { "null": null },
        "client_read_only_metadata": [], "server_metadata": false, "primary_email": "ada@example.com",
        "primary_email_verified": true,
    });
    let user = make(&api, full).await;
    let what = format!("PATCH {}", path(&user));
    let mut expected = user.clone();
    let same = api.ask(&api.server(), &what, json!({})).await.ok();
    assert_eq!(same, expected);
    for name in names {
        expected[name] = Value::Null;
        if name == "primary_email" {
            expected["primary_email_verified"] = json!(false);
        }
        let changed = api
            .ask(&api.server(), &what, json!({ name: null }))
            .await
            .ok();
        assert_eq!(changed, expected, "{name}");
    }
    let empty = api
        .ask(&api.server(), &what, json!({ "display_name": "  " }))
        .await
        .ok();
    assert_eq!(empty["display_name"], Value::Null);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_changes_a_little_of_themselves(pool: PgPool) {
    let api = Api::new(pool).await;
    let (team, other) = (api.world.team("Team").await, api.world.team("Other").await);
    let ada = api.member("Ada", team, &[]).await;
    let who = api.as_user(&ada);
    let body = json!({
        "display_name": "Ada L.", "profile_image_url": "http://a.example/b", "client_metadata": { "a": 1 }, "selected_team_id": team,
    });
    let changed = api.ask(&who, ME, body).await;
    assert_eq!(changed.status, 200);
    let changed = changed.ok();
    let mut expected = blank(&changed);
    for (name, value) in [
        ("primary_email", json!("ada@example.com")),
        ("display_name", json!("Ada L.")),
        ("profile_image_url", json!("http://a.example/b")),
        ("client_metadata", json!({ "a": 1 })),
        ("selected_team_id", json!(team)),
        (
            "selected_team",
            json!({
                "id": team, "display_name": "Team", "profile_image_url": null, "client_metadata": null,
                "client_read_only_metadata": null,
            }),
        ),
    ] {
        expected[name] = value;
    }
    assert_eq!(changed, expected);
    let server = api.server().with("access-token", &ada.access);
    let seen = api.ask(&server, "GET /users/me", ()).await.ok();
    assert!(seen["selected_team"]["created_at_millis"].is_i64());
    assert!(
        seen["selected_team"]
            .as_object()
            .expect("an object")
            .contains_key("server_metadata")
    );
    let none = api
        .ask(&who, ME, json!({ "selected_team_id": null }))
        .await
        .ok();
    assert_eq!(none["selected_team"], Value::Null);
    let mut rows = vec![
        row(
            &who,
            ME,
            json!({ "selected_team_id": other }),
            not_a_member(other, ada.id),
        ),
        row(
            &who,
            ME,
            json!({ "selected_team_id": Uuid::nil(), "display_name": "Else" }),
            not_a_member(Uuid::nil(), ada.id),
        ),
        row(
            &who,
            ME,
            json!({ "selected_team_id": "x" }),
            schema(ME, &["body.selected_team_id must be a valid UUID"]),
        ),
    ];
    for name in [
        "server_metadata",
        "client_read_only_metadata",
        "primary_email",
        "primary_email_verified",
        "password",
        "is_project_admin",
        "primary_email_auth_enabled",
    ] {
        let told = schema(ME, &[&format!("body contains unknown properties: {name}")]);
        rows.push(row(
            &who,
            ME,
            json!({ name: "x", "display_name": "Else" }),
            told,
        ));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_password_ends_every_session(pool: PgPool) {
    let api = Api::new(pool).await;
    let user = make(
        &api,
        json!({ "primary_email": "ada@example.com", "password": PASSWORD }),
    )
    .await;
    let id = user["id"].as_str().expect("an id").parse().expect("an id");
    let (first, second, eve) = (
        api.login(id).await,
        api.login(id).await,
        api.user("Eve").await,
    );
    let change = json!({ "password": "another password" });
    api.ask(&api.server(), &format!("PATCH {}", path(&user)), change)
        .await
        .ok();
    for login in [&first, &second] {
        assert_eq!(
            api.ask(&api.as_user(login), "GET /users/me", ())
                .await
                .short(),
            "401 ACCESS_TOKEN_EXPIRED"
        );
        let refresh = api.client().with("refresh-token", &login.refresh);
        assert_eq!(
            api.ask(&refresh, "POST /auth/sessions/current/refresh", ())
                .await
                .short(),
            "401 REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED"
        );
    }
    assert_eq!(
        api.ask(&api.as_user(&eve), "GET /users/me", ())
            .await
            .status,
        200
    );
    let with = |password: &str| json!({ "email": "ada@example.com", "password": password });
    assert_eq!(
        api.ask(&api.client(), IN, with(PASSWORD)).await.short(),
        "400 EMAIL_PASSWORD_MISMATCH"
    );
    api.ask(&api.client(), IN, with("another password"))
        .await
        .ok();
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn users_of_elsewhere_are_not_found(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let foreign = other.user("Foreign").await;
    let mut rows = Vec::new();
    for id in [foreign.id.uuid(), Uuid::nil()] {
        for who in [api.server(), api.admin()] {
            for (method, body) in [
                ("GET", Value::Null),
                (
                    "PATCH",
                    json!({ "display_name": "x", "password": PASSWORD }),
                ),
                ("DELETE", Value::Null),
            ] {
                rows.push(row(
                    &who,
                    format!("{method} /users/{id}"),
                    body,
                    no_such_user(),
                ));
            }
        }
    }
    for method in ["GET", "DELETE"] {
        let what = format!("{method} /users/x");
        rows.push(row(
            &api.server(),
            &what[..],
            (),
            schema(&what, &["params.user_id must be a valid UUID"]),
        ));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_keeps_users_from_deleting_themselves(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    api.world
        .configure(SettingsChange {
            client_user_deletion_enabled: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let off = plain(400, "Client user deletion is not enabled for this project");
    let who: As = api.as_user(&ada);
    api.refuses(vec![row(&who, "DELETE /users/me", (), off)])
        .await;
    let server = api.server().with("access-token", &ada.access);
    assert_eq!(api.ask(&server, "DELETE /users/me", ()).await.status, 200);
}
