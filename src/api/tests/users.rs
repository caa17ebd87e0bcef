//! Users: what they look like, and how servers and they themselves change them.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As, PASSWORD, row},
    told::{Told, known, plain, schema},
};

pub const MAKE: &str = "POST /users";
pub const ME: &str = "PATCH /users/me";
pub const IN: &str = "POST /auth/password/sign-in";

fn no_such_user() -> Told {
    known(UserNotFound, "User not found.")
}

pub fn not_a_member(team: impl ToString, user: impl ToString) -> Told {
    let (team, user) = (team.to_string(), user.to_string());
    known(
        TeamMembershipNotFound,
        format!("User {user} is not found in team {team}."),
    )
    .with(json!({ "team_id": team, "user_id": user }))
}

pub async fn make(api: &Api, body: Value) -> Value {
    let answer = api.ask(&api.server(), MAKE, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.ok()
}

pub fn path(user: &Value) -> String {
    format!("/users/{}", user["id"].as_str().expect("an id"))
}

/// A user of whom nothing was said.
pub fn blank(user: &Value) -> Value {
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
