//! A tab that somebody left open, while another person signed in in the same browser.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use latchkey_domain::secret::MasterKey;
use tower::ServiceExt as _;

use crate::{
    scene::{STATE, Scene, forms, scene},
    site::{Answer, ORIGIN, Person, encode},
};

/// What the API and the pages call what they were made for.
const FIELD: &str = "viewer";
const HEADER: &str = "x-latchkey-viewer";

/// How a form is sent.
#[derive(Debug, Clone, Copy)]
enum Sender {
    Island,
    PlainForm,
}

impl Scene {
    /// Sends a form of a page that was made for `viewer`, with the cookie of `cookie_of`.
    async fn send_form(
        &self,
        sender: Sender,
        path: &str,
        form: &[(&str, &str)],
        viewer: &str,
        cookie_of: Option<&Person>,
    ) -> Answer {
        let mut body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let mut request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match sender {
            Sender::Island => {
                request = request
                    .header(header::ACCEPT, "application/json")
                    .header(HEADER, viewer);
            }
            Sender::PlainForm => {
                request = request.header(header::ACCEPT, "text/html");
                body = format!("{FIELD}={viewer}&{body}");
            }
        }
        self.site.send(request, cookie_of, Body::from(body)).await
    }

    /// Sends a form of an island to another instance.
    async fn send_form_to(
        &self,
        router: &Router,
        path: &str,
        form: &[(&str, &str)],
        viewer: &str,
        person: &Person,
    ) -> StatusCode {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header(HEADER, viewer)
            .header(header::COOKIE, &person.cookie)
            .body(Body::from(body))
            .expect("a request");
        let answer = router.clone().oneshot(request).await;
        answer.expect("an answer").status()
    }

    /// All forms that change something, for the administrator and their team.
    fn forms(&self) -> Vec<(String, Vec<(&'static str, &str)>)> {
        let key = [
            ("description", "x"),
            ("expires", "30d"),
            ("token", crate::scene::TOKEN),
        ];
        let of_team = format!("/account-settings/teams/{}/api-keys/new", self.team);
        forms(&self.team, &self.key, &self.other_key)
            .into_iter()
            .map(|(path, form)| (path.to_owned(), form))
            .chain([
                ("/account-settings/api-keys/new".to_owned(), key.to_vec()),
                (of_team, key.to_vec()),
                ("/fn/sign-out".to_owned(), Vec::new()),
            ])
            .collect()
    }

    /// The pages with something to change.
    fn pages(&self) -> Vec<String> {
        let team = format!("/account-settings/teams/{}", self.team);
        [
            "/account-settings",
            "/account-settings/profile",
            "/account-settings/security",
            "/account-settings/sessions",
            "/account-settings/settings",
            "/account-settings/api-keys",
            "/account-settings/api-keys/new",
            "/account-settings/project",
            "/account-settings/teams/new",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("{team}/api-keys/new"), team])
        .collect()
    }
}

#[tokio::test]
async fn a_page_of_one_user_changes_nothing_for_another_who_has_signed_in_since() {
    let scene = scene().await;
    let old = scene.site.viewer(&scene.outsider);
    let before = scene.site.database.number(STATE).await;
    for (path, form) in scene.forms() {
        for sender in [Sender::Island, Sender::PlainForm] {
            for made_for in [old.as_str(), "", "0"] {
                let admin = Some(&scene.admin);
                let answer = scene.send_form(sender, &path, &form, made_for, admin).await;
                let what = format!("{path} by {sender:?}: {}", answer.body);
                assert_eq!(answer.status, StatusCode::CONFLICT, "{what}");
                assert!(!answer.headers.contains_key(header::SET_COOKIE), "{what}");
                assert!(
                    answer
                        .body
                        .contains("You are now signed in as admin@example.com"),
                    "{what}"
                );
                let leads_on = answer.body.contains("href=\"/account-settings\"");
                assert_eq!(leads_on, matches!(sender, Sender::PlainForm), "{what}");
            }
        }
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

#[tokio::test]
async fn a_dialog_is_told_so_without_being_taken_away() {
    let scene = scene().await;
    let old = scene.site.viewer(&scene.outsider);
    let form = [("display_name", "x")];
    let answer = scene
        .send_form(
            Sender::Island,
            "/fn/teams/create",
            &form,
            &old,
            Some(&scene.admin),
        )
        .await;
    assert!(
        answer.body.contains(r#""kind":"refused""#),
        "{}",
        answer.body
    );
    scene.site.close().await;
}

#[tokio::test]
async fn a_page_of_whoever_is_signed_in_changes_what_it_should() {
    for sender in [Sender::Island, Sender::PlainForm] {
        let scene = scene().await;
        let own = scene.site.viewer(&scene.admin);
        for (path, form) in scene.forms() {
            // They are sent twice here, and a token creates one key.
            if path.ends_with("/api-keys/new") {
                continue;
            }
            let before = scene.site.database.number(STATE).await;
            let admin = Some(&scene.admin);
            let answer = scene.send_form(sender, &path, &form, &own, admin).await;
            assert!(
                answer.status.is_success() || answer.status.is_redirection(),
                "{path} by {sender:?}: {} {}",
                answer.status,
                answer.body
            );
            assert_ne!(scene.site.database.number(STATE).await, before, "{path}");
        }
        scene.site.close().await;
    }
}

#[tokio::test]
async fn where_nobody_is_signed_in_any_longer_the_page_leads_to_sign_in() {
    let scene = scene().await;
    let old = scene.site.viewer(&scene.outsider);
    let before = scene.site.database.number(STATE).await;
    let ended = Person {
        id: scene.admin.id,
        cookie: scene
            .admin
            .cookie
            .replace(|c: char| c.is_ascii_digit(), "0"),
    };
    for (path, form) in scene.forms() {
        for cookie_of in [None, Some(&ended)] {
            let answer = scene
                .send_form(Sender::Island, &path, &form, &old, cookie_of)
                .await;
            let expected = match path.as_str() {
                "/fn/sign-out" => StatusCode::OK,
                path if path.ends_with("/new") => StatusCode::SEE_OTHER,
                _ => StatusCode::UNAUTHORIZED,
            };
            assert_eq!(answer.status, expected, "{path}: {}", answer.body);
        }
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

#[tokio::test]
async fn a_part_of_a_page_is_not_refreshed_with_what_is_another_s() {
    let scene = scene().await;
    let site = &scene.site;
    let refresh = |page: &str, viewer: String, person| {
        let request = Request::get(page)
            .header(header::ACCEPT, "text/html")
            .header(HEADER, viewer);
        site.send(request, person, Body::empty())
    };
    for page in scene.pages() {
        let old = site.viewer(&scene.outsider);
        let answer = refresh(&page, old.clone(), Some(&scene.admin)).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{page}");
        let (_, shown) = answer.body.split_once("<body").expect("a body");
        for part in ["key-list", "masthead", "theirs", "<form"] {
            assert!(!shown.contains(part), "{page} shows {part}");
        }
        assert!(answer.body.contains("Continue as admin@example.com"));

        let own = site.viewer(&scene.admin);
        let answer = refresh(&page, own.clone(), Some(&scene.admin)).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(answer.body.contains(&own) && !answer.body.contains(&old));

        let signed_out = refresh(&page, own, None).await;
        assert_eq!(signed_out.status, StatusCode::SEE_OTHER, "{page}");
    }
    scene.site.close().await;
}

#[tokio::test]
async fn every_form_that_changes_something_says_whom_its_page_was_made_for() {
    let scene = scene().await;
    let viewer = scene.site.viewer(&scene.admin);
    let page_says = format!("id=\"{FIELD}\" value=\"{viewer}\"");
    let form_says = format!("type=\"hidden\" name=\"{FIELD}\" value=\"{viewer}\"");
    for page in scene.pages() {
        let answer = scene.site.get(&page, Some(&scene.admin)).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(answer.body.contains(&page_says), "{page}");
        let forms: Vec<_> = answer
            .body
            .split("<form")
            .skip(1)
            .filter_map(|form| form.split("</form>").next())
            .filter(|form| form.contains("method=\"post\""))
            .collect();
        for form in &forms {
            assert!(form.contains(&form_says), "{page}: {form}");
        }
        assert_eq!(answer.body.matches("method=\"post\"").count(), forms.len());
    }
    scene.site.close().await;
}

#[tokio::test]
async fn signing_in_and_up_from_an_old_tab_is_for_whoever_does_it() {
    let scene = scene().await;
    let old = scene.site.viewer(&scene.outsider);
    let password = crate::site::PASSWORD;
    for (path, email) in [
        ("/fn/sign-in", "member@example.com"),
        ("/fn/sign-up", "new@example.com"),
    ] {
        let form = [("email", email), ("password", password)];
        let admin = Some(&scene.admin);
        let answer = scene
            .send_form(Sender::Island, path, &form, &old, admin)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
    scene.site.close().await;
}

#[tokio::test]
async fn what_a_page_says_of_its_viewer_is_of_one_user_of_one_project() {
    let scene = scene().await;
    let (domain, own) = (&scene.site.database.domain, scene.site.viewer(&scene.admin));
    assert_eq!(own.len(), 16);
    assert!(!own.contains(&scene.admin.id.to_string()[..8]));
    let (other, _) = domain
        .create_project("Other", latchkey_model::project::SettingsChange::default())
        .await
        .expect("a project");
    assert_ne!(domain.viewer_digest(other, scene.admin.id), own);
    scene.site.close().await;
}

#[tokio::test]
async fn a_page_that_is_open_while_the_secret_is_replaced_still_works_for_its_reader() {
    let scene = scene().await;
    let path = "/fn/profile/rename";
    let form = [("display_name", "New name")];
    let page = "/account-settings/api-keys";
    let made_for = scene.site.viewer(&scene.admin);
    let stranger = scene.site.viewer(&scene.outsider);
    let rotated = scene.site.rotated(MasterKey::with_former("new", ["test"]));
    let removed = scene.site.rotated(MasterKey::new("new"));
    for (router, made_for, expected) in [
        (&rotated, &made_for, StatusCode::OK),
        (&rotated, &stranger, StatusCode::CONFLICT),
        (&removed, &made_for, StatusCode::CONFLICT),
    ] {
        let island = scene
            .send_form_to(router, path, &form, made_for, &scene.admin)
            .await;
        assert_eq!(island, expected, "{made_for}");
        let list = Request::get(page)
            .header(HEADER, made_for)
            .header(header::COOKIE, &scene.admin.cookie)
            .body(Body::empty())
            .expect("a request");
        let list = router.clone().oneshot(list).await.expect("an answer");
        assert_eq!(list.status(), expected, "{made_for}");
    }
    scene.site.close().await;
}
