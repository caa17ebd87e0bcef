//! What a request about a user may say.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    auth::{taken, too_short},
    http::{Api, PASSWORD, row},
    refusals::json_of,
    told::schema,
};
use crate::users::{MAKE, make, not_a_member, path};

/// Fields of a user, values that they cannot have, and what is told of these.
const WRONG_FIELDS: &[(&str, &str, &str)] = &[
    ("primary_email", r#""no address""#, "must be a valid email"),
    ("primary_email", r#""a@localhost""#, "must be a valid email"),
    (
        "primary_email_verified",
        r#""perhaps""#,
        "must be a `boolean` type, but the final value was: `\"perhaps\"`.",
    ),
    (
        "display_name",
        r#""a\u202eb""#,
        "must not contain invisible or control characters",
    ),
    (
        "display_name",
        r#""a\u0000b""#,
        "must not contain the character NUL",
    ),
    (
        "display_name",
        "{}",
        "must be a `string` type, but the final value was: `{}`.",
    ),
    (
        "profile_image_url",
        r#""javascript:alert(1)""#,
        "must be a valid URL",
    ),
    (
        "profile_image_url",
        r#""data:image/png;base64,AAAA""#,
        "must be a valid URL",
    ),
    (
        "profile_image_url",
        r#""//a.example/b""#,
        "must be a valid URL",
    ),
    ("profile_image_url", r#""""#, "must be a valid URL"),
    (
        "client_metadata",
        r#"{ "a": ["\u0000"] }"#,
        "must not contain the character NUL",
    ),
    (
        "server_metadata",
        r#"{ "\u0000": 1 }"#,
        "must not contain the character NUL",
    ),
    (
        "client_read_only_metadata",
        r#""\u0000""#,
        "must not contain the character NUL",
    ),
    ("is_anonymous", "true", ONLY_FALSE),
    ("otp_auth_enabled", "true", ONLY_FALSE),
    ("passkey_auth_enabled", "true", ONLY_FALSE),
    (
        "totp_secret_base64",
        r#""AAAA""#,
        "must be one of the following values: null",
    ),
];
const ONLY_FALSE: &str = "must be one of the following values: false";

/// A server, a user with a password, and how the user is changed.
async fn ground(pool: PgPool) -> (Api, Value, String) {
    let api = Api::new(pool).await;
    let taken = json!({ "primary_email": "taken@example.com", "password": PASSWORD });
    make(&api, taken).await;
    let user = make(&api, json!({})).await;
    let change = format!("PATCH {}", path(&user));
    (api, user, change)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_said_of_a_user_is_told(pool: PgPool) {
    let (api, _, change) = ground(pool).await;
    let server = api.server();
    let mut fields: Vec<(&str, Value, &str)> = WRONG_FIELDS
        .iter()
        .map(|(name, value, problem)| (*name, json_of(value), *problem))
        .collect();
    let url = format!("https://a.example/{}", "x".repeat(2000));
    fields.extend([
        (
            "password",
            json!("x".repeat(71)),
            "must be at most 70 characters",
        ),
        (
            "display_name",
            json!("x".repeat(256)),
            "must be at most 255 characters",
        ),
        ("profile_image_url", json!(url), "must be a valid URL"),
    ]);
    let mut rows = Vec::new();
    for (name, value, problem) in fields {
        for what in [MAKE, &change] {
            let told = schema(what, &[&format!("body.{name} {problem}")]);
            rows.push(row(&server, what, json!({ name: value }), told));
        }
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn addresses_passwords_and_fields_that_cannot_be_used_are_told(pool: PgPool) {
    let (api, user, change) = ground(pool).await;
    let server = api.server();
    let mut rows = Vec::new();
    for what in [MAKE, &change] {
        let mut told = |body, told| rows.push(row(&server, what, body, told));
        let body = json!({ "primary_email": "Taken@example.com", "password": PASSWORD });
        told(body, taken("taken@example.com"));
        told(json!({ "password": "short" }), too_short());
        told(
            json!({ "b": 1, "a": 1, "id": Uuid::nil() }),
            schema(what, &["body contains unknown properties: a, b, id"]),
        );
    }
    let team = json!({ "selected_team_id": Uuid::nil() });
    let unknown = "body contains unknown properties: selected_team_id";
    rows.push(row(&server, MAKE, team.clone(), schema(MAKE, &[unknown])));
    let user = user["id"].as_str().expect("an id");
    let no_member = not_a_member(Uuid::nil(), user);
    rows.push(row(&server, &change[..], team, no_member));
    let no_body = schema(&change, &["body must be defined"]);
    rows.push(row(&server, &change[..], (), no_body));
    api.refuses(rows).await;
}
