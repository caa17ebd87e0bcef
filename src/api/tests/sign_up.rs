//! Signing up with a password.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, PASSWORD, row},
    refusals::broken,
    told::{known, schema},
};
use crate::auth::{IN, UP, taken, too_short, with_email};

/// Addresses that are none.
const NO_ADDRESSES: [&str; 10] = [
    "",
    "a",
    "a@",
    "@example.com",
    "a@localhost",
    "a@b.c",
    "a b@c.de",
    "a@b@c.de",
    "a@b..de",
    "<a@b.de>",
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_no_account_is_not_made(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    let ada = with_email("ada@example.com");
    api.ask(&client, UP, ada.clone()).await.ok();
    let password = |value: Value| json!({ "email": "new@example.com", "password": value });
    let told = |body, told| row(&client, UP, body, told);
    let mut rows = vec![
        told(ada, taken("ada@example.com")),
        told(with_email(" ADA@example.com"), taken("ada@example.com")),
        told(password(json!("")), too_short()),
        told(password(json!("1234567")), too_short()),
        told(password(json!("ü234567")), too_short()),
        row(&client, UP, (), schema(UP, &["body must be defined"])),
    ];
    let invalid = "body.email must be a valid email";
    rows.extend(broken(
        &client,
        UP,
        NO_ADDRESSES.map(|email| (with_email(email), invalid)),
    ));
    let nul = "body.email must not contain the character NUL";
    let long = "body.password must be at most 70 characters";
    rows.extend(broken(
        &client,
        UP,
        [
            (with_email("a\0@b.de"), nul),
            (password(json!("x".repeat(71))), long),
            (password(Value::Null), "body.password cannot be null"),
        ],
    ));
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_rule_that_a_sign_up_breaks_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    let mut more = with_email("new@example.com");
    more["more"] = json!(1);
    let bad = json!({ "email": "a", "password": "x".repeat(71), "b": 1, "a": 1 });
    let (no_email, no_password) = (
        "body.email must be defined",
        "body.password must be defined",
    );
    let all = [
        "body.email must be a valid email",
        "body.password must be at most 70 characters",
        "body contains unknown properties: a, b",
    ];
    let unknown = "body contains unknown properties: more";
    api.refuses(vec![
        row(&client, UP, more, schema(UP, &[unknown])),
        row(&client, UP, json!({}), schema(UP, &[no_email, no_password])),
        row(&client, UP, bad, schema(UP, &all)),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_password_may_have_eight_to_seventy_characters_of_any_script(pool: PgPool) {
    let api = Api::new(pool).await;
    for password in [
        "12345678".to_owned(),
        "ü".repeat(8),
        "x".repeat(70),
        "ü".repeat(70),
    ] {
        let email = format!("{}{}@example.com", password.len(), password.chars().count());
        let body = json!({ "email": email, "password": password });
        api.ask(&api.client(), UP, body.clone()).await.ok();
        api.ask(&api.client(), IN, body).await.ok();
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_link_in_a_message_leads_to_the_application_or_home(pool: PgPool) {
    let api = Api::new(pool).await;
    let domains = json!({ "config": { "domains": [{ "domain": "https://app.example", "handler_path": "/handler" }] } });
    api.ask(&api.admin(), "PATCH /projects/current", domains)
        .await
        .ok();
    let client = api.client();
    let to = |url: &str, email: &str| json!({ "email": email, "password": PASSWORD, "verification_callback_url": url });
    let told = known(
        RedirectUrlNotWhitelisted,
        "Redirect URL not whitelisted. Did you forget to add this domain to the trusted domains of the project?",
    );
    let mut rows = Vec::new();
    for url in [
        "https://else.example/",
        "http://app.example/",
        "https://app.example:8443/",
        "https://app.example.else.example/",
        "https://app.example@else.example/",
        "https://localhost@else.example/",
        "http://localhost.else.example/",
        "https://sub.app.example/",
        "javascript:alert(1)",
        "ftp://localhost/",
        "//app.example/",
        "/handler",
        "",
    ] {
        rows.push(row(&client, UP, to(url, "new@example.com"), told.clone()));
    }
    api.refuses(rows).await;
    for (at, url) in [
        "https://app.example/handler?a=b",
        "https://app.example",
        "http://localhost:3000/x",
        "http://127.0.0.1/",
    ]
    .iter()
    .enumerate()
    {
        api.ask(&client, UP, to(url, &format!("fine{at}@example.com")))
            .await
            .ok();
    }
    api.world
        .configure(SettingsChange {
            allow_localhost: Some(false),
            ..SettingsChange::default()
        })
        .await;
    api.refuses(vec![row(
        &client,
        UP,
        to("http://localhost:3000", "new@example.com"),
        told,
    )])
    .await;
}
