//! The token endpoint, and its sister for our own headers.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    forge::parts,
    http::{Api, As, Login, row},
    tokens::{issued_by, session_of},
    told::{Told, known},
};
use crate::snapshots::Snapshots;

pub const TOKEN: &str = "POST /auth/oauth/token";
const REFRESH: &str = "POST /auth/sessions/current/refresh";
pub const FORM: &str = "application/x-www-form-urlencoded";

pub fn no_session() -> Told {
    known(
        RefreshTokenNotFound,
        "Refresh token not found for this project, or the session has expired/been revoked.",
    )
}

pub fn wrong_client(id: &str) -> Told {
    known(InvalidOauthClient, "The OAuth client ID or secret is invalid. The client ID must be equal to the project ID, and the client secret must be a publishable client key.")
        .with(json!({ "client_id": id }))
}

pub fn asking(api: &Api, login: &Login) -> Value {
    json!({
        "grant_type": "refresh_token",
        "refresh_token": login.refresh,
        "client_id": api.project(),
        "client_secret": "__stack_public_client__",
    })
}

pub fn but(body: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[name] = value.into();
    body
}

pub fn less(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().expect("an object").remove(name);
    body
}

pub fn form(body: &Value) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            body.as_object()
                .expect("an object")
                .iter()
                .map(|(name, value)| (name, value.as_str().expect("a text"))),
        )
        .finish()
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_refresh_gives_an_access_token_and_the_same_refresh_token(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let body = asking(&api, &login);
    let key = api.keys.publishable_client_key.expose();
    for body in [
        body.clone(),
        body.clone(),
        but(&body, "client_secret", key),
        but(&body, "client_secret", ""),
        less(&body, "client_secret"),
        but(&body, "client_id", format!("{}#main", api.project())),
        but(&body, "scope", "legacy"),
    ] {
        for sent in [
            (FORM, &form(&body)[..]),
            ("application/json", &body.to_string()[..]),
        ] {
            let answer = api.ask(&As::default(), TOKEN, sent).await;
            Snapshots::default().check("tokens_refreshed", &answer);
            let tokens = answer.ok();
            assert_eq!(tokens["refresh_token"], login.refresh);
            let access = tokens["access_token"].as_str().expect("a token");
            assert_eq!(session_of(access), session_of(&login.access));
            let who = api.client().with("access-token", access);
            assert_eq!(api.ask(&who, "GET /users/me", ()).await.status, 200);
        }
    }
    assert_eq!(
        api.ask(&api.as_user(&login), "GET /users/me", ())
            .await
            .status,
        200,
        "the old one stays"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_refresh_token_in_the_header_will_do(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let other = api.another_project().await;
    let foreign = other.user("Ada").await;
    let old = issued_by(&api, &login, -601_000).await;
    let with = |who: As| who.with("refresh-token", &login.refresh);
    for who in [
        with(api.client()),
        with(api.client()).hexclave(|_| true),
        with(api.server()),
        with(api.admin()),
        // It may have ended: that is why this is asked.
        with(api.client()).with("access-token", &old),
        with(api.as_user(&login)),
    ] {
        let answer = api.ask(&who, REFRESH, json!({})).await.ok();
        let access = answer["access_token"].as_str().expect("a token");
        assert_eq!(answer, json!({ "access_token": access }));
        assert_eq!(parts(access)[1]["sub"], json!(login.id));
    }
    let client = api.client();
    api.refuses(vec![
        row(&client, REFRESH, (), no_session()),
        row(&client.with("refresh-token", ""), REFRESH, (), no_session()),
        row(
            &client.with("refresh-token", "wrong"),
            REFRESH,
            (),
            no_session(),
        ),
        row(
            &client.with("refresh-token", &foreign.refresh),
            REFRESH,
            (),
            no_session(),
        ),
        row(
            &client.with("refresh-token", &login.access),
            REFRESH,
            (),
            no_session(),
        ),
        row(&api.as_user(&login), REFRESH, (), no_session()),
    ])
    .await;
    api.ask(
        &api.as_user(&login),
        "DELETE /auth/sessions/current",
        json!({}),
    )
    .await
    .ok();
    api.refuses(vec![row(&with(client), REFRESH, (), no_session())])
        .await;
}
