//! The list of a user's keys.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::user_keys::{CREATE, Ground, id, make, new_key};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_list_is_newest_first_with_all_that_has_ended(pool: PgPool) {
    let Ground { api, ada, eve, .. } = Ground::new(pool).await;
    let server = api.server();
    let mut made = Vec::new();
    for expires in [
        Value::Null,
        json!(0),
        json!(1),
        Value::Null,
        json!(8_640_000_000_000_000_i64),
    ] {
        let mut body = new_key("user_id", ada.id);
        body["expires_at_millis"] = expires;
        made.push(api.ask(&server, CREATE, body).await.ok());
    }
    // Two may be made in one millisecond; these are not.
    for (at, key) in made.iter().enumerate() {
        let when = format!("UPDATE api_keys SET created_at_millis = {at} WHERE api_key_id = $1");
        api.world
            .sql(&when, &[id(key).parse().expect("an id")])
            .await;
    }
    make(&api, &server, eve.id).await;
    let revoke = format!("PATCH /user-api-keys/{}", id(&made[3]));
    api.ask(&server, &revoke, json!({ "revoked": true }))
        .await
        .ok();
    let expected: Vec<_> = made.iter().rev().map(|key| key["id"].clone()).collect();
    for (who, owner) in [
        (api.as_user(&ada), "me".to_owned()),
        (server.clone(), ada.id.to_string()),
    ] {
        let list = api
            .ask(&who, &format!("GET /user-api-keys?user_id={owner}"), ())
            .await
            .ok();
        let ids: Vec<_> = list["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|key| key["id"].clone())
            .collect();
        assert_eq!(ids, expected);
    }
    // In one millisecond the ids tell.
    api.world
        .sql("UPDATE api_keys SET created_at_millis = 7", &[])
        .await;
    let list = api
        .ask(
            &server,
            &format!("GET /user-api-keys?user_id={}", ada.id),
            (),
        )
        .await
        .ok();
    let ids: Vec<_> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|key| key["id"].clone())
        .collect();
    let mut sorted: Vec<_> = expected
        .iter()
        .map(|id| id.as_str().expect("an id"))
        .collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(ids, sorted);
    let none = api
        .ask(
            &server,
            &format!("GET /user-api-keys?user_id={}", Uuid::nil()),
            (),
        )
        .await
        .ok();
    assert_eq!(none, json!({ "items": [], "is_paginated": false }));
}
