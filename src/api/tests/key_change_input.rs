//! What a change of a key may say, and what its address.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::row,
    refusals::{broken, json_of},
    told::schema,
};
use crate::key_routes::Ground;

/// Fields of a change that are wrong, and what is told of them.
const WRONG_FIELDS: &[(&str, &str, &str)] = &[
    (
        "revoked",
        "false",
        "must be one of the following values: true",
    ),
    (
        "revoked",
        r#""false""#,
        "must be one of the following values: true",
    ),
    (
        "revoked",
        r#""yes""#,
        "must be a `boolean` type, but the final value was: `\"yes\"`.",
    ),
    ("revoked", "null", "cannot be null"),
    ("description", "null", "cannot be null"),
    (
        "description",
        r#""\u0000""#,
        "must not contain the character NUL",
    ),
    (
        "description",
        "[]",
        "must be a `string` type, but the final value was: `[]`.",
    ),
];

/// What a key has and a change cannot name.
const UNCHANGEABLE: [&str; 6] = [
    "user_id",
    "team_id",
    "expires_at_millis",
    "is_public",
    "id",
    "value",
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_a_change_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    for (routes, who) in ground.routes.iter().zip(ground.makers()) {
        let what = ground.change_of_a_new_key(routes, &who).await;
        let change = |name: &str, value: Value| {
            let mut body = json!({ "description": "changed", "revoked": true });
            body[name] = value;
            body
        };
        let mut rows = Vec::new();
        for name in UNCHANGEABLE {
            let body = change(name, json!(routes.id));
            let problem = format!("body contains unknown properties: {name}");
            rows.push(row(&who, &what[..], body, schema(&what, &[&problem])));
        }
        for (name, value, problem) in WRONG_FIELDS {
            let body = change(name, json_of(value));
            let told = schema(&what, &[&format!("body.{name} {problem}")]);
            rows.push(row(&who, &what[..], body, told));
        }
        let long = change("description", json!("x".repeat(1001)));
        let too_long = "body.description must be at most 1000 characters";
        rows.extend(broken(&who, &what, [(long, too_long)]));
        rows.extend(broken(&who, &what, [((), "body must be defined")]));
        ground.api.refuses(rows).await;
    }
}

/// Addresses of a key, after the method, and what is told of them.
const KEY_ADDRESSES: &[(&str, &[&str])] = &[
    (
        "/user-api-keys/x",
        &["params.api_key_id must be a valid UUID"],
    ),
    (
        "/user-api-keys/00000000000000000000000000000001",
        &["params.api_key_id must be a valid UUID"],
    ),
    (
        "/user-api-keys/{id}?team_id={team}",
        &["query contains unknown properties: team_id"],
    ),
    (
        "/user-api-keys/{id}?user_id=x",
        &["query.user_id must be a valid UUID"],
    ),
    (
        "/user-api-keys/{id}?user_id=",
        &["query.user_id must be a valid UUID"],
    ),
    ("/team-api-keys/{id}", &["query.team_id must be defined"]),
    (
        "/team-api-keys/{id}?team_id=x",
        &["query.team_id must be a valid UUID"],
    ),
    (
        "/team-api-keys/{id}?team_id=me",
        &["query.team_id must be a valid UUID"],
    ),
    (
        "/team-api-keys/{id}?team_id={team}&user_id=me",
        &["query contains unknown properties: user_id"],
    ),
    (
        "/team-api-keys/x",
        &[
            "params.api_key_id must be a valid UUID",
            "query.team_id must be defined",
        ],
    ),
];

/// Addresses of lists, and what is told of them.
const LIST_ADDRESSES: &[(&str, &[&str])] = &[
    (
        "/user-api-keys?user_id=x",
        &["query.user_id must be a valid UUID"],
    ),
    (
        "/user-api-keys?user_id=me&a=1",
        &["query contains unknown properties: a"],
    ),
    (
        "/user-api-keys?team_id=x",
        &["query contains unknown properties: team_id"],
    ),
    ("/team-api-keys", &["query.team_id must be defined"]),
    (
        "/team-api-keys?team_id=x",
        &["query.team_id must be a valid UUID"],
    ),
    (
        "/team-api-keys?team_id={team}&user_id=me",
        &["query contains unknown properties: user_id"],
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_an_address_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let id = Uuid::from_u128(1).to_string();
    let team = ground.routes[1].id.to_string();
    let of_key = |method| KEY_ADDRESSES.iter().map(move |row| (method, row));
    let of_list = LIST_ADDRESSES.iter().map(|row| ("GET", row));
    let all: Vec<_> = of_key("GET")
        .chain(of_key("PATCH"))
        .chain(of_list)
        .collect();
    let mut rows = Vec::new();
    for who in ground.makers() {
        for (method, (address, problems)) in &all {
            let address = address.replace("{id}", &id).replace("{team}", &team);
            let what = format!("{method} {address}");
            let told = schema(&what, problems);
            rows.push(row(&who, what, json!({}), told));
        }
    }
    ground.api.refuses(rows).await;
}
