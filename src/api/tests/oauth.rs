//! The token endpoint, and its sister for our own headers.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    forge::parts,
    http::{Api, As, Login, row},
    tokens::{issued_by, session_of},
    told::{Told, known, schema},
};

const TOKEN: &str = "POST /auth/oauth/token";
const REFRESH: &str = "POST /auth/sessions/current/refresh";
const FORM: &str = "application/x-www-form-urlencoded";

pub fn no_session() -> Told {
    known(
        RefreshTokenNotFound,
        "Refresh token not found for this project, or the session has expired/been revoked.",
    )
}

fn wrong_client(id: &str) -> Told {
    known(InvalidOauthClient, "The OAuth client ID or secret is invalid. The client ID must be equal to the project ID, and the client secret must be a publishable client key.")
        .with(json!({ "client_id": id }))
}

fn asking(api: &Api, login: &Login) -> Value {
    json!({
        "grant_type": "refresh_token",
        "refresh_token": login.refresh,
        "client_id": api.project(),
        "client_secret": "__stack_public_client__",
    })
}

fn but(body: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[name] = value.into();
    body
}

fn less(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().expect("an object").remove(name);
    body
}

fn form(body: &Value) -> String {
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
            assert_eq!(answer.header("content-type"), Some("application/json"));
            let tokens = answer.ok();
            let access = tokens["access_token"].as_str().expect("a token");
            assert_eq!(
                tokens,
                json!({
                    "access_token": access,
                    "token_type": "Bearer",
                    "expires_in": 3599,
                    "refresh_token": login.refresh,
                    "scope": "legacy",
                })
            );
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
async fn a_refresh_that_is_wrong_gives_nothing(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (login, ended, expired, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await,
        api.user("Old").await,
        other.user("Ada").await,
    );
    api.ask(
        &api.as_user(&ended),
        "DELETE /auth/sessions/current",
        json!({}),
    )
    .await
    .ok();
    api.world
        .sql("UPDATE sessions SET created_at_millis = 0, expires_at_millis = now_millis() WHERE user_id = $1", &[expired.id.uuid()])
        .await;
    let none = As::default();
    let body = asking(&api, &login);
    let project = api.project().to_string();
    let mut rows = Vec::new();
    let mut add = |body: &Value, told: Told| {
        rows.push(row(&none, TOKEN, (FORM, &form(body)[..]), told.clone()));
        rows.push(row(&none, TOKEN, body.clone(), told));
    };
    for token in [
        &ended.refresh,
        &expired.refresh,
        &foreign.refresh,
        &login.access,
        &login.refresh.to_uppercase(),
        "",
        "ü",
    ] {
        add(&but(&body, "refresh_token", token), no_session());
    }
    for id in [
        "internal",
        "",
        &Uuid::nil().to_string(),
        &format!("{project}#dev"),
        &format!("{project}#"),
        &format!("{project}#main#main"),
        &other.project().to_string(),
    ] {
        let told = if id == other.project().to_string() {
            no_session()
        } else {
            wrong_client(id)
        };
        add(&but(&body, "client_id", id), told);
    }
    for key in [
        "pck_wrong",
        api.keys.secret_server_key.expose(),
        other.keys.publishable_client_key.expose(),
    ] {
        add(&but(&body, "client_secret", key), wrong_client(&project));
    }
    // The client is looked at before the token.
    add(
        &but(
            &but(&body, "client_secret", "wrong"),
            "refresh_token",
            "wrong",
        ),
        wrong_client(&project),
    );
    for name in ["grant_type", "refresh_token", "client_id"] {
        add(
            &less(&body, name),
            schema(TOKEN, &[&format!("body.{name} must be defined")]),
        );
    }
    for kind in ["authorization_code", "", "Refresh_token"] {
        add(
            &but(&body, "grant_type", kind),
            schema(
                TOKEN,
                &["body.grant_type must be one of the following values: refresh_token"],
            ),
        );
    }
    rows.push(row(
        &none,
        TOKEN,
        (),
        schema(TOKEN, &["body must be defined"]),
    ));
    rows.push(row(
        &none,
        TOKEN,
        ("text/plain", "a"),
        known(
            BodyParsingError,
            "Unknown content type in request body: text/plain",
        ),
    ));
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
