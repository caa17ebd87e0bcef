//! The project, and what an administrator changes about it.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, row},
    told::schema,
};

const READ: &str = "GET /projects/current";
const CHANGE: &str = "PATCH /projects/current";

fn project(api: &Api) -> Value {
    json!({
        "id": api.project(),
        "display_name": "Acme",
        "config": {
            "sign_up_enabled": true, "credential_enabled": true, "magic_link_enabled": false, "passkey_enabled": false,
            "client_team_creation_enabled": true, "client_user_deletion_enabled": true, "allow_user_api_keys": true,
            "allow_team_api_keys": true, "allow_localhost": true, "enabled_oauth_providers": [], "domains": [],
        },
    })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn everybody_in_a_project_sees_it(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    for who in [api.client(), api.as_user(&ada), api.server(), api.admin()] {
        assert_eq!(api.ask(&who, READ, ()).await.ok(), project(&api));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_changes_what_they_name(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let admin = api.admin();
    let mut expected = project(&api);
    assert_eq!(api.ask(&admin, CHANGE, json!({})).await.ok(), expected);
    assert_eq!(
        api.ask(&admin, CHANGE, json!({ "config": {} })).await.ok(),
        expected
    );
    expected["display_name"] = json!("New name");
    assert_eq!(
        api.ask(&admin, CHANGE, json!({ "display_name": " New name " }))
            .await
            .ok(),
        expected
    );
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
            assert_eq!(
                api.ask(&admin, CHANGE, json!({ "config": config }))
                    .await
                    .ok(),
                expected,
                "{switch}"
            );
            assert_eq!(
                api.ask(&api.client(), READ, ()).await.ok(),
                expected,
                "{switch}"
            );
        }
    }
    let domains = json!([
        { "domain": "https://app.example", "handler_path": "/auth" },
        { "domain": "http://app.example:8080/" },
    ]);
    expected["config"]["domains"] = json!([
        { "domain": "https://app.example", "handler_path": "/auth" },
        { "domain": "http://app.example:8080", "handler_path": "/handler" },
    ]);
    assert_eq!(
        api.ask(&admin, CHANGE, json!({ "config": { "domains": domains } }))
            .await
            .ok(),
        expected
    );
    assert_eq!(
        api.ask(
            &admin,
            CHANGE,
            json!({ "config": { "allow_localhost": true } })
        )
        .await
        .ok(),
        expected
    );
    expected["config"]["domains"] = json!([]);
    assert_eq!(
        api.ask(&admin, CHANGE, json!({ "config": { "domains": [] } }))
            .await
            .ok(),
        expected
    );
    let mut untouched = project(&other);
    untouched["display_name"] = json!("Other");
    assert_eq!(other.ask(&other.admin(), READ, ()).await.ok(), untouched);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_changed_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let admin = api.admin();
    let mut rows = Vec::new();
    for (body, problem) in [
        (
            json!({ "display_name": "" }),
            "body.display_name must not be empty",
        ),
        (
            json!({ "display_name": null }),
            "body.display_name cannot be null",
        ),
        (
            json!({ "display_name": "x".repeat(256) }),
            "body.display_name must be at most 255 characters",
        ),
        (
            json!({ "id": "x", "created_at": 1 }),
            "body contains unknown properties: created_at, id",
        ),
        (
            json!({ "config": [] }),
            "body.config must be a `object` type, but the final value was: `[]`.",
        ),
        (json!({ "config": null }), "body.config cannot be null"),
        (
            json!({ "config": { "unknown": true } }),
            "body.config contains unknown properties: unknown",
        ),
        (
            json!({ "config": { "sign_up_enabled": "perhaps" } }),
            "body.config.sign_up_enabled must be a `boolean` type, but the final value was: `\"perhaps\"`.",
        ),
        (
            json!({ "config": { "sign_up_enabled": null } }),
            "body.config.sign_up_enabled cannot be null",
        ),
        (
            json!({ "config": { "passkey_enabled": true } }),
            "body.config.passkey_enabled must be one of the following values: false",
        ),
        (
            json!({ "config": { "magic_link_enabled": true } }),
            "body.config.magic_link_enabled must be one of the following values: false",
        ),
    ] {
        rows.push(row(&admin, CHANGE, body, schema(CHANGE, &[problem])));
    }
    rows.push(row(
        &admin,
        CHANGE,
        (),
        schema(CHANGE, &["body must be defined"]),
    ));
    api.refuses(rows).await;
    let before = api.dump().await;
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
    let lists = odd.map(|domain| json!([domain])).into_iter().chain([
        json!(many),
        json!("x"),
        json!({}),
        json!(null),
    ]);
    for domains in lists {
        let told = api
            .ask(
                &admin,
                CHANGE,
                json!({ "display_name": "Changed", "config": { "domains": domains } }),
            )
            .await;
        assert_eq!(told.short(), "400 SCHEMA_ERROR", "{domains}");
        assert!(
            told.told().message.contains("\n  - body.config.domains"),
            "{domains}: {}",
            told.text
        );
        assert_eq!(api.dump().await, before, "{domains}");
    }
}
