//! Users: what they look like, and how servers and they themselves change them.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As, PASSWORD, Sent, row},
    told::{Told, known, plain, schema},
};
use crate::snapshots::Snapshots;

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

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_has_exactly_the_documented_fields(pool: PgPool) {
    let api = Api::new(pool).await;
    let server = api.server();
    for sent in [Sent::Nothing, json!({}).into()] {
        let created = api.ask(&server, MAKE, sent).await;
        let user = created.ok();
        let id = user["id"].as_str().expect("an id");
        let snapshots = Snapshots::default().named(id, "user");
        snapshots.check("user_created_of_nothing", &created);
        let shown = format!("GET {}", path(&user));
        assert_eq!(api.ask(&server, &shown, ()).await.ok(), user);
        let login = api.login(id.parse().expect("an id")).await;
        let me = api.ask(&api.as_user(&login), "GET /users/me", ()).await;
        snapshots.check("user_as_they_see_themselves", &me);
        let as_user = server.with("access-token", &login.access);
        assert_eq!(api.ask(&as_user, "GET /users/me", ()).await.ok(), user);
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
    let created = api.ask(&api.server(), MAKE, body).await;
    Snapshots::default().check("user_created_of_everything", &created);
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
