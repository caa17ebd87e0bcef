//! What a request about a key may say, for users' keys and for teams'.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::row,
    refusals::{broken, json_of},
    told::schema,
};
use crate::key_routes::{Ground, LATEST, Routes};

/// A key as it is made of a body.
struct Made {
    description: String,
    expires: Option<i64>,
    is_public: bool,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            description: "key".to_owned(),
            expires: None,
            is_public: false,
        }
    }
}

impl Made {
    fn described(description: &str) -> Self {
        Self {
            description: description.to_owned(),
            ..Self::default()
        }
    }

    fn expiring(expires: i64) -> Self {
        Self {
            expires: Some(expires),
            ..Self::default()
        }
    }

    fn public() -> Self {
        Self {
            is_public: true,
            ..Self::default()
        }
    }
}

/// Bodies that are fine, and what is made of them.
fn fine_bodies(routes: &Routes) -> Vec<(Value, Made)> {
    let long = "é".repeat(1000);
    let described = [
        (json!(""), ""),
        (json!(" two\nlines "), " two\nlines "),
        (json!(12), "12"),
        (json!(1.5), "1.5"),
        (json!(1e21), "1e+21"),
        (json!(true), "true"),
        (json!(long), &long),
    ];
    let expiring = [
        (json!(0), 0),
        (json!(-1), -1),
        (json!(-LATEST), -LATEST),
        (json!(LATEST), LATEST),
        (json!(1e12), 1_000_000_000_000),
        (json!("1893456000000"), 1_893_456_000_000),
        (json!(" 0x10 "), 16),
    ];
    let public = [json!(true), json!("true"), json!(1), json!("1")];
    let secret = [json!("false"), json!(0)];
    let mut all = vec![(routes.body(), Made::default())];
    let mut add = |name, value, made| all.push((routes.but(name, value), made));
    let owner = json!(routes.id.to_string().to_uppercase());
    add(routes.owner, owner, Made::default());
    for (value, description) in described {
        add("description", value, Made::described(description));
    }
    for (value, expires) in expiring {
        add("expires_at_millis", value, Made::expiring(expires));
    }
    for value in public {
        add("is_public", value, Made::public());
    }
    for value in secret {
        add("is_public", value, Made::default());
    }
    all
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_reads_as_the_right_type_is_taken_as_it(pool: PgPool) {
    let ground = Ground::new(pool).await;
    for routes in &ground.routes {
        for who in ground.makers() {
            for (body, made) in fine_bodies(routes) {
                let answer = ground.api.ask(&who, routes.create, body.clone()).await;
                assert_eq!(answer.status, 200, "{body}: {answer:?}");
                let key = answer.ok();
                assert_eq!(key["description"], made.description, "{body}");
                let expires = key.get("expires_at_millis");
                assert_eq!(expires, made.expires.map(Value::from).as_ref(), "{body}");
                assert_eq!(key["is_public"], made.is_public, "{body}");
                assert_eq!(key[routes.owner], json!(routes.id), "{body}");
                let prefix = if made.is_public { "pk_" } else { "sk_" };
                let text = key["value"].as_str().expect("a key");
                assert!(text.starts_with(prefix), "{body}");
            }
        }
    }
}

const UUID: &str = "must be a valid UUID";
const RANGE: &str = "must be a whole number of milliseconds within the range of a Date";

/// Wrong values of the description and of whether a key is public, and what is told of them.
const WRONG_TEXTS_AND_TRUTHS: &[(&str, &str, &str)] = &[
    ("description", "null", "cannot be null"),
    (
        "description",
        "{}",
        "must be a `string` type, but the final value was: `{}`.",
    ),
    (
        "description",
        r#"{ "a": 1 }"#,
        "must be a `string` type, but the final value was: `{\n  \"a\": \"1\"\n}`.",
    ),
    (
        "description",
        "[]",
        "must be a `string` type, but the final value was: `[]`.",
    ),
    (
        "description",
        r#""a\u0000b""#,
        "must not contain the character NUL",
    ),
    (
        "is_public",
        r#""yes""#,
        "must be a `boolean` type, but the final value was: `\"yes\"`.",
    ),
    (
        "is_public",
        "2",
        "must be a `boolean` type, but the final value was: `2`.",
    ),
    (
        "is_public",
        "[]",
        "must be a `boolean` type, but the final value was: `[]`.",
    ),
    ("is_public", "null", "cannot be null"),
];

/// Ends that are no number.
const NO_NUMBERS: [&str; 5] = [r#""abc""#, r#""""#, "true", "[]", "{}"];

/// Ends that no date has.
const NO_DATES: [&str; 7] = [
    "1.5",
    "8640000000000001",
    "-8640000000000001",
    "1e300",
    "18446744073709551615",
    r#""Infinity""#,
    r#""1e400""#,
];

/// Owners that are no id.
const NO_IDS: [&str; 7] = [
    r#""x""#,
    r#""""#,
    r#""you""#,
    "1",
    r#""{00000000-0000-4000-8000-000000000001}""#,
    r#""00000000000040008000000000000001""#,
    r#""00000000-0000-4000-8000-00000000000g""#,
];

/// Fields that are wrong, and what is told of them.
fn wrong_fields(owner: &'static str) -> Vec<(&'static str, Value, String)> {
    let long = json!("x".repeat(1001));
    let too_long = "must be at most 1000 characters".to_owned();
    let mut all = vec![
        ("description", long, too_long),
        (owner, Value::Null, "cannot be null".to_owned()),
    ];
    for (name, value, problem) in WRONG_TEXTS_AND_TRUTHS {
        all.push((name, json_of(value), (*problem).to_owned()));
    }
    for value in NO_NUMBERS {
        let problem = format!(
            "must be a `number` type, but the final value was: `NaN` (cast from the value `{value}`)."
        );
        all.push(("expires_at_millis", json_of(value), problem));
    }
    for value in NO_DATES {
        all.push(("expires_at_millis", json_of(value), RANGE.to_owned()));
    }
    for value in NO_IDS {
        all.push((owner, json_of(value), UUID.to_owned()));
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
            let told = schema(what, &[&format!("body.{name} {problem}")]);
            rows.push(row(&who, what, routes.but(name, value), told));
        }
        for name in ["description", "expires_at_millis", owner] {
            let told = schema(what, &[&format!("body.{name} must be defined")]);
            rows.push(row(&who, what, routes.less(name), told));
        }
        let told = [
            "body.description cannot be null",
            "body.expires_at_millis must be defined",
            &format!("body.{owner} must be defined"),
            "body contains unknown properties: a, b",
        ];
        let several = json!({ "description": null, "b": 1, "a": 2 });
        rows.push(row(&who, what, several, schema(what, &told)));
        ground.api.refuses(rows).await;
    }
}

/// Bodies that are no object, and what is told of them.
const NO_OBJECTS: [(&str, &str); 5] = [
    ("null", "body cannot be null"),
    (
        "[]",
        "body must be a `object` type, but the final value was: `[]`.",
    ),
    (
        "1",
        "body must be a `object` type, but the final value was: `1`.",
    ),
    (
        "true",
        "body must be a `object` type, but the final value was: `true`.",
    ),
    (
        r#""text""#,
        "body must be a `object` type, but the final value was: `null` (cast from the value `\"text\"`).",
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_key_is_an_object_of_known_properties(pool: PgPool) {
    let ground = Ground::new(pool).await;
    for (routes, who) in ground.routes.iter().zip(ground.makers()) {
        let what = routes.create;
        let no_objects = NO_OBJECTS.map(|(text, problem)| (json_of(text), problem));
        let mut rows = broken(&who, what, no_objects);
        rows.extend(broken(&who, what, [((), "body must be defined")]));
        let other = ["user_id", "team_id"]
            .into_iter()
            .find(|name| *name != routes.owner)
            .expect("the other");
        for (name, value) in [("id", json!(1)), (other, json!(routes.id))] {
            let problem = format!("body contains unknown properties: {name}");
            rows.extend(broken(
                &who,
                what,
                [(routes.but(name, value), &problem[..])],
            ));
        }
        ground.api.refuses(rows).await;
    }
}
