//! Requests that are not forms of our own pages.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use latchkey::csrf_guard::MAX_FORM;

use crate::{
    scene::{STATE, Scene, forms, scene},
    site::ORIGIN,
};

/// Every address that a form is posted to.
fn form_paths() -> Vec<&'static str> {
    forms("", "", "")
        .into_iter()
        .map(|(path, _)| path)
        .chain(["/fn/sign-up", "/account-settings/api-keys/new"])
        .collect()
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Values for every form.
const VALUES: &str = "description=x&expires=30d&token=01900000-0000-7000-8000-0000000000cc&display_name=x&email=a@b.co&password=12345678";

impl Scene {
    async fn post_as(
        &self,
        path: &str,
        origin: Option<&str>,
        kind: &str,
        body: Body,
    ) -> StatusCode {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, kind);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        self.site
            .send(request, Some(&self.admin), body)
            .await
            .status
    }
}

#[tokio::test]
async fn a_form_from_another_origin_is_refused_and_changes_nothing() {
    let scene = scene().await;
    let before = scene.site.database.number(STATE).await;
    for path in form_paths() {
        for origin in [
            None,
            Some("null"),
            Some("https://evil.example"),
            Some("http://keys.example.evil.example"),
            Some("https://keys.example"),
        ] {
            let status = scene.post_as(path, origin, FORM, Body::from(VALUES)).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} from {origin:?}");
        }
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

#[tokio::test]
async fn a_body_that_is_not_a_form_is_refused_and_changes_nothing() {
    let scene = scene().await;
    let before = scene.site.database.number(STATE).await;
    for path in form_paths() {
        for kind in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded-not",
        ] {
            let status = scene
                .post_as(path, Some(ORIGIN), kind, Body::from(VALUES))
                .await;
            assert_eq!(
                status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{path} as {kind}"
            );
        }
        let large = Body::from(vec![b'a'; MAX_FORM + 1]);
        let status = scene.post_as(path, Some(ORIGIN), FORM, large).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        // A form without fields is complete whatever is sent.
        if path == "/fn/sessions/end-others" {
            continue;
        }
        for body in [
            "",
            "%",
            "%ff%fe",
            "a[b][c][d][e][f][g][h]=1",
            "description[]=1&description=2",
            "=&=&=",
            "\u{0}",
        ] {
            let status = scene
                .post_as(path, Some(ORIGIN), FORM, Body::from(body))
                .await;
            assert!(status.is_client_error(), "{path} with {body:?}: {status}");
        }
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

#[tokio::test]
async fn server_functions_are_posted_to_and_unknown_ones_are_not_found() {
    let scene = scene().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = Request::builder()
            .method(method)
            .uri("/fn/sign-out")
            .header(header::ORIGIN, ORIGIN);
        let answer = scene
            .site
            .send(request, Some(&scene.admin), Body::empty())
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let unknown = scene
        .site
        .post("/fn/nothing", Some(&scene.admin), &[])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    scene.site.close().await;
}

#[tokio::test]
async fn a_plain_form_that_the_database_does_not_answer_leads_back_to_its_page() {
    let scene = scene().await;
    scene.site.database.domain.close().await;
    for path in form_paths() {
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCEPT, "text/html")
            .header(
                header::REFERER,
                format!("{ORIGIN}/account-settings/settings"),
            )
            .header(header::CONTENT_TYPE, FORM);
        let viewer = scene.site.viewer(&scene.admin);
        let body = Body::from(format!("viewer={viewer}&{VALUES}"));
        let answer = scene.site.send(request, Some(&scene.admin), body).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.headers.contains_key(header::RETRY_AFTER), "{path}");
        let back = r#"href="/account-settings/settings""#;
        assert!(answer.body.contains(back), "{path}: {}", answer.body);
        assert!(!answer.body.contains(r#"href="""#), "{path}");
    }
    scene.site.close().await;
}

#[tokio::test]
async fn the_address_of_a_form_that_is_opened_as_a_page_says_so() {
    let scene = scene().await;
    for path in form_paths()
        .into_iter()
        .filter(|path| path.starts_with("/fn/"))
    {
        let request = Request::get(path).header(header::ACCEPT, "text/html");
        let answer = scene
            .site
            .send(request, Some(&scene.admin), Body::empty())
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers[header::ALLOW], "POST", "{path}");
        assert!(answer.body.contains("Go to account settings"), "{path}");
    }
    scene.site.close().await;
}
