//! Every server function against every caller.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use leptos::server_fn::axum::server_fn_paths;

use crate::{
    scene::{NO_KEY, OPEN, OWN, STATE, Scene, TOKEN, forms, scene},
    site::{Answer, ORIGIN, PASSWORD},
};

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
    for (path, form) in forms(&scene.team, &scene.key, &scene.other_key) {
        let before = site.database.number(STATE).await;
        let signed_out = site.post(path, None, &form).await;
        assert_eq!(
            signed_out.status,
            StatusCode::UNAUTHORIZED,
            "{path} signed out: {}",
            signed_out.body
        );
        if !OWN.contains(&path) {
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

#[tokio::test]
async fn a_plain_form_is_answered_with_a_page() {
    let scene = scene().await;
    let post = |path: &'static str, body: String, referer: &str| {
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
    let notice = |answer: &Answer| {
        let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
        let cookies: Vec<_> = cookies
            .map(|cookie| cookie.to_str().expect("ASCII"))
            .collect();
        cookies.join(" ").split(';').next().map(str::to_owned)
    };
    let left = |value: &str| Some(format!("latchkey_notice={value}"));
    assert_eq!(notice(&renamed), left("user-renamed"));
    // What was open in the page is left out, and what stays on its list is taken along.
    let id = &scene.key;
    let open = format!(
        "http://keys.example/account-settings/teams/{}?q=x&revoke={id}&stay={NO_KEY}",
        scene.team
    );
    let revoked = post(
        "/fn/api-keys/revoke",
        format!("team={}&id={id}&understood=yes", scene.team),
        &open,
    )
    .await;
    let page_of_team = format!("/account-settings/teams/{}?q=x", scene.team);
    assert_eq!(revoked.headers[header::LOCATION], page_of_team);
    let keys = format!("key-revoked.{id}.{NO_KEY}")
        .replace('-', "")
        .replace("keyrevoked", "key-revoked");
    assert_eq!(notice(&revoked), left(&keys));
    // An island shows the message itself.
    let by_island = scene
        .site
        .post(
            "/fn/profile/rename",
            Some(&scene.admin),
            &[("display_name", "Ada")],
        )
        .await;
    assert!(!by_island.headers.contains_key(header::SET_COOKIE));
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
