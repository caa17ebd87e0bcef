//! The pages while the database is locked after a restore.

use axum::http::{StatusCode, header};

use crate::{
    scene::{ENDS, STATE, Scene, forms, scene},
    site::PASSWORD,
};

/// Sends every form, and those of signing in and up.
async fn refused(scene: &Scene) {
    let site = &scene.site;
    let mut all = forms(&scene.team, &scene.key, &scene.other_key);
    all.retain(|(path, _)| !ENDS.contains(path));
    for (path, email) in [
        ("/fn/sign-in", "admin@example.com"),
        ("/fn/sign-up", "new@example.com"),
    ] {
        all.push((path, vec![("email", email), ("password", PASSWORD)]));
    }
    for (path, form) in &all {
        let person = (!path.starts_with("/fn/sign-")).then_some(&scene.admin);
        let answer = site.post(path, person, form).await;
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{path}: {}",
            answer.body
        );
        assert_eq!(answer.headers[header::RETRY_AFTER], "30", "{path}");
        assert!(
            answer.body.contains("restored from a backup"),
            "{path}: {}",
            answer.body
        );
        let keeps_out = answer.body.contains("Nobody can sign in");
        assert_eq!(keeps_out, path.starts_with("/fn/sign-"), "{path}");
    }
}

#[tokio::test]
async fn while_locked_only_signing_out_has_a_button_that_can_be_used() {
    let scene = scene().await;
    let site = &scene.site;
    let disabled = "type=\"submit\" disabled";
    let buttons = [
        ("/account-settings/profile".to_owned(), true),
        ("/account-settings/api-keys".to_owned(), true),
        ("/account-settings/api-keys/new".to_owned(), true),
        ("/account-settings/project".to_owned(), true),
        (format!("/account-settings/teams/{}", scene.team), true),
        ("/account-settings/security".to_owned(), true),
        ("/account-settings/sessions".to_owned(), false),
        ("/account-settings/settings".to_owned(), false),
    ];
    for (page, _) in &buttons {
        let answer = site.get(page, Some(&scene.admin)).await;
        assert!(!answer.body.contains(disabled), "{page}");
    }
    let domain = &site.database.domain;
    domain.lock_restored("a test").await.expect("locked");
    for (page, has_disabled) in &buttons {
        let answer = site.get(page, Some(&scene.admin)).await;
        assert_eq!(answer.body.contains(disabled), *has_disabled, "{page}");
    }
    let keys = site
        .get("/account-settings/api-keys", Some(&scene.admin))
        .await;
    let dialog = keys
        .body
        .split("id=\"create-dialog\"")
        .nth(1)
        .expect("a dialog");
    assert!(dialog.contains("read-only"), "the dialog hides the banner");
}

#[tokio::test]
async fn while_locked_every_page_can_be_read_with_a_banner_and_no_form_changes_anything() {
    let scene = scene().await;
    let site = &scene.site;
    let banner = "id=\"locked\"";
    let pages = [
        "/account-settings".to_owned(),
        "/account-settings/profile".to_owned(),
        "/account-settings/api-keys".to_owned(),
        "/account-settings/security".to_owned(),
        "/account-settings/sessions".to_owned(),
        "/account-settings/settings".to_owned(),
        "/account-settings/project".to_owned(),
        format!("/account-settings/teams/{}", scene.team),
    ];
    for page in &pages {
        let answer = site.get(page, Some(&scene.admin)).await;
        assert!(!answer.body.contains(banner), "{page} has no banner yet");
    }
    let domain = &site.database.domain;
    domain.lock_restored("a test").await.expect("locked");
    for page in &pages {
        let answer = site.get(page, Some(&scene.admin)).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert_eq!(answer.body.matches(banner).count(), 1, "{page}");
        assert!(answer.body.contains("read-only"), "{page}");
    }
    let before = site.database.number(STATE).await;
    refused(&scene).await;
    assert_eq!(site.database.number(STATE).await, before);
    let request = axum::http::Request::post("/fn/profile/rename")
        .header(header::ORIGIN, crate::site::ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let plain = site
        .send(
            request,
            Some(&scene.admin),
            "display_name=New".to_owned().into(),
        )
        .await;
    assert_eq!(
        plain.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "without script"
    );
    assert!(
        plain.body.contains("restored from a backup"),
        "{}",
        plain.body
    );
    let ready = site.get("/readyz", None).await;
    assert_eq!(ready.status, StatusCode::OK);
    assert!(ready.body.starts_with("locked"), "{}", ready.body);
    for (path, form) in forms(&scene.team, &scene.key, &scene.other_key) {
        if ENDS.contains(&path) {
            let ended = site.post(path, Some(&scene.admin), &form).await;
            assert_eq!(ended.status, StatusCode::OK, "{path}: {}", ended.body);
        }
    }
    let out = site.post("/fn/sign-out", Some(&scene.admin), &[]).await;
    assert!(
        out.status.is_redirection() || out.status.is_success(),
        "signing out only ends something"
    );
    scene.site.close().await;
}
