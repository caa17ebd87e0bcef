//! What a request about a user may say.

use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    auth::{taken, too_short},
    http::{Api, PASSWORD, row},
    told::schema,
};
use crate::users::{MAKE, make, not_a_member, path};

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
