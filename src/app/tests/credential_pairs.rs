//! Each credential opens what it is for, in its own project, and nothing else.

use axum::{
    body::Body,
    http::{Request, header, request::Builder},
};
use latchkey_model::{id::ProjectId, session_lifetime::SessionLifetime};

use crate::site::{PASSWORD, Site};

/// Where a credential can be shown.
const PLACES: [&str; 8] = [
    "cookie",
    "refresh token",
    "OAuth refresh token",
    "access token",
    "publishable client key",
    "secret server key",
    "super secret admin key",
    "admin access token",
];

fn api(request: Builder, project: ProjectId, kind: &str) -> Builder {
    request
        .header("x-stack-access-type", kind)
        .header("x-stack-project-id", project.to_string())
}

/// Whether a credential is accepted there.
async fn opens(site: &Site, project: ProjectId, place: &str, credential: &str) -> bool {
    let current = || Request::get("/api/v1/projects/current");
    let (request, body) = match place {
        "cookie" => {
            let cookie = format!("latchkey_session={}.{credential}", project.uuid().simple());
            let request = Request::get("/account-settings").header(header::COOKIE, cookie);
            (request, String::new())
        }
        "refresh token" => {
            let request = Request::post("/api/v1/auth/sessions/current/refresh");
            let request =
                api(request, project, "client").header("x-stack-refresh-token", credential);
            (request, String::new())
        }
        "OAuth refresh token" => {
            let request = Request::post("/api/v1/auth/oauth/token")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let body =
                format!("grant_type=refresh_token&client_id={project}&refresh_token={credential}");
            (request, body)
        }
        "access token" => {
            let request = api(Request::get("/api/v1/users/me"), project, "client");
            (
                request.header("x-stack-access-token", credential),
                String::new(),
            )
        }
        "admin access token" => {
            let request = api(current(), project, "admin");
            (
                request.header("x-stack-admin-access-token", credential),
                String::new(),
            )
        }
        key => {
            let kind = key.split(' ').nth(1).expect("client, server or secret");
            let kind = if kind == "secret" { "admin" } else { kind };
            let name = format!("x-stack-{}", key.replace(' ', "-"));
            (
                api(current(), project, kind).header(name, credential),
                String::new(),
            )
        }
    };
    site.send(request, None, Body::from(body)).await.status == 200
}

/// The answer to an application in which somebody signs in.
async fn signed_in(site: &Site) -> serde_json::Value {
    let request = Request::post("/api/v1/auth/password/sign-in")
        .header(header::CONTENT_TYPE, "application/json");
    let body = format!("{{\"email\":\"ada@example.com\",\"password\":\"{PASSWORD}\"}}");
    let request = api(request, site.project, "client");
    let answer = site.send(request, None, Body::from(body)).await;
    serde_json::from_str(&answer.body).expect("JSON")
}

#[tokio::test]
async fn each_credential_opens_one_thing_in_one_project() {
    let site = Site::open().await;
    let domain = &site.database.domain;
    let person = site.person("ada@example.com").await;
    domain
        .set_project_admin(site.project, "ada@example.com", true)
        .await
        .expect("an admin");
    let server = latchkey_model::caller::Caller::program(
        site.project,
        latchkey_model::caller::CallerKind::Server,
        Some(site.keys.secret_server_key.digest()),
        None,
    );
    let application = domain
        .start_session(&server, person.id, SessionLifetime::Application, false)
        .await
        .expect("a session");
    let tokens = signed_in(&site).await;
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let cookie = person.cookie.split('.').nth(1).expect("a token").to_owned();
    let (other, _) = domain
        .create_project("Other", latchkey_model::project::SettingsChange::default())
        .await
        .expect("a project");
    let refresh = ["refresh token", "OAuth refresh token"];
    let access = ["access token", "admin access token"];
    for (credential, opened) in [
        (cookie.as_str(), &["cookie"][..]),
        (application.token.expose(), &refresh),
        (&text("refresh_token"), &refresh),
        (&text("access_token"), &access),
        (
            site.keys.publishable_client_key.expose(),
            &["publishable client key"],
        ),
        (site.keys.secret_server_key.expose(), &["secret server key"]),
        (
            site.keys.super_secret_admin_key.expose(),
            &["super secret admin key"],
        ),
    ] {
        for place in PLACES {
            let is_for = opened.contains(&place);
            assert_eq!(
                opens(&site, site.project, place, credential).await,
                is_for,
                "a credential for {opened:?} as {place}"
            );
            assert!(
                !opens(&site, other, place, credential).await,
                "a credential for {opened:?} as {place} of another project"
            );
        }
    }
    site.close().await;
}
