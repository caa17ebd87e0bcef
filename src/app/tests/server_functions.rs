//! Every server function against every caller, and against what is no proper request.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use latchkey::csrf_guard::MAX_FORM;
use leptos::server_fn::axum::server_fn_paths;

use crate::site::{ORIGIN, PASSWORD, Person, Site};

/// What is stored, as one number that any change changes.
const STATE: &str = "SELECT (SELECT count(*) FROM audit_events) * 1000003
    + (SELECT COALESCE(sum(hashtext(k::text)), 0) FROM api_keys k)
    + (SELECT COALESCE(sum(hashtext(p::text)), 0) FROM projects p)
    + (SELECT COALESCE(sum(hashtext(t::text)), 0) FROM teams t)
    + (SELECT COALESCE(sum(hashtext(u::text)), 0) FROM users u)
    + (SELECT COALESCE(sum(hashtext(s::text)), 0) FROM sessions s)";

const TOKEN: &str = "01900000-0000-7000-8000-00000000000a";
const NO_KEY: &str = "01900000-0000-7000-8000-00000000000b";

/// The forms that change something, with values that the right person may send.
fn forms<'a>(
    team: &'a str,
    key: &'a str,
    other_key: &'a str,
) -> Vec<(&'static str, Vec<(&'static str, &'a str)>)> {
    vec![
        ("/fn/profile/rename", vec![("display_name", "New name")]),
        ("/fn/teams/create", vec![("display_name", "New team")]),
        (
            "/fn/teams/rename",
            vec![("team", team), ("display_name", "New name")],
        ),
        (
            "/fn/api-keys/create",
            vec![
                ("team", team),
                ("description", "x"),
                ("expires", "30d"),
                ("token", TOKEN),
            ],
        ),
        (
            "/fn/api-keys/rename",
            vec![("team", team), ("id", key), ("description", "x")],
        ),
        (
            "/fn/api-keys/revoke",
            vec![("team", team), ("id", key), ("understood", "yes")],
        ),
        (
            "/fn/project/revoke-api-key",
            vec![("id", other_key), ("understood", "yes")],
        ),
        (
            "/fn/project/api-keys",
            vec![("kind", "user"), ("allowed", "false")],
        ),
    ]
}

/// The functions that anybody may call; the browser tests use them all.
const OPEN: [&str; 3] = ["/fn/sign-in", "/fn/sign-up", "/fn/sign-out"];

struct Scene {
    site: Site,
    admin: Person,
    member: Person,
    outsider: Person,
    team: String,
    key: String,
    /// Of the outsider's own.
    other_key: String,
}

async fn scene() -> Scene {
    let site = Site::open().await;
    let admin = site.person("admin@example.com").await;
    let member = site.person("member@example.com").await;
    let outsider = site.person("outsider@example.com").await;
    let team = site.team(&admin).await.to_string();
    site.database
        .execute(&format!(
            "INSERT INTO memberships (project_id, team_id, user_id) VALUES ('{p}', '{team}', '{u}');
             INSERT INTO team_permission_grants VALUES ('{p}', '{team}', '{u}', 'team_member')",
            p = site.project,
            u = member.id,
        ))
        .await;
    let form = [
        ("team", team.as_str()),
        ("description", "theirs"),
        ("expires", "never"),
        ("token", NO_KEY),
    ];
    let made = site.post("/fn/api-keys/create", Some(&admin), &form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let key = made.body.split('"').nth(3).expect("an id").to_owned();
    site.database
        .domain
        .set_project_admin(site.project, "admin@example.com", true)
        .await
        .expect("an admin");
    let form = [
        ("description", "another's"),
        ("expires", "never"),
        ("token", NO_KEY),
    ];
    let made = site
        .post("/fn/api-keys/create", Some(&outsider), &form)
        .await;
    let other_key = made.body.split('"').nth(3).expect("an id").to_owned();
    Scene {
        site,
        admin,
        member,
        outsider,
        team,
        key,
        other_key,
    }
}

#[tokio::test]
async fn no_function_is_left_out() {
    let listed: Vec<_> = forms("", "", "")
        .into_iter()
        .map(|(path, _)| path)
        .chain(OPEN)
        .collect();
    for (path, _) in server_fn_paths() {
        assert!(path.starts_with("/fn/"), "{path} is not among the others");
        assert!(
            listed.contains(&path),
            "{path} is not in the table of callers"
        );
    }
    assert_eq!(server_fn_paths().count(), listed.len());
}

#[tokio::test]
async fn only_who_may_changes_something() {
    let scene = scene().await;
    let Scene {
        site,
        admin,
        member,
        outsider,
        ..
    } = &scene;
    let own = ["/fn/profile/rename", "/fn/teams/create"];
    for (path, form) in forms(&scene.team, &scene.key, &scene.other_key) {
        let before = site.database.number(STATE).await;
        let signed_out = site.post(path, None, &form).await;
        assert_eq!(
            signed_out.status,
            StatusCode::UNAUTHORIZED,
            "{path} signed out: {}",
            signed_out.body
        );
        if !own.contains(&path) {
            for (who, person) in [("member", member), ("outsider", outsider)] {
                let refused = site.post(path, Some(person), &form).await;
                assert_eq!(
                    refused.status,
                    StatusCode::NOT_FOUND,
                    "{path} as {who}: {}",
                    refused.body
                );
            }
        }
        assert_eq!(
            site.database.number(STATE).await,
            before,
            "{path} changed something"
        );
        let allowed = site.post(path, Some(admin), &form).await;
        assert_eq!(
            allowed.status,
            StatusCode::OK,
            "{path} as admin: {}",
            allowed.body
        );
        assert_ne!(
            site.database.number(STATE).await,
            before,
            "{path} changed nothing"
        );
    }
    scene.site.close().await;
}

#[tokio::test]
async fn a_team_s_key_is_no_key_of_one_s_own_and_the_reverse() {
    let scene = scene().await;
    let form = [
        ("description", "mine"),
        ("expires", "never"),
        ("token", TOKEN),
    ];
    let made = scene
        .site
        .post("/fn/api-keys/create", Some(&scene.admin), &form)
        .await;
    let own = made.body.split('"').nth(3).expect("an id").to_owned();
    let before = scene.site.database.number(STATE).await;
    for form in [
        vec![
            ("id", scene.key.as_str()),
            ("description", "x"),
            ("understood", "yes"),
        ],
        vec![
            ("team", scene.team.as_str()),
            ("id", own.as_str()),
            ("description", "x"),
            ("understood", "yes"),
        ],
        vec![
            ("team", "not-an-id"),
            ("id", own.as_str()),
            ("description", "x"),
            ("understood", "yes"),
        ],
        vec![
            ("id", "not-an-id"),
            ("description", "x"),
            ("understood", "yes"),
        ],
        vec![("id", NO_KEY), ("description", "x"), ("understood", "yes")],
    ] {
        for path in ["/fn/api-keys/rename", "/fn/api-keys/revoke"] {
            let answer = scene.site.post(path, Some(&scene.admin), &form).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{path} {form:?}: {}",
                answer.body
            );
        }
    }
    assert_eq!(scene.site.database.number(STATE).await, before);
    scene.site.close().await;
}

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
async fn a_plain_form_is_answered_with_a_page() {
    let scene = scene().await;
    let post = |path: &'static str, body: String, referer: &'static str| {
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header(header::REFERER, referer)
            .header(header::ACCEPT, "text/html,*/*")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        scene
            .site
            .send(request, Some(&scene.admin), Body::from(body))
    };
    let page = "http://keys.example/account-settings/api-keys?q=x";
    let renamed = post("/fn/profile/rename", "display_name=Ada".to_owned(), page).await;
    assert_eq!(renamed.status, StatusCode::SEE_OTHER);
    assert_eq!(
        renamed.headers[header::LOCATION],
        "/account-settings/api-keys?q=x"
    );
    // A referer from elsewhere leads home.
    let renamed = post(
        "/fn/profile/rename",
        "display_name=Ada".to_owned(),
        "https://evil.example//x",
    )
    .await;
    assert_eq!(renamed.headers[header::LOCATION], "/account-settings");
    let refused = post("/fn/profile/rename", "display_name=".to_owned(), page).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("This field is required."),
        "{}",
        refused.body
    );
    let wrong = post(
        "/fn/sign-in",
        format!("email=admin@example.com&password=not{PASSWORD}"),
        "http://keys.example/sign-in",
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"/sign-in\""), "{}", wrong.body);
    scene.site.close().await;
}
