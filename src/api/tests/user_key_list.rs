//! The list of a user's keys.

use latchkey_model::id::UserId;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    http::{Api, As},
    refusals::json_of,
    user_keys::{CREATE, Ground, id, make, new_key},
};

/// The ids of a list, as this caller sees it.
async fn ids(api: &Api, who: &As, owner: &str) -> Vec<Value> {
    let what = format!("GET /user-api-keys?user_id={owner}");
    let items = api.ask(who, &what, ()).await.items();
    items.iter().map(|key| key["id"].clone()).collect()
}

/// Keys with and without an end, one of them revoked, from the oldest to the newest.
async fn five_keys(api: &Api, owner: UserId) -> Vec<Value> {
    let server = api.server();
    let mut made = Vec::new();
    for (at, expires) in ["null", "0", "1", "null", "8640000000000000"]
        .iter()
        .enumerate()
    {
        let mut body = new_key("user_id", owner);
        body["expires_at_millis"] = json_of(expires);
        let key = api.ask(&server, CREATE, body).await.ok();
        // Two may be made in one millisecond; these are not.
        let when = format!("UPDATE api_keys SET created_at_millis = {at} WHERE api_key_id = $1");
        let uuid = id(&key).parse().expect("an id");
        api.world.sql(&when, &[uuid]).await;
        made.push(key);
    }
    let revoke = format!("PATCH /user-api-keys/{}", id(&made[3]));
    let revoked = json!({ "revoked": true });
    api.ask(&server, &revoke, revoked).await.ok();
    made.into_iter().map(|key| key["id"].clone()).collect()
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_list_is_newest_first_with_all_that_has_ended(pool: PgPool) {
    let Ground { api, ada, eve, .. } = Ground::new(pool).await;
    let server = api.server();
    let mut expected = five_keys(&api, ada.id).await;
    make(&api, &server, eve.id).await;
    expected.reverse();
    let owner = ada.id.to_string();
    assert_eq!(ids(&api, &api.as_user(&ada), "me").await, expected);
    assert_eq!(ids(&api, &server, &owner).await, expected);
    // In one millisecond the ids tell.
    let at_once = "UPDATE api_keys SET created_at_millis = 7";
    api.world.sql(at_once, &[]).await;
    expected.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
    assert_eq!(ids(&api, &server, &owner).await, expected);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_list_of_somebody_who_does_not_exist_is_empty(pool: PgPool) {
    let Ground { api, .. } = Ground::new(pool).await;
    let what = format!("GET /user-api-keys?user_id={}", Uuid::nil());
    let none = api.ask(&api.server(), &what, ()).await.ok();
    assert_eq!(none, json!({ "items": [], "is_paginated": false }));
}
