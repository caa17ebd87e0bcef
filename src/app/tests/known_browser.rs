//! The browser that an account has signed in with.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::site::{Answer, ORIGIN, PASSWORD, Site};

/// Signs in by a form, as a script or without one sends it.
async fn sign_in(site: &Site, accept: &str, cookies: &str, password: &str) -> Answer {
    let request = Request::post("/fn/sign-in")
        .header(header::ORIGIN, ORIGIN)
        .header(header::ACCEPT, accept)
        .header(header::COOKIE, cookies)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let password = password.replace(' ', "+");
    let body = format!("email=ada%40example.com&password={password}");
    site.send(request, None, Body::from(body)).await
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().expect("ASCII").to_owned())
        .collect()
}

#[tokio::test]
async fn a_browser_in_which_the_account_has_signed_in_is_not_locked_out() {
    let site = Site::open().await;
    let domain = &site.database.domain;
    domain
        .create_user(site.project, "ada@example.com", PASSWORD.to_owned(), None)
        .await
        .expect("an account");
    for accept in ["application/json", "text/html"] {
        let answer = sign_in(&site, accept, "", PASSWORD).await;
        let set = cookies(&answer);
        let [session, device] = &set[..] else {
            panic!("{set:?}");
        };
        assert!(session.starts_with("latchkey_session="));
        assert!(device.starts_with("latchkey_device="));
        assert!(device.contains("HttpOnly") && device.contains("SameSite=Lax"));
        let device = device.split(';').next().expect("a pair");

        // As the failures of strangers leave it, and those of others at the same address.
        site.database
            .execute("UPDATE sign_in_attempts SET attempts = 80, has_succeeded = false")
            .await;
        let stranger = sign_in(&site, accept, "", PASSWORD).await;
        assert_eq!(stranger.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(stranger.headers.contains_key(header::RETRY_AFTER));
        assert!(cookies(&stranger).is_empty());
        let wrong = sign_in(&site, accept, device, "wrong password").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(cookies(&wrong).is_empty());
        let known = sign_in(&site, accept, device, PASSWORD).await;
        assert!(known.status == StatusCode::OK || known.status == StatusCode::SEE_OTHER);
        assert_eq!(cookies(&known).len(), 2);
        site.database.execute("DELETE FROM sign_in_attempts").await;
    }
    site.close().await;
}

#[tokio::test]
async fn the_cookie_of_a_known_browser_signs_nobody_in() {
    let site = Site::open().await;
    site.person("ada@example.com").await;
    let answer = sign_in(&site, "application/json", "", PASSWORD).await;
    let device = cookies(&answer).pop().expect("a cookie");
    let device = device.split(';').next().expect("a pair");
    let value = device.split('=').nth(1).expect("a value");
    for cookie in [device.to_owned(), format!("latchkey_session={value}")] {
        let request = Request::get("/account-settings").header(header::COOKIE, cookie);
        let page = site.send(request, None, Body::empty()).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }
    site.close().await;
}
