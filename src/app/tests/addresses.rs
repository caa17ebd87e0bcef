//! Addresses that make no sense: whoever follows one gets a page of ours.

use axum::http::{StatusCode, header};

use crate::site::Site;

#[tokio::test]
async fn a_team_that_cannot_be_read_looks_like_one_that_does_not_exist() {
    let site = Site::open().await;
    let person = site.person("ada@example.com").await;
    let nobody = "01900000-0000-7000-8000-ffffffffffff";
    for rest in ["", "/api-keys/new"] {
        for team in ["%FF", "%00", "%C3%28", "x", nobody] {
            let path = format!("/account-settings/teams/{team}{rest}");
            let answer = site.get(&path, Some(&person)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(answer.body.contains("Page not found"), "{path}");
            let signed_out = site.get(&path, None).await;
            assert_eq!(signed_out.status, StatusCode::SEE_OTHER, "{path}");
            let to = signed_out.headers[header::LOCATION].to_str();
            assert!(to.is_ok_and(|to| to.starts_with("/sign-in?to=")), "{path}");
        }
        let post = format!("/account-settings/teams/%FF{rest}");
        let answer = site.post(&post, Some(&person), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{post}");
    }
    site.close().await;
}

#[tokio::test]
async fn a_query_that_makes_no_sense_keeps_nobody_out() {
    let site = Site::open().await;
    let person = site.person("ada@example.com").await;
    let settings = "/account-settings/settings";
    for door in ["/sign-in", "/sign-up"] {
        for (query, to) in [
            (
                "to=/account-settings&to=/account-settings/settings",
                settings,
            ),
            ("to=x&x=%FF&to=/account-settings/settings&=", settings),
            ("to=/account-settings/settings&to=//evil.example", ""),
            ("to=%FF", ""),
            ("to", ""),
            ("%FF=1&&=&to=a&to=b", ""),
            ("%", ""),
        ] {
            let path = format!("{door}?{query}");
            let answer = site.get(&path, None).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.body.contains("type=\"password\""), "{path}");
            let kept = format!("value=\"{settings}\"");
            assert_eq!(answer.body.contains(&kept), to == settings, "{path}");
            let inside = site.get(&path, Some(&person)).await;
            assert_eq!(inside.status, StatusCode::SEE_OTHER, "{path}");
            let expected = if to.is_empty() {
                "/account-settings"
            } else {
                to
            };
            assert_eq!(inside.headers[header::LOCATION], expected, "{path}");
        }
    }
    site.close().await;
}

#[tokio::test]
async fn a_slash_at_the_end_leads_to_the_page_and_never_to_another_site() {
    let site = Site::open().await;
    for (path, to) in [
        ("/account-settings/", Some("/account-settings")),
        (
            "/account-settings/api-keys//",
            Some("/account-settings/api-keys"),
        ),
        ("/sign-in/", Some("/sign-in")),
        ("//evil.example/", None),
        ("//evil.example/account-settings/", None),
        ("/account-settingsevil/", None),
        ("/", Some("/account-settings")),
    ] {
        let answer = site.get(path, None).await;
        let location = answer.headers.get(header::LOCATION);
        let location = location.map(|to| to.to_str().expect("ASCII"));
        assert_eq!(location, to, "{path}");
    }
    site.close().await;
}
