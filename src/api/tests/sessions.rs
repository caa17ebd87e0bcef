//! Sessions: started by servers, listed, ended.

use latchkey_api::Code::*;
use latchkey_model::id::UserId;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    callers::insufficient,
    http::{Api, Login, names_of, row},
    oauth::no_session,
    refusals::{broken, json_of},
    tokens::session_of,
    told::{known, plain, schema},
};
use crate::snapshots::Snapshots;

const START: &str = "POST /auth/sessions";
const CURRENT: &str = "DELETE /auth/sessions/current";

const YEAR: i64 = 365 * 24 * 3_600_000;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_starts_a_session_for_anybody_of_its_own(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let who = api.server().with("access-token", &ada.access);
    let lasts = "SELECT expires_at_millis - created_at_millis FROM sessions WHERE session_id = $1";
    let lasting = |millis: Value| json!({ "user_id": ada.id, "expires_in_millis": millis });
    for (body, millis) in [
        (json!({ "user_id": ada.id }), YEAR),
        (lasting(json!(60_000)), 60_000),
        (lasting(json!("60000")), 60_000),
        (lasting(json!(10 * YEAR)), 10 * YEAR),
        (json!({ "user_id": "me", "is_impersonation": true }), YEAR),
    ] {
        let answer = api.ask(&who, START, body).await;
        assert_eq!(answer.status, 200);
        let tokens = answer.ok();
        assert_eq!(names_of(&tokens), ["access_token", "refresh_token"]);
        let session = session_of(tokens["access_token"].as_str().expect("a token"));
        let session = session.parse().expect("an id");
        assert_eq!(api.world.number(lasts, &[session]).await, millis);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_that_cannot_be_started_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let (ada, server) = (api.user("Ada").await, api.server());
    let foreign = api.another_project().await.user("Ada").await.id.uuid();
    let told = |id: Uuid| {
        let message = format!("The given user with the ID {id} does not exist.");
        let missing = known(UserIdDoesNotExist, message).with(json!({ "user_id": id }));
        row(&server, START, json!({ "user_id": id }), missing)
    };
    let own = json!({ "user_id": "me" });
    let mut rows = vec![
        told(Uuid::nil()),
        told(foreign),
        row(&api.client(), START, own.clone(), insufficient()),
        row(&api.as_user(&ada), START, own, insufficient()),
    ];
    let no_user = json!({ "user_id": "you" });
    rows.extend(broken(&server, START, [((), "body must be defined")]));
    rows.extend(broken(
        &server,
        START,
        [
            (json!({}), "body.user_id must be defined"),
            (no_user, "body.user_id must be a valid UUID"),
        ],
    ));
    let bounds = "body.expires_in_millis must be a whole number from 1 to 315360000000";
    let never = ["0", "-1", "1.5", "315360000001", "1e300", r#""1e400""#];
    let lasting = |millis| json!({ "user_id": ada.id, "expires_in_millis": json_of(millis) });
    rows.extend(broken(
        &server,
        START,
        never.map(|millis| (lasting(millis), bounds)),
    ));
    api.refuses(rows).await;
}

/// A user with two sessions, the second newer than the first, and a newer one of a server.
async fn three_sessions(api: &Api) -> (UserId, [Login; 2]) {
    let user = api.ask(&api.server(), "POST /users", json!({})).await.ok();
    let id: UserId = user["id"].as_str().expect("an id").parse().expect("an id");
    let logins = [api.login(id).await, api.login(id).await];
    // Two may begin in one millisecond; these do not.
    for (login, earlier) in logins.iter().zip([20, 10]) {
        let begin = format!(
            "UPDATE sessions SET created_at_millis = created_at_millis - {earlier} WHERE session_id = $1"
        );
        let session = session_of(&login.access).parse().expect("an id");
        api.world.sql(&begin, &[session]).await;
    }
    let seen = json!({ "user_id": id, "is_impersonation": true });
    api.ask(&api.server(), START, seen).await.ok();
    (id, logins)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn sessions_are_listed_newest_first(pool: PgPool) {
    let api = Api::new(pool).await;
    let (id, [first, second]) = three_sessions(&api).await;
    let snapshots = Snapshots::default()
        .named(id, "user")
        .named(session_of(&first.access), "first")
        .named(session_of(&second.access), "second");
    let who = api.as_user(&first);
    let as_first = api.server().with("access-token", &first.access);
    let (me, own) = (
        "GET /auth/sessions?user_id=me",
        &format!("GET /auth/sessions?user_id={id}")[..],
    );
    for (who, what, current) in [
        (&who, me, true),
        (&who, own, true),
        (&api.server(), own, false),
        (&as_first, me, true),
    ] {
        let list = api.ask(who, what, ()).await;
        let whose = if current {
            "a_user_with_a_session"
        } else {
            "a_server"
        };
        snapshots.check(&format!("sessions_as_{whose}_sees_them"), &list);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_of_sessions_that_cannot_be_had_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let (server, eve, ada) = (api.server(), api.user("Eve").await, api.user("Ada").await);
    let of = |id: Uuid| format!("GET /auth/sessions?user_id={id}");
    let none = api.ask(&server, &of(Uuid::nil()), ()).await;
    assert_eq!(none.items(), Vec::<Value>::new());
    let not_own = plain(403, "Client can only list sessions for their own user.");
    let list = "GET /auth/sessions";
    let wrong = "GET /auth/sessions?user_id=x&a=1";
    let all = [
        "query.user_id must be a valid UUID",
        "query contains unknown properties: a",
    ];
    let ada = of(ada.id.uuid());
    let mut rows = vec![
        row(&api.as_user(&eve), &ada[..], (), not_own.clone()),
        row(&api.client(), &ada[..], (), not_own),
        row(&server, wrong, (), schema(list, &all)),
    ];
    rows.extend(broken(
        &server,
        list,
        [((), "query.user_id must be defined")],
    ));
    api.refuses(rows).await;
}

fn end(access: &str) -> String {
    format!("DELETE /auth/sessions/{}", session_of(access))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_is_ended_by_nobody_else(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, eve, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await,
        other.user("Ada").await,
    );
    let (server, unknown) = (api.server(), Uuid::nil());
    let what = "DELETE /auth/sessions/x";
    let no_id = [((), "params.session_id must be a valid UUID")];
    let mut rows = broken(&server, what, no_id);
    for (who, what) in [
        (&api.as_user(&eve), end(&ada.access)),
        (&api.client(), end(&ada.access)),
        (&server, end(&foreign.access)),
        (&other.server(), end(&ada.access)),
        (&server, format!("DELETE /auth/sessions/{unknown}")),
    ] {
        rows.push(row(who, what, (), no_session()));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_is_ended_by_its_user_or_a_server(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let (second, third) = (api.login(ada.id).await, api.login(ada.id).await);
    let own = api.as_user(&ada);
    let me = format!("{}?user_id=me", end(&ada.access));
    for (who, what, gone) in [
        (&own, end(&second.access), &second),
        (&api.server(), end(&third.access), &third),
        (&own, me, &ada),
    ] {
        let ended = api.ask(who, &what, json!({})).await.ok();
        assert_eq!(ended, json!({ "success": true }));
        let me = api.ask(&api.as_user(gone), "GET /users/me", ()).await;
        assert_eq!(me.short(), "401 ACCESS_TOKEN_EXPIRED");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn signing_out_twice_says_that_the_session_has_gone(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let bob = api.user("Bob").await;
    let who = api.as_user(&ada);
    assert_eq!(
        api.ask(&who, CURRENT, json!({})).await.ok(),
        json!({ "success": true })
    );
    api.refuses(vec![
        row(&who, CURRENT, json!({}), no_session()),
        row(&who, CURRENT, (), no_session()),
        row(&api.client(), CURRENT, (), no_session()),
        row(&api.server(), CURRENT, (), no_session()),
    ])
    .await;
    let old = super::tokens::issued_by(&api, &bob, -601_000).await;
    let answer = api
        .ask(
            &api.client().with("access-token", old),
            CURRENT,
            Value::Null,
        )
        .await;
    assert_eq!(
        answer.short(),
        "401 ACCESS_TOKEN_EXPIRED",
        "the session is still there"
    );
}
