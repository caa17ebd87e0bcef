//! What a change of a key may say, and what its address.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{http::row, told::schema};
use crate::key_routes::Ground;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_a_change_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    for (routes, who) in ground.routes.iter().zip(ground.makers()) {
        let key = ground
            .api
            .ask(&who, routes.create, routes.body())
            .await
            .ok();
        let (_, path) = routes.create.split_once(' ').expect("a path");
        let query = if routes.owner == "team_id" {
            format!("?team_id={}", routes.id)
        } else {
            String::new()
        };
        let what = format!("PATCH {path}/{}{query}", key["id"].as_str().expect("an id"));
        let mut rows = Vec::new();
        for name in [
            "user_id",
            "team_id",
            "expires_at_millis",
            "is_public",
            "id",
            "value",
        ] {
            let body = json!({ name: routes.id, "description": "changed", "revoked": true });
            let problem = format!("body contains unknown properties: {name}");
            rows.push(row(&who, &what[..], body, schema(&what, &[&problem])));
        }
        for (name, value, problem) in [
            (
                "revoked",
                json!(false),
                "must be one of the following values: true",
            ),
            (
                "revoked",
                json!("false"),
                "must be one of the following values: true",
            ),
            (
                "revoked",
                json!("yes"),
                "must be a `boolean` type, but the final value was: `\"yes\"`.",
            ),
            ("revoked", Value::Null, "cannot be null"),
            ("description", Value::Null, "cannot be null"),
            (
                "description",
                json!("x".repeat(1001)),
                "must be at most 1000 characters",
            ),
            (
                "description",
                json!("\0"),
                "must not contain the character NUL",
            ),
            (
                "description",
                json!([]),
                "must be a `string` type, but the final value was: `[]`.",
            ),
        ] {
            let mut body = json!({ "description": "changed", "revoked": true });
            body[name] = value;
            rows.push(row(
                &who,
                &what[..],
                body,
                schema(&what, &[&format!("body.{name} {problem}")]),
            ));
        }
        rows.push(row(
            &who,
            &what[..],
            (),
            schema(&what, &["body must be defined"]),
        ));
        ground.api.refuses(rows).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_an_address_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let id = Uuid::from_u128(1);
    let team = ground.routes[1].id;
    let mut rows = Vec::new();
    for who in ground.makers() {
        let mut add = |what: String, problems: &[&str]| {
            let told = schema(&what, problems);
            rows.push(row(&who, what, json!({}), told));
        };
        for method in ["GET", "PATCH"] {
            add(
                format!("{method} /user-api-keys/x"),
                &["params.api_key_id must be a valid UUID"],
            );
            add(
                format!("{method} /user-api-keys/{}", id.simple()),
                &["params.api_key_id must be a valid UUID"],
            );
            add(
                format!("{method} /user-api-keys/{id}?team_id={team}"),
                &["query contains unknown properties: team_id"],
            );
            add(
                format!("{method} /user-api-keys/{id}?user_id=x"),
                &["query.user_id must be a valid UUID"],
            );
            add(
                format!("{method} /user-api-keys/{id}?user_id="),
                &["query.user_id must be a valid UUID"],
            );
            add(
                format!("{method} /team-api-keys/{id}"),
                &["query.team_id must be defined"],
            );
            add(
                format!("{method} /team-api-keys/{id}?team_id=x"),
                &["query.team_id must be a valid UUID"],
            );
            add(
                format!("{method} /team-api-keys/{id}?team_id=me"),
                &["query.team_id must be a valid UUID"],
            );
            add(
                format!("{method} /team-api-keys/{id}?team_id={team}&user_id=me"),
                &["query contains unknown properties: user_id"],
            );
            add(
                format!("{method} /team-api-keys/x"),
                &[
                    "params.api_key_id must be a valid UUID",
                    "query.team_id must be defined",
                ],
            );
        }
        add(
            "GET /user-api-keys?user_id=x".to_owned(),
            &["query.user_id must be a valid UUID"],
        );
        add(
            "GET /user-api-keys?user_id=me&a=1".to_owned(),
            &["query contains unknown properties: a"],
        );
        add(
            "GET /user-api-keys?team_id=x".to_owned(),
            &["query contains unknown properties: team_id"],
        );
        add(
            "GET /team-api-keys".to_owned(),
            &["query.team_id must be defined"],
        );
        add(
            "GET /team-api-keys?team_id=x".to_owned(),
            &["query.team_id must be a valid UUID"],
        );
        add(
            format!("GET /team-api-keys?team_id={team}&user_id=me"),
            &["query contains unknown properties: user_id"],
        );
    }
    ground.api.refuses(rows).await;
}
