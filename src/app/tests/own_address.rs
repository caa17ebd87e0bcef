//! A site without a public address: its own pages work wherever it was opened, and no others.

use std::sync::{Arc, Mutex};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use latchkey::origin::Origins;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use crate::{
    scene::{STATE, Scene, forms, scene_on},
    site::{ORIGIN, PASSWORD, Site},
};

const FORM: &str = "application/x-www-form-urlencoded";
const VALUES: &str = "description=x&expires=30d&token=01900000-0000-7000-8000-0000000000cc&display_name=x&email=a@b.co&password=12345678";
const SIGN_IN: &str = "email=admin@example.com&password=correct+horse+battery";

async fn local_site() -> Scene {
    scene_on(Site::open_at(Origins::local(([0, 0, 0, 0], 3000).into())).await).await
}

impl Scene {
    /// Posts a form with these headers, in the form `name: value | name: value`.
    async fn post_with(
        &self,
        path: &str,
        headers: &str,
        kind: &str,
        body: &str,
    ) -> crate::site::Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, kind);
        for (name, value) in headers.split(" | ").filter_map(|h| h.split_once(": ")) {
            request = request.header(name, value);
        }
        let port = headers
            .split_once("host: ")
            .and_then(|(_, host)| host.split(" | ").next()?.rsplit_once(':'))
            .map(|(_, port)| format!("_{port}"))
            .unwrap_or_default();
        let admin = crate::site::Person {
            id: self.admin.id,
            cookie: self.admin.cookie.replacen('=', &format!("{port}="), 1),
        };
        self.site
            .send(request, Some(&admin), Body::from(body.to_owned()))
            .await
    }
}

fn form_paths() -> Vec<&'static str> {
    forms("", "", "")
        .into_iter()
        .map(|(path, _)| path)
        .chain([
            "/fn/sign-in",
            "/fn/sign-up",
            "/fn/sign-out",
            "/account-settings/api-keys/new",
        ])
        .collect()
}

#[tokio::test]
async fn signing_in_works_at_every_address_that_leads_to_a_site_without_a_public_one() {
    let scene = local_site().await;
    for (headers, cookie) in [
        (
            "host: 192.168.1.7:3000 | origin: http://192.168.1.7:3000",
            "latchkey_session_3000=",
        ),
        (
            "host: localhost:8080 | origin: http://localhost:8080 | sec-fetch-site: same-origin",
            "latchkey_session_8080=",
        ),
        (
            "host: laptop.local | origin: http://laptop.local",
            "latchkey_session=",
        ),
        (
            "host: keys.example | origin: https://keys.example | x-forwarded-proto: https",
            "latchkey_session=",
        ),
        (
            "host: 127.0.0.1:3000 | sec-fetch-site: same-origin",
            "latchkey_session_3000=",
        ),
        (
            "host: 127.0.0.1:3000 | origin: null | sec-fetch-site: same-origin",
            "latchkey_session_3000=",
        ),
    ] {
        let answer = scene.post_with("/fn/sign-in", headers, FORM, SIGN_IN).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers}: {}", answer.body);
        let set = answer.headers[header::SET_COOKIE].to_str().expect("ASCII");
        assert!(set.starts_with(cookie), "{headers}: {set}");
    }
    scene.site.close().await;
}

#[tokio::test]
async fn without_a_public_address_a_form_from_elsewhere_is_refused_and_changes_nothing() {
    let scene = local_site().await;
    let before = scene.site.database.number(STATE).await;
    for path in form_paths() {
        for headers in [
            "",
            "host: 127.0.0.1:3000",
            "origin: http://127.0.0.1:3000",
            "host: 127.0.0.1:3000 | origin: null",
            "host: 127.0.0.1:3000 | origin: null | sec-fetch-site: cross-site",
            "host: 127.0.0.1:3000 | origin: https://evil.example",
            "host: 127.0.0.1:3000 | origin: https://evil.example | sec-fetch-site: cross-site",
            "host: 127.0.0.1:3000 | origin: https://evil.example | sec-fetch-site: same-origin",
            "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3001",
            "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3000 | sec-fetch-site: same-site",
            "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3000 | sec-fetch-site: none",
            "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3000.evil.example",
            "host: 127.0.0.1:3000 | origin: http://evil.example | x-forwarded-host: evil.example",
            "host: 127.0.0.1:3000 | referer: https://evil.example/",
        ] {
            for kind in [
                FORM,
                "text/plain",
                "application/json",
                "multipart/form-data; boundary=x",
            ] {
                let answer = scene.post_with(path, headers, kind, VALUES).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{path} from {headers} as {kind}"
                );
                assert!(!answer.headers.contains_key(header::SET_COOKIE));
            }
        }
        let own = "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3000";
        let answer = scene.post_with(path, own, "text/plain", VALUES).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    let own = "host: 127.0.0.1:3000 | origin: http://127.0.0.1:3000";
    let done = scene
        .post_with("/fn/profile/rename", own, FORM, VALUES)
        .await;
    assert_eq!(
        done.status,
        StatusCode::OK,
        "as it should be: {}",
        done.body
    );
    assert_ne!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

/// What was logged, as text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Text<'a>(&'a mut String);
        impl Visit for Text<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                use std::fmt::Write as _;
                write!(self.0, "{}={value:?} ", field.name()).expect("text");
            }
        }
        event.record(&mut Text(&mut self.0.lock().expect("not poisoned")));
    }
}

#[tokio::test]
async fn a_form_from_an_address_that_is_not_the_public_one_names_the_setting_and_both_addresses() {
    let site = Site::open().await;
    site.person("ada@example.com").await;
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(lines.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    for (accept, origin) in [
        ("text/html", Some("http://192.168.1.7:3000")),
        ("application/json", Some("http://192.168.1.7:3000")),
        // A proxy removed the header.
        ("text/html", None),
    ] {
        let mut request = Request::post("/fn/sign-in")
            .header(header::HOST, "192.168.1.7:3000")
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, FORM);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let body = format!(
            "email=ada@example.com&password={}",
            PASSWORD.replace(' ', "+")
        );
        let answer = site.send(request, None, Body::from(body)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let logged = std::mem::take(&mut *lines.0.lock().expect("not poisoned"));
        for said in [&answer.body, &logged] {
            for part in ["LATCHKEY_PUBLIC_URL", "http://192.168.1.7:3000", ORIGIN] {
                assert!(said.contains(part), "{part} in {said}");
            }
        }
        assert!(!logged.contains(PASSWORD) && !logged.contains("ada@"));
    }
    drop(guard);
    site.close().await;
}

#[tokio::test]
async fn a_form_that_the_browser_says_is_another_site_s_is_not_told_how_to_be_let_in() {
    let scene = local_site().await;
    let headers = "host: 127.0.0.1:3000 | origin: https://evil.example | sec-fetch-site: cross-site | accept: text/html";
    let answer = scene.post_with("/fn/sign-in", headers, FORM, SIGN_IN).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer
            .body
            .contains("did not come from a page of this site")
    );
    assert!(!answer.body.contains("LATCHKEY_PUBLIC_URL") && !answer.body.contains("evil.example"));
    scene.site.close().await;
}
