//! The project, and what an administrator changes about it.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::Api,
    refusals::{broken, json_of},
};
use crate::snapshots::Snapshots;

const READ: &str = "GET /projects/current";
const CHANGE: &str = "PATCH /projects/current";

/// The project as its clients see it.
async fn project(api: &Api) -> Value {
    api.ask(&api.client(), READ, ()).await.ok()
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn everybody_in_a_project_sees_it(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let snapshots = Snapshots::default().named(api.project(), "project");
    for who in [api.client(), api.as_user(&ada), api.server(), api.admin()] {
        let project = api.ask(&who, READ, ()).await;
        snapshots.check("project", &project);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_changes_what_they_name(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let untouched = project(&other).await;
    let mut expected = project(&api).await;
    let change = async |body: Value| api.ask(&api.admin(), CHANGE, body).await.ok();
    assert_eq!(change(json!({})).await, expected);
    assert_eq!(change(json!({ "config": {} })).await, expected);
    expected["display_name"] = json!("New name");
    let named = change(json!({ "display_name": " New name " })).await;
    assert_eq!(named, expected);
    assert_eq!(project(&other).await, untouched);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_turns_each_switch(pool: PgPool) {
    let api = Api::new(pool).await;
    let mut expected = project(&api).await;
    for switch in [
        "sign_up_enabled",
        "credential_enabled",
        "client_team_creation_enabled",
        "client_user_deletion_enabled",
        "allow_user_api_keys",
        "allow_team_api_keys",
        "allow_localhost",
    ] {
        for on in [false, true] {
            expected["config"][switch] = json!(on);
            let config =
                json!({ switch: on, "magic_link_enabled": false, "passkey_enabled": null });
            let body = json!({ "config": config });
            let changed = api.ask(&api.admin(), CHANGE, body).await.ok();
            assert_eq!(changed, expected, "{switch}");
            let seen = api.ask(&api.client(), READ, ()).await.ok();
            assert_eq!(seen, expected, "{switch}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_sets_the_trusted_domains(pool: PgPool) {
    let api = Api::new(pool).await;
    let mut expected = project(&api).await;
    let configure = async |config: Value| {
        let body = json!({ "config": config });
        api.ask(&api.admin(), CHANGE, body).await.ok()
    };
    let domains = json!([
        { "domain": "https://app.example", "handler_path": "/auth" },
        { "domain": "http://app.example:8080/" },
    ]);
    expected["config"]["domains"] = json!([
        { "domain": "https://app.example", "handler_path": "/auth" },
        { "domain": "http://app.example:8080", "handler_path": "/handler" },
    ]);
    assert_eq!(configure(json!({ "domains": domains })).await, expected);
    let other = configure(json!({ "allow_localhost": true })).await;
    assert_eq!(other, expected);
    expected["config"]["domains"] = json!([]);
    assert_eq!(configure(json!({ "domains": [] })).await, expected);
}

/// Changes that break a rule, and which.
const BROKEN: &[(&str, &str)] = &[
    (
        r#"{ "display_name": "" }"#,
        "body.display_name must not be empty",
    ),
    (
        r#"{ "display_name": null }"#,
        "body.display_name cannot be null",
    ),
    (
        r#"{ "id": "x", "created_at": 1 }"#,
        "body contains unknown properties: created_at, id",
    ),
    (
        r#"{ "config": [] }"#,
        "body.config must be a `object` type, but the final value was: `[]`.",
    ),
    (r#"{ "config": null }"#, "body.config cannot be null"),
    (
        r#"{ "config": { "unknown": true } }"#,
        "body.config contains unknown properties: unknown",
    ),
    (
        r#"{ "config": { "sign_up_enabled": "perhaps" } }"#,
        "body.config.sign_up_enabled must be a `boolean` type, but the final value was: `\"perhaps\"`.",
    ),
    (
        r#"{ "config": { "sign_up_enabled": null } }"#,
        "body.config.sign_up_enabled cannot be null",
    ),
    (
        r#"{ "config": { "max_api_keys_per_owner": -1 } }"#,
        "body.config.max_api_keys_per_owner must be a whole number from 0 to 1000000",
    ),
    (
        r#"{ "config": { "max_api_keys_per_owner": 1000001 } }"#,
        "body.config.max_api_keys_per_owner must be a whole number from 0 to 1000000",
    ),
    (
        r#"{ "config": { "passkey_enabled": true } }"#,
        "body.config.passkey_enabled must be one of the following values: false",
    ),
    (
        r#"{ "config": { "magic_link_enabled": true } }"#,
        "body.config.magic_link_enabled must be one of the following values: false",
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_changed_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let admin = api.admin();
    let cases = BROKEN
        .iter()
        .map(|(body, problem)| (json_of(body), *problem));
    let mut rows = broken(&admin, CHANGE, cases);
    let long = json!({ "display_name": "x".repeat(256) });
    let too_long = "body.display_name must be at most 255 characters";
    rows.extend(broken(&admin, CHANGE, [(long, too_long)]));
    rows.extend(broken(&admin, CHANGE, [((), "body must be defined")]));
    api.refuses(rows).await;
}

/// Lists of domains that are none.
fn no_domains() -> Vec<Value> {
    let many: Vec<_> = (0..101)
        .map(|at| json!({ "domain": format!("https://a{at}.example") }))
        .collect();
    let odd = [
        json!("https://app.example"),
        json!({}),
        json!({ "domain": "" }),
        json!({ "domain": "app.example" }),
        json!({ "domain": "javascript:alert(1)" }),
        json!({ "domain": "https://user@app.example" }),
        json!({ "domain": "https://app.example/path" }),
        json!({ "domain": "https://app.example?a=b" }),
        json!({ "domain": "ftp://app.example" }),
        json!({ "domain": format!("https://{}.example", "a".repeat(250)) }),
        json!({ "domain": "https://app.example", "handler_path": 5 }),
        json!({ "domain": "https://app.example", "more": 1 }),
    ];
    let mut all = vec![json!(many), json!("x"), json!({}), json!(null)];
    all.extend(odd.map(|domain| json!([domain])));
    all
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_are_no_domains_is_told_and_nothing_else_is_changed_either(pool: PgPool) {
    let api = Api::new(pool).await;
    let before = api.dump().await;
    for domains in no_domains() {
        let body = json!({ "display_name": "Changed", "config": { "domains": domains } });
        let answer = api.ask(&api.admin(), CHANGE, body).await;
        assert_eq!(answer.short(), "400 SCHEMA_ERROR", "{domains}");
        let message = answer.told().message;
        assert!(
            message.contains("\n  - body.config.domains"),
            "{domains}: {message}"
        );
        assert_eq!(api.dump().await, before, "{domains}");
    }
}
