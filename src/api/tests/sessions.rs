//! Sessions: started by servers, listed, ended.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    callers::insufficient,
    http::{Api, row},
    oauth::no_session,
    tokens::session_of,
    told::{known, plain, schema},
};

const START: &str = "POST /auth/sessions";
const CURRENT: &str = "DELETE /auth/sessions/current";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_starts_a_session_for_anybody_of_its_own(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, foreign) = (api.user("Ada").await, other.user("Ada").await);
    let lasts = "SELECT expires_at_millis - created_at_millis FROM sessions WHERE session_id = $1";
    let year = 365 * 24 * 3_600_000_i64;
    for (body, millis) in [
        (json!({ "user_id": ada.id }), year),
        (
            json!({ "user_id": ada.id, "expires_in_millis": 60_000 }),
            60_000,
        ),
        (
            json!({ "user_id": ada.id, "expires_in_millis": "60000" }),
            60_000,
        ),
        (
            json!({ "user_id": ada.id, "expires_in_millis": 10 * year }),
            10 * year,
        ),
        (json!({ "user_id": "me", "is_impersonation": true }), year),
    ] {
        let who = api.server().with("access-token", &ada.access);
        let answer = api.ask(&who, START, body).await;
        assert_eq!(answer.status, 200);
        let tokens = answer.ok();
        let names: Vec<_> = tokens
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        assert_eq!(names, ["access_token", "refresh_token"]);
        let session = session_of(tokens["access_token"].as_str().expect("a token"));
        assert_eq!(
            api.world
                .number(lasts, &[session.parse().expect("an id")])
                .await,
            millis
        );
    }
    let server = api.server();
    let missing = |id: Uuid| {
        known(
            UserIdDoesNotExist,
            format!("The given user with the ID {id} does not exist."),
        )
        .with(json!({ "user_id": id }))
    };
    let bounds = schema(
        START,
        &["body.expires_in_millis must be a whole number from 1 to 315360000000"],
    );
    let mut rows = vec![
        row(
            &server,
            START,
            json!({ "user_id": Uuid::nil() }),
            missing(Uuid::nil()),
        ),
        row(
            &server,
            START,
            json!({ "user_id": foreign.id }),
            missing(foreign.id.uuid()),
        ),
        row(
            &server,
            START,
            json!({}),
            schema(START, &["body.user_id must be defined"]),
        ),
        row(
            &server,
            START,
            json!({ "user_id": "you" }),
            schema(START, &["body.user_id must be a valid UUID"]),
        ),
        row(&server, START, (), schema(START, &["body must be defined"])),
        row(
            &api.client(),
            START,
            json!({ "user_id": ada.id }),
            insufficient(),
        ),
        row(
            &api.as_user(&ada),
            START,
            json!({ "user_id": "me" }),
            insufficient(),
        ),
    ];
    for millis in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(315_360_000_001_i64),
        json!(1e300),
        json!("1e400"),
    ] {
        rows.push(row(
            &server,
            START,
            json!({ "user_id": ada.id, "expires_in_millis": millis }),
            bounds.clone(),
        ));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn sessions_are_listed_newest_first(pool: PgPool) {
    let api = Api::new(pool).await;
    let user = api.ask(&api.server(), "POST /users", json!({})).await.ok();
    let id: latchkey_model::id::UserId =
        user["id"].as_str().expect("an id").parse().expect("an id");
    let first = api.login(id).await;
    let second = api.login(id).await;
    // Two may begin in one millisecond; these do not.
    for (login, earlier) in [(&first, 20), (&second, 10)] {
        let begin = format!(
            "UPDATE sessions SET created_at_millis = created_at_millis - {earlier} WHERE session_id = $1"
        );
        api.world
            .sql(&begin, &[session_of(&login.access).parse().expect("an id")])
            .await;
    }
    let seen = json!({ "user_id": id, "is_impersonation": true });
    api.ask(&api.server(), START, seen).await.ok();
    let eve = api.user("Eve").await;
    let who = api.as_user(&first);
    let own = format!("GET /auth/sessions?user_id={id}");
    for (who, what, current) in [
        (who.clone(), "GET /auth/sessions?user_id=me", true),
        (who, &own[..], true),
        (api.server(), &own[..], false),
        (
            api.server().with("access-token", &first.access),
            "GET /auth/sessions?user_id=me",
            true,
        ),
    ] {
        let list = api.ask(&who, what, ()).await.ok();
        assert_eq!(list["is_paginated"], false);
        let items = list["items"].as_array().expect("items");
        let names: Vec<_> = items[0]
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            names,
            [
                "created_at",
                "id",
                "is_current_session",
                "is_impersonation",
                "last_used_at",
                "user_id"
            ]
        );
        let impersonations: Vec<_> = items
            .iter()
            .map(|item| item["is_impersonation"] == true)
            .collect();
        assert_eq!(impersonations, [true, false, false]);
        assert_eq!(items[1]["id"], session_of(&second.access));
        assert_eq!(items[2]["id"], session_of(&first.access));
        let currents: Vec<_> = items
            .iter()
            .map(|item| item["is_current_session"] == true)
            .collect();
        assert_eq!(currents, [false, false, current]);
    }
    let none = api
        .ask(
            &api.server(),
            &format!("GET /auth/sessions?user_id={}", Uuid::nil()),
            (),
        )
        .await
        .ok();
    assert_eq!(none["items"], json!([]));
    let list = "GET /auth/sessions";
    let not_own = plain(403, "Client can only list sessions for their own user.");
    api.refuses(vec![
        row(&api.as_user(&eve), &own[..], (), not_own.clone()),
        row(&api.client(), &own[..], (), not_own),
        row(
            &api.server(),
            list,
            (),
            schema(list, &["query.user_id must be defined"]),
        ),
        row(
            &api.server(),
            "GET /auth/sessions?user_id=x&a=1",
            (),
            schema(
                list,
                &[
                    "query.user_id must be a valid UUID",
                    "query contains unknown properties: a",
                ],
            ),
        ),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_is_ended_by_its_user_or_a_server(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, eve, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await,
        other.user("Ada").await,
    );
    let (second, third) = (api.login(ada.id).await, api.login(ada.id).await);
    let end = |access: &str| format!("DELETE /auth/sessions/{}", session_of(access));
    let unknown = format!("DELETE /auth/sessions/{}", Uuid::nil());
    let what = "DELETE /auth/sessions/x";
    api.refuses(vec![
        row(&api.as_user(&eve), end(&ada.access), (), no_session()),
        row(&api.client(), end(&ada.access), (), no_session()),
        row(&api.server(), end(&foreign.access), (), no_session()),
        row(&other.server(), end(&ada.access), (), no_session()),
        row(&api.server(), unknown, (), no_session()),
        row(
            &api.server(),
            what,
            (),
            schema(what, &["params.session_id must be a valid UUID"]),
        ),
    ])
    .await;
    let success = json!({ "success": true });
    assert_eq!(
        api.ask(&api.as_user(&ada), &end(&second.access), ())
            .await
            .ok(),
        success
    );
    assert_eq!(
        api.ask(&api.server(), &end(&third.access), json!({}))
            .await
            .ok(),
        success
    );
    for gone in [&second, &third] {
        assert_eq!(
            api.ask(&api.as_user(gone), "GET /users/me", ())
                .await
                .short(),
            "401 ACCESS_TOKEN_EXPIRED"
        );
    }
    assert_eq!(
        api.ask(
            &api.as_user(&ada),
            &format!("{}?user_id=me", end(&ada.access)),
            ()
        )
        .await
        .ok(),
        success
    );
    assert_eq!(
        api.ask(&api.as_user(&ada), "GET /users/me", ())
            .await
            .short(),
        "401 ACCESS_TOKEN_EXPIRED"
    );
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
