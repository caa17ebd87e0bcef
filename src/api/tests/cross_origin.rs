//! Requests of pages of any origin.

use sqlx::PgPool;

use super::http::{Answer, Api, As};

/// The headers of this API that a page may send, without their prefix.
const OURS: [&str; 14] = [
    "access-type",
    "allow-anonymous-user",
    "client-version",
    "override-error-status",
    "project-id",
    "publishable-client-key",
    "random-nonce",
    "access-token",
    "refresh-token",
    "branch-id",
    "secret-server-key",
    "super-secret-admin-key",
    "admin-access-token",
    "disable-artificial-development-delay",
];

/// Other headers that a page may send.
const OTHERS: [&str; 5] = [
    "content-type",
    "ngrok-skip-browser-warning",
    "authorization",
    "baggage",
    "sentry-trace",
];

/// The items of a header that is a list.
fn listed(answer: &Answer, name: &str) -> Vec<String> {
    let text = answer.header(name).unwrap_or_default();
    text.split(',')
        .map(|item| item.trim().to_lowercase())
        .collect()
}

fn allows_every_page(answer: &Answer) {
    let headers = listed(answer, "access-control-allow-headers");
    for name in OURS {
        for prefix in ["x-stack-", "x-hexclave-"] {
            assert!(headers.contains(&format!("{prefix}{name}")), "{name}");
        }
    }
    for name in OTHERS {
        assert!(headers.contains(&name.to_owned()), "{name}");
    }
    assert_eq!(
        listed(answer, "access-control-allow-methods"),
        ["get", "post", "put", "patch", "delete", "options"]
    );
    assert_eq!(answer.header("access-control-max-age"), Some("86400"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn browsers_may_ask_from_anywhere(pool: PgPool) {
    let api = Api::new(pool).await;
    let asking = As::default()
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-hexclave-access-type");
    for path in [
        "/users/me",
        "/auth/oauth/token",
        "/user-api-keys",
        "/nowhere",
        "/api/latest/health",
        "/api",
        "/api/",
    ] {
        for who in [
            &As::default(),
            &asking,
            &asking.with("override-error-status", "true"),
        ] {
            let answer = api.ask(who, &format!("OPTIONS {path}"), ()).await;
            assert_eq!((answer.status, &answer.text[..]), (200, ""), "{path}");
            allows_every_page(&answer);
        }
    }
}
