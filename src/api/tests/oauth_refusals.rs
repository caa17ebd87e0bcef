//! What the token endpoint refuses.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As, row},
    refusals::Row,
    told::{Told, known, schema},
};
use crate::oauth::{FORM, TOKEN, asking, but, form, less, no_session, wrong_client};

/// Each of these bodies, as a form and as JSON, and what is told of it.
fn both_ways(cases: Vec<(Value, Told)>) -> Vec<Row> {
    let none = As::default();
    let mut rows = Vec::new();
    for (body, told) in cases {
        rows.push(row(&none, TOKEN, (FORM, &form(&body)[..]), told.clone()));
        rows.push(row(&none, TOKEN, body, told));
    }
    rows
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_refresh_token_that_is_wrong_gives_nothing(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (login, ended, expired, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await,
        api.user("Old").await,
        other.user("Ada").await,
    );
    let sign_out = "DELETE /auth/sessions/current";
    api.ask(&api.as_user(&ended), sign_out, json!({}))
        .await
        .ok();
    let expire = "UPDATE sessions SET created_at_millis = 0, expires_at_millis = now_millis() WHERE user_id = $1";
    api.world.sql(expire, &[expired.id.uuid()]).await;
    let body = asking(&api, &login);
    let tokens = [
        &ended.refresh,
        &expired.refresh,
        &foreign.refresh,
        &login.access,
        &login.refresh.to_uppercase(),
        "",
        "ü",
    ];
    let mut cases: Vec<_> = tokens
        .map(|token| (but(&body, "refresh_token", token), no_session()))
        .into();
    let elsewhere = but(&body, "client_id", other.project().to_string());
    cases.push((elsewhere, no_session()));
    api.refuses(both_ways(cases)).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_that_is_wrong_gets_nothing_and_is_looked_at_before_the_token(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let login = api.user("Ada").await;
    let body = asking(&api, &login);
    let project = api.project().to_string();
    let mut cases = Vec::new();
    for id in [
        "internal",
        "",
        &Uuid::nil().to_string(),
        &format!("{project}#dev"),
        &format!("{project}#"),
        &format!("{project}#main#main"),
    ] {
        cases.push((but(&body, "client_id", id), wrong_client(id)));
    }
    for key in [
        "pck_wrong",
        api.keys.secret_server_key.expose(),
        other.keys.publishable_client_key.expose(),
    ] {
        cases.push((but(&body, "client_secret", key), wrong_client(&project)));
    }
    let both = but(&body, "client_secret", "wrong");
    let both = but(&both, "refresh_token", "wrong");
    cases.push((both, wrong_client(&project)));
    api.refuses(both_ways(cases)).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_refresh_that_breaks_a_rule_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let body = asking(&api, &login);
    let mut cases = Vec::new();
    for name in ["grant_type", "refresh_token", "client_id"] {
        let problem = format!("body.{name} must be defined");
        cases.push((less(&body, name), schema(TOKEN, &[&problem])));
    }
    let only = schema(
        TOKEN,
        &["body.grant_type must be one of the following values: refresh_token"],
    );
    for kind in ["authorization_code", "", "Refresh_token"] {
        cases.push((but(&body, "grant_type", kind), only.clone()));
    }
    let mut rows = both_ways(cases);
    let none = As::default();
    let no_body = schema(TOKEN, &["body must be defined"]);
    let unknown = known(
        BodyParsingError,
        "Unknown content type in request body: text/plain",
    );
    rows.push(row(&none, TOKEN, (), no_body));
    rows.push(row(&none, TOKEN, ("text/plain", "a"), unknown));
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_can_require_a_client_secret(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    api.world
        .configure(SettingsChange {
            require_publishable_client_key: Some(true),
            ..SettingsChange::default()
        })
        .await;
    let body = asking(&api, &login);
    let required = known(
        PublishableClientKeyRequired,
        "Publishable client keys are required for this project.",
    )
    .with(json!({ "project_id": api.project() }));
    api.refuses(vec![
        row(&As::default(), TOKEN, body.clone(), required.clone()),
        row(
            &As::default(),
            TOKEN,
            less(&body, "client_secret"),
            required.clone(),
        ),
        row(
            &As::default(),
            TOKEN,
            but(&body, "client_secret", ""),
            required,
        ),
        row(
            &As::default(),
            TOKEN,
            but(&body, "client_secret", "pck_wrong"),
            wrong_client(&api.project().to_string()),
        ),
    ])
    .await;
    let key = api.keys.publishable_client_key.expose();
    api.ask(&As::default(), TOKEN, but(&body, "client_secret", key))
        .await
        .ok();
}
