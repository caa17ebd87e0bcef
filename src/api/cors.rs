//! What browsers may do from other origins. Requests authenticate with keys and tokens and never with
//! cookies, so any origin may call. tower-http's layer would not expose headers on a preflight, which
//! existing clients get.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};

/// Names of request headers, without their prefix.
const OURS: [&str; 14] = [
    "access-token",
    "access-type",
    "admin-access-token",
    "allow-anonymous-user",
    "branch-id",
    "client-version",
    "disable-artificial-development-delay",
    "override-error-status",
    "project-id",
    "publishable-client-key",
    "random-nonce",
    "refresh-token",
    "secret-server-key",
    "super-secret-admin-key",
];
const OTHERS: &str =
    "content-type, authorization, baggage, sentry-trace, ngrok-skip-browser-warning";

/// Adds the headers to a response.
pub fn allow(headers: &mut HeaderMap) {
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "content-type, retry-after, x-stack-actual-status, x-stack-known-error",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED.clone());
}

/// The request headers that a browser may send, under both prefixes.
static ALLOWED: LazyLock<HeaderValue> = LazyLock::new(|| {
    let allowed = OURS.iter().fold(OTHERS.to_owned(), |list, name| {
        format!("{list}, x-stack-{name}, x-hexclave-{name}")
    });
    HeaderValue::try_from(allowed).expect("names of headers")
});
