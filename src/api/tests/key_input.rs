//! What a request about a key may say, for users' keys and for teams'.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Sent, row},
    told::schema,
};
use crate::key_routes::{Ground, LATEST};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_reads_as_the_right_type_is_taken_as_it(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let long = "é".repeat(1000);
    let never: Option<i64> = None;
    for routes in &ground.routes {
        let owner = routes.id.to_string().to_uppercase();
        let cases = [
            (routes.body(), "key", never, false),
            (routes.but("description", ""), "", never, false),
            (
                routes.but("description", " two\nlines "),
                " two\nlines ",
                never,
                false,
            ),
            (routes.but("description", 12), "12", never, false),
            (routes.but("description", 1.5), "1.5", never, false),
            (routes.but("description", 1e21), "1e+21", never, false),
            (routes.but("description", true), "true", never, false),
            (routes.but("description", long.clone()), &long, never, false),
            (routes.but("expires_at_millis", 0), "key", Some(0), false),
            (routes.but("expires_at_millis", -1), "key", Some(-1), false),
            (
                routes.but("expires_at_millis", -LATEST),
                "key",
                Some(-LATEST),
                false,
            ),
            (
                routes.but("expires_at_millis", LATEST),
                "key",
                Some(LATEST),
                false,
            ),
            (
                routes.but("expires_at_millis", 1e12),
                "key",
                Some(1_000_000_000_000),
                false,
            ),
            (
                routes.but("expires_at_millis", "1893456000000"),
                "key",
                Some(1_893_456_000_000),
                false,
            ),
            (
                routes.but("expires_at_millis", " 0x10 "),
                "key",
                Some(16),
                false,
            ),
            (routes.but("is_public", true), "key", never, true),
            (routes.but("is_public", "true"), "key", never, true),
            (routes.but("is_public", 1), "key", never, true),
            (routes.but("is_public", "1"), "key", never, true),
            (routes.but("is_public", "false"), "key", never, false),
            (routes.but("is_public", 0), "key", never, false),
            (routes.but(routes.owner, owner), "key", never, false),
        ];
        for who in ground.makers() {
            for (body, description, expires, is_public) in &cases {
                let answer = api.ask(&who, routes.create, body.clone()).await;
                assert_eq!(answer.status, 200, "{body}: {answer:?}");
                let key = answer.ok();
                assert_eq!(key["description"], *description, "{body}");
                assert_eq!(
                    key.get("expires_at_millis"),
                    expires.map(Value::from).as_ref(),
                    "{body}"
                );
                assert_eq!(key["is_public"], *is_public, "{body}");
                assert_eq!(key[routes.owner], json!(routes.id), "{body}");
                let prefix = if *is_public { "pk_" } else { "sk_" };
                assert!(
                    key["value"].as_str().expect("a key").starts_with(prefix),
                    "{body}"
                );
            }
        }
    }
}

/// Fields that are wrong, and what is told of them.
fn wrong_fields(owner: &'static str) -> Vec<(&'static str, Value, String)> {
    let number = |shown: &str| {
        format!(
            "must be a `number` type, but the final value was: `NaN` (cast from the value `{shown}`)."
        )
    };
    let text = |shown: &str| format!("must be a `string` type, but the final value was: `{shown}`");
    let truth =
        |shown: &str| format!("must be a `boolean` type, but the final value was: `{shown}`.");
    let range = "must be a whole number of milliseconds within the range of a Date";
    let uuid = "must be a valid UUID";
    let mut all = vec![
        ("description", Value::Null, "cannot be null".to_owned()),
        ("description", json!({}), text("{}") + "."),
        (
            "description",
            json!({ "a": 1 }),
            text("{\n  \"a\": \"1\"\n}") + ".",
        ),
        ("description", json!([]), text("[]") + "."),
        (
            "description",
            json!("x".repeat(1001)),
            "must be at most 1000 characters".to_owned(),
        ),
        (
            "description",
            json!("a\0b"),
            "must not contain the character NUL".to_owned(),
        ),
        ("expires_at_millis", json!("abc"), number("\"abc\"")),
        ("expires_at_millis", json!(""), number("\"\"")),
        ("expires_at_millis", json!(true), number("true")),
        ("expires_at_millis", json!([]), number("[]")),
        ("expires_at_millis", json!({}), number("{}")),
        ("is_public", json!("yes"), truth("\"yes\"")),
        ("is_public", json!(2), truth("2")),
        ("is_public", json!([]), truth("[]")),
        ("is_public", Value::Null, "cannot be null".to_owned()),
        (owner, Value::Null, "cannot be null".to_owned()),
        (owner, json!("x"), uuid.to_owned()),
        (owner, json!(""), uuid.to_owned()),
        (owner, json!("you"), uuid.to_owned()),
        (owner, json!(1), uuid.to_owned()),
        (
            owner,
            json!("{00000000-0000-4000-8000-000000000001}"),
            uuid.to_owned(),
        ),
        (
            owner,
            json!("00000000000040008000000000000001"),
            uuid.to_owned(),
        ),
        (
            owner,
            json!("00000000-0000-4000-8000-00000000000g"),
            uuid.to_owned(),
        ),
    ];
    for beyond in [
        json!(1.5),
        json!(LATEST + 1),
        json!(-LATEST - 1),
        json!(1e300),
        json!(u64::MAX),
        json!("Infinity"),
        json!("1e400"),
    ] {
        all.push(("expires_at_millis", beyond, range.to_owned()));
    }
    all
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_a_new_key_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    for (routes, who) in ground.routes.iter().zip(ground.makers()) {
        let (what, owner) = (routes.create, routes.owner);
        let mut rows = Vec::new();
        for (name, value, problem) in wrong_fields(owner) {
            rows.push(row(
                &who,
                what,
                routes.but(name, value),
                schema(what, &[&format!("body.{name} {problem}")]),
            ));
        }
        for name in ["description", "expires_at_millis", owner] {
            rows.push(row(
                &who,
                what,
                routes.less(name),
                schema(what, &[&format!("body.{name} must be defined")]),
            ));
        }
        let object = |shown: &str| {
            format!("body must be a `object` type, but the final value was: {shown}.")
        };
        let sent: Vec<(Sent, String)> = vec![
            (().into(), "body must be defined".to_owned()),
            (Value::Null.into(), "body cannot be null".to_owned()),
            (json!([]).into(), object("`[]`")),
            (json!(1).into(), object("`1`")),
            (json!(true).into(), object("`true`")),
            (
                json!("text").into(),
                object("`null` (cast from the value `\"text\"`)"),
            ),
            (
                routes.but("id", 1).into(),
                "body contains unknown properties: id".to_owned(),
            ),
        ];
        for (sent, problem) in sent {
            rows.push(row(&who, what, sent, schema(what, &[&problem])));
        }
        let other = if owner == "user_id" {
            "team_id"
        } else {
            "user_id"
        };
        rows.push(row(
            &who,
            what,
            routes.but(other, routes.id.to_string()),
            schema(
                what,
                &[&format!("body contains unknown properties: {other}")],
            ),
        ));
        rows.push(row(
            &who,
            what,
            json!({ "description": null, "b": 1, "a": 2 }),
            schema(
                what,
                &[
                    "body.description cannot be null",
                    "body.expires_at_millis must be defined",
                    &format!("body.{owner} must be defined"),
                    "body contains unknown properties: a, b",
                ],
            ),
        ));
        ground.api.refuses(rows).await;
    }
}
