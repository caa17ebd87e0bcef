//! The headers that say who asks: what they may hold, and under which prefix.

use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As},
    refusals::by_each,
};
use crate::callers::{
    WRONG, invalid_type, key_without_type, no_project, no_type, unknown_branch, unknown_project,
    unparsable,
};

const WHAT: &str = "GET /projects/current";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_request_without_an_access_type_is_refused(pool: PgPool) {
    let api = Api::new(pool).await;
    let none = As::default();
    let keyed = none
        .with("access-type", "")
        .with("publishable-client-key", "a");
    // A user's token alone is no key.
    let tokens = none.with("access-token", "a").with("refresh-token", "a");
    api.refuses(by_each(
        WHAT,
        [
            (none.clone(), no_type()),
            (none.with("access-type", ""), no_type()),
            (keyed, key_without_type()),
            (none.with("admin-access-token", "a"), key_without_type()),
            (none.with("super-secret-admin-key", "a"), key_without_type()),
            (tokens, no_type()),
        ],
    ))
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_access_type_other_than_the_three_is_refused(pool: PgPool) {
    let api = Api::new(pool).await;
    let shown = ["Client", "client ", "browser", "clïent"];
    let mut cases: Vec<_> = shown
        .map(|text| (api.client().with("access-type", text), invalid_type(text)))
        .into();
    let bytes = api.client().with("access-type", b"\xff");
    cases.push((bytes, invalid_type("\u{fffd}")));
    api.refuses(by_each(WHAT, cases)).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_that_is_missing_or_unknown_is_refused(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    let mut cases = vec![
        (client.without("project-id"), no_project("client")),
        (client.with("project-id", ""), no_project("client")),
        (api.server().without("project-id"), no_project("server")),
        (api.admin().without("project-id"), no_project("admin")),
    ];
    let simple = api.project().uuid().simple().to_string();
    for id in [
        "internal",
        "1",
        "projekt-ü",
        "' OR 1=1 --",
        &simple,
        &Uuid::nil().to_string(),
    ] {
        cases.push((client.with("project-id", id), unknown_project(id)));
    }
    api.refuses(by_each(WHAT, cases)).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_or_branch_that_cannot_be_read_is_refused(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    let garbage = client.with("access-token", b"\xf0\x28\x8c\xbc");
    api.refuses(by_each(
        WHAT,
        [
            (client.with("access-token", "a.b.c"), unparsable()),
            (client.with("access-token", "tökén"), unparsable()),
            (garbage, unparsable()),
            (client.with("admin-access-token", "a.b.c"), unparsable()),
            (client.with("branch-id", "Main"), unknown_branch("Main")),
            (client.with("branch-id", "brañch"), unknown_branch("brañch")),
        ],
    ))
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn empty_and_unknown_headers_change_nothing(pool: PgPool) {
    let api = Api::new(pool).await;
    let client = api.client();
    for who in [
        client.with("access-token", ""),
        client.with("branch-id", "main"),
        client.with("branch-id", ""),
        client.with("project-id", api.project().to_string().to_uppercase()),
        client
            .with("allow-anonymous-user", "true")
            .with("random-nonce", "ü")
            .with("client-version", "js @stackframe/js@2.8.108")
            .with("disable-artificial-development-delay", "yes")
            .with("development-disable-extended-logging", "yes")
            .header("ngrok-skip-browser-warning", "true"),
    ] {
        assert_eq!(api.ask(&who, WHAT, ()).await.status, 200, "{who:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn either_prefix_will_do_and_both_together(pool: PgPool) {
    let api = Api::new(pool).await;
    let login = api.user("Ada").await;
    let server = api.server().with("access-token", &login.access);
    let me = "GET /users/me";
    for mask in 0..16_usize {
        let mixed = server.hexclave(|at| mask >> at & 1 == 1);
        let user = api.ask(&mixed, me, ()).await.ok();
        assert_eq!(user["id"], json!(login.id), "{mask:04b}");
    }
    // An empty header says nothing; where both speak, the first prefix does.
    let empty = server
        .hexclave(|_| true)
        .with("access-type", "")
        .with("secret-server-key", "");
    assert_eq!(api.ask(&empty, me, ()).await.status, 200);
    let both = server.header("x-hexclave-secret-server-key", WRONG);
    assert_eq!(api.ask(&both, me, ()).await.status, 200);
    // What is answered has the one prefix.
    let refused = api
        .ask(
            &As::default()
                .header("x-hexclave-access-type", "god")
                .header("x-hexclave-override-error-status", "true"),
            me,
            (),
        )
        .await;
    assert_eq!(refused.status, 200);
    assert_eq!(refused.header("x-stack-actual-status"), Some("400"));
    assert_eq!(
        refused.header("x-stack-known-error"),
        Some("INVALID_ACCESS_TYPE")
    );
}
