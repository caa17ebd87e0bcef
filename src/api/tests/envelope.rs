//! What every answer has in common, whatever was asked. That the
//! headers are of the closed set, and those for browsers there, `http::ask` sees on every answer.

use std::time::Duration;

use latchkey_api::MAX_BODY;
use latchkey_domain::{Domain, clock::Clock, secret::MasterKey};
use latchkey_store::{Connections, PoolSettings, testing::patient};
use serde_json::json;
use sqlx::PgPool;

use super::{
    http::{Answer, Api, As, Sent},
    operations::{filled, operations},
    told::plain,
};
use crate::{snapshots::Snapshots, world::World};

pub const JSON: &str = "application/json";

/// Requests of clients' that are refused with the statuses there are below 500.
fn refused(api: &Api) -> Vec<(As, String, Sent, u16)> {
    let large = " ".repeat(MAX_BODY + 1);
    vec![
        (As::default(), "GET /users/me".to_owned(), ().into(), 400),
        (api.client(), "GET /users/me".to_owned(), ().into(), 400),
        (api.client(), "GET /users".to_owned(), ().into(), 401),
        (api.client(), "GET /teams".to_owned(), ().into(), 403),
        (
            api.server(),
            format!("GET /users/{}", api.project()),
            ().into(),
            404,
        ),
        (api.client(), "GET /nowhere".to_owned(), ().into(), 404),
        (api.client(), "PUT /users".to_owned(), ().into(), 405),
        (
            api.server(),
            "POST /users".to_owned(),
            json!({ "primary_email": "taken@example.com", "primary_email_auth_enabled": true })
                .into(),
            409,
        ),
        (
            api.server(),
            "POST /users".to_owned(),
            (JSON, &large[..]).into(),
            413,
        ),
        (
            api.server(),
            "POST /users".to_owned(),
            (JSON, "{").into(),
            400,
        ),
    ]
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_error_has_a_code_a_message_and_details_or_is_plain_text(pool: PgPool) {
    let api = Api::new(pool).await;
    api.user("Taken").await;
    let snapshots = Snapshots::default().named(api.project(), "project");
    for (who, what, sent, _) in refused(&api) {
        let answer = api.ask(&who, &what, sent).await;
        let name = answer.short().to_lowercase().replace(' ', "_");
        snapshots.check(&format!("error_{name}"), &answer);
    }
    let schema = api
        .ask(&api.server(), "POST /users", json!({ "more": 1 }))
        .await;
    snapshots.check("error_400_schema_error", &schema);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_program_can_have_its_errors_as_200(pool: PgPool) {
    let api = Api::new(pool).await;
    api.user("Taken").await;
    for (who, what, sent, status) in refused(&api) {
        let real = api.ask(&who, &what, sent.clone()).await;
        assert_eq!(real.status, status, "{what}: {real:?}");
        assert_eq!(real.header("x-stack-actual-status"), None);
        for value in ["true", "false", "0", "ü"] {
            for prefix in ["x-stack-", "x-hexclave-"] {
                let who = who.header(&format!("{prefix}override-error-status"), value);
                let shown = api.ask(&who, &what, sent.clone()).await;
                assert_eq!(shown.status, 200, "{what}");
                assert_eq!(
                    shown.header("x-stack-actual-status"),
                    Some(&*status.to_string()),
                    "{what}"
                );
                assert_eq!(shown.text, real.text, "{what}");
                for name in ["x-stack-known-error", "content-type"] {
                    assert_eq!(shown.header(name), real.header(name), "{what}");
                }
            }
        }
    }
    let fine = api
        .ask(
            &api.server().with("override-error-status", "true"),
            "POST /users",
            json!({}),
        )
        .await;
    assert_eq!(
        (fine.status, fine.header("x-stack-actual-status")),
        (201, None)
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_database_that_is_away_is_503_and_never_anything_else(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let away = Api::of(api.world.as_served()).await;
    away.world.domain.close().await;
    let told = plain(
        503,
        "The database is not available. Please try again in a moment.",
    );
    for operation in operations() {
        // These do not ask it.
        if ["/health", "/internal/backend-urls", "/openapi.json"].contains(&&*operation.path) {
            continue;
        }
        for who in [away.client(), away.server(), away.admin()] {
            for who in [
                who.clone(),
                who.with("override-error-status", "true"),
                who.with("access-token", &login.access),
            ] {
                let what = filled(&operation);
                let sent = json!({ "grant_type": "refresh_token", "refresh_token": "a", "client_id": away.project() });
                let answer = away.ask(&who, &what, sent).await;
                assert_eq!(answer.told(), told, "{what}");
                assert_eq!(answer.header("retry-after"), Some("1"), "{what}");
            }
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_has_too_many_requests_at_once_is_told_so_and_servers_are_not(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let settings = PoolSettings {
        statements_per_caller: 0,
        caller_queue: Duration::from_millis(1),
        ..patient()
    };
    let options = (*api.world.pool.connect_options()).clone();
    let connections = Connections::new(options, &settings);
    let busy = Api::of(World {
        domain: Domain::new(connections, MasterKey::new("test"), Clock::System),
        ..api.world.clone()
    })
    .await;
    let client = busy.client().with("access-token", &login.access);
    let answer = busy.ask(&client, "GET /users/me", json!({})).await;
    let told = plain(
        429,
        "Too many requests at once. Please try again in a moment.",
    );
    assert_eq!(answer.told(), told);
    assert_eq!(answer.header("retry-after"), Some("1"));
    let answer = busy.ask(&busy.server(), "GET /users", json!({})).await;
    assert_eq!(answer.status, 200);
}

fn no_such_page(path: &str) -> String {
    format!(
        "404 — this page does not exist in Stack Auth's API.\n\nThere is no route {path}. \
         The routes are described at /api/v1/openapi.json."
    )
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_unknown_path_is_404_in_text(pool: PgPool) {
    let api = Api::new(pool).await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/users",
        "/api/latest/nowhere",
        "/api/v1/nowhere",
        "/api/v1/users/me/",
        "/api/v1/users/me/more",
        "/api/v1//users",
        "/api/v1/%2e%2e/users",
        "/api/v1/Users",
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let what = format!("{method} {path}?a=b");
            let answer = api.ask(&As::default(), &what, ()).await;
            assert_eq!(answer.status, 404, "{what}");
            assert_eq!(answer.told(), plain(404, no_such_page(path)), "{what}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_server_says_that_it_runs_and_where(pool: PgPool) {
    let api = Api::new(pool).await;
    for prefix in ["/api/v1", "/api/latest"] {
        let ask = async |path: &str| {
            api.ask(&As::default(), &format!("GET {prefix}{path}"), ())
                .await
        };
        let health: Answer = ask("/health").await;
        assert_eq!(
            (health.status, health.ok()),
            (200, json!({ "status": "ok" }))
        );
        assert_eq!(
            ask("/internal/backend-urls").await.ok(),
            json!({ "urls": [crate::http::ORIGIN] })
        );
        assert_eq!(ask("/openapi.json").await.ok()["openapi"], "3.1.0");
        let ids: Vec<String> = [ask("/health").await, ask("/health").await]
            .iter()
            .map(|answer| {
                answer
                    .header("x-stack-request-id")
                    .expect("an id")
                    .to_owned()
            })
            .collect();
        assert_ne!(ids[0], ids[1]);
    }
    let unknown = api
        .ask(
            &As::default(),
            "GET /projects/internal/.well-known/jwks.json",
            (),
        )
        .await;
    assert_eq!(unknown.told(), super::callers::unknown_project("internal"));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_tries_too_often_waits(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    let wrong = json!({ "email": "ada@example.com", "password": "wrong password" });
    let up = json!({ "email": "a@localhost.example", "password": "long enough" });
    let first = api
        .ask(&client, "POST /auth/password/sign-in", wrong.clone())
        .await;
    assert_eq!(first.short(), "400 EMAIL_PASSWORD_MISMATCH");
    api.ask(&client, "POST /auth/password/sign-up", up)
        .await
        .ok();
    api.world
        .sql(
            "UPDATE sign_in_attempts SET attempts = 1000, ends_at_millis = now_millis() + 900000",
            &[],
        )
        .await;
    let other = json!({ "email": "eve@example.com", "password": "long enough" });
    for (what, body) in [
        ("POST /auth/password/sign-in", wrong),
        ("POST /auth/password/sign-up", other),
    ] {
        let before = api.dump().await;
        let answer = api.ask(&client, what, body.clone()).await;
        let seconds: i64 = answer
            .header("retry-after")
            .expect("a time")
            .parse()
            .expect("a number");
        assert!((900..=960).contains(&seconds), "{seconds}");
        let message = format!("Too many attempts. Please try again in {seconds} seconds.");
        assert_eq!(answer.told(), plain(429, message), "{what}");
        // The SDK would wait that long with its user before it.
        let shown = api
            .ask(&client.with("override-error-status", "true"), what, body)
            .await;
        assert_eq!(shown.status, 200);
        assert_eq!(shown.header("x-stack-actual-status"), Some("403"));
        assert_eq!(shown.header("retry-after"), None);
        assert!(shown.text.starts_with("Too many attempts."), "{shown:?}");
        assert_eq!(api.dump().await, before);
    }
}
