//! What error pages say besides the error.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::{
    scene::TOKEN,
    site::{Answer, ORIGIN, Person, Site, encode},
};

const NEW_KEY: &str = "/account-settings/api-keys/new";

impl Site {
    /// Posts a form as a browser without script does.
    async fn post_plain(&self, path: &str, person: &Person, form: &[(&str, &str)]) -> Answer {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Some(person), Body::from(body)).await
    }
}

fn shows_its_id(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let id = answer.headers["x-request-id"].to_str().expect("ASCII");
    let text = answer.body.replace("<!>", "");
    assert!(text.contains("Request id:"), "{status}: {text}");
    assert!(text.contains(&format!("<code>{id}</code>")), "{id}: {text}");
}

#[tokio::test]
async fn every_error_page_shows_the_id_of_its_request_and_no_other_page_does() {
    let site = Site::open().await;
    let ada = site.person("ada@example.com").await;
    let eve = site.person("eve@example.com").await;
    let missing = site.get("/missing", None).await;
    shows_its_id(&missing, StatusCode::NOT_FOUND);
    let again = site.get("/missing", None).await;
    assert_ne!(
        missing.headers["x-request-id"],
        again.headers["x-request-id"]
    );
    let key = [("description", "x"), ("expires", "30d"), ("token", TOKEN)];
    let created = site.post_plain(NEW_KEY, &ada, &key).await;
    assert_eq!(created.status, StatusCode::OK);
    let twice = site.post_plain(NEW_KEY, &ada, &key).await;
    shows_its_id(&twice, StatusCode::CONFLICT);
    let old_tab = [("viewer", &*site.viewer(&eve)), ("display_name", "x")];
    let old_tab = site.post_plain("/fn/profile/rename", &ada, &old_tab).await;
    shows_its_id(&old_tab, StatusCode::CONFLICT);
    let invalid = site
        .post_plain("/fn/profile/rename", &ada, &[("display_name", "")])
        .await;
    shows_its_id(&invalid, StatusCode::UNPROCESSABLE_ENTITY);
    let malformed = site.post_plain("/fn/profile/rename", &ada, &[]).await;
    shows_its_id(&malformed, StatusCode::BAD_REQUEST);
    let foreign = Request::post("/fn/profile/rename")
        .header(header::ORIGIN, "http://elsewhere.example")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let foreign = site.send(foreign, Some(&ada), Body::empty()).await;
    shows_its_id(&foreign, StatusCode::FORBIDDEN);
    for (path, person) in [
        ("/account-settings/profile", Some(&ada)),
        (NEW_KEY, Some(&ada)),
        ("/sign-in", None),
    ] {
        let page = site.get(path, person).await;
        assert!(!page.body.contains("Request id:"), "{path}");
    }

    site.database.execute("DROP TABLE api_key_uses").await;
    let broken = site.get("/account-settings/api-keys", Some(&ada)).await;
    shows_its_id(&broken, StatusCode::INTERNAL_SERVER_ERROR);
    site.database.domain.close().await;
    let away = site.get("/account-settings/api-keys", Some(&ada)).await;
    shows_its_id(&away, StatusCode::SERVICE_UNAVAILABLE);
    site.close().await;
}
