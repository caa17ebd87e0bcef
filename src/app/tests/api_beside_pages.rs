//! The API beside the pages: one server, two sets of headers, and no way from one to the other.

use axum::{
    body::Body,
    http::{Request, header},
};

use crate::site::Site;

#[tokio::test]
async fn the_api_answers_programs_with_headers_of_its_own() {
    let site = Site::open().await;
    let request = Request::get("/api/v1/projects/current")
        .header("x-stack-access-type", "server")
        .header("x-stack-project-id", site.project.to_string())
        .header(
            "x-stack-secret-server-key",
            site.keys.secret_server_key.expose(),
        );
    let answer = site.send(request, None, Body::empty()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains(&site.project.to_string()));
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    for name in [
        "cross-origin-resource-policy",
        "strict-transport-security",
        "set-cookie",
    ] {
        assert!(!answer.headers.contains_key(name), "{name}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_session_cookie_opens_nothing_in_the_api() {
    let site = Site::open().await;
    let person = site.person("ada@example.com").await;
    let request = Request::get("/api/v1/users/me")
        .header("x-stack-access-type", "client")
        .header("x-stack-project-id", site.project.to_string());
    let answer = site.send(request, Some(&person), Body::empty()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("CANNOT_GET_OWN_USER_WITHOUT_USER"));
    let page = site.get("/account-settings", Some(&person)).await;
    assert_eq!(page.status, 200);
    assert!(
        !page
            .headers
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
    site.close().await;
}

#[tokio::test]
async fn the_reference_shows_every_operation_to_everybody() {
    let site = Site::open().await;
    let page = site.get("/api-reference", None).await;
    assert_eq!(page.status, 200);
    let document = site.get("/api/v1/openapi.json", None).await.body;
    let document: serde_json::Value = serde_json::from_str(&document).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let operations: usize = paths
        .values()
        .filter_map(serde_json::Value::as_object)
        .map(serde_json::Map::len)
        .sum();
    assert!(operations > 40);
    assert_eq!(page.body.matches("class=\"operation\"").count(), operations);
    for path in paths.keys() {
        assert!(page.body.contains(path.as_str()), "{path}");
    }
    site.close().await;
}
