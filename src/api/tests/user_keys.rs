//! Users' keys: who may make, see and change which.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, As, Login},
    told::{Told, known},
};

pub const CREATE: &str = "POST /user-api-keys";

pub fn new_key(owner: &str, id: impl serde::Serialize) -> Value {
    json!({ "description": "key", "expires_at_millis": null, owner: id })
}

pub fn not_found() -> Told {
    known(ApiKeyNotFound, "API key not found.")
}

pub fn no_user() -> Told {
    known(
        UserAuthenticationRequired,
        "User authentication required for this endpoint.",
    )
}

pub async fn make(api: &Api, who: &As, owner: impl serde::Serialize) -> Value {
    api.ask(who, CREATE, new_key("user_id", owner)).await.ok()
}

pub fn id(key: &Value) -> &str {
    key["id"].as_str().expect("an id")
}

/// The key as it is shown later.
pub fn hidden(key: &Value) -> Value {
    let mut key = key.clone();
    let value = key["value"].as_str().expect("a key").to_owned();
    key["value"] = json!({ "last_four": value[value.len() - 4..] });
    key
}

pub struct Ground {
    pub api: Api,
    pub ada: Login,
    pub eve: Login,
    pub foreign: Login,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let other = api.another_project().await;
        Self {
            ada: api.user("Ada").await,
            eve: api.user("Eve").await,
            foreign: other.user("Ada").await,
            api,
        }
    }
}

/// Whoever may do everything with a user's keys: the user, a server and an administrator.
pub fn own_and_privileged(api: &Api, login: &Login) -> [As; 3] {
    [
        api.as_user(login),
        api.server().with("access-token", &login.access),
        api.admin().with("access-token", &login.access),
    ]
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_made_shown_listed_and_changed(pool: PgPool) {
    let Ground { api, ada, .. } = Ground::new(pool).await;
    for who in own_and_privileged(&api, &ada) {
        for owner in ["me".to_owned(), ada.id.to_string()] {
            let answer = api.ask(&who, CREATE, new_key("user_id", &owner)).await;
            assert_eq!(answer.status, 200);
            let key = answer.ok();
            let (created, value) = (key["created_at_millis"].clone(), key["value"].clone());
            assert!(created.is_i64() && value.is_string());
            assert_eq!(
                key,
                json!({
                    "id": key["id"], "description": "key", "is_public": false, "created_at_millis": created,
                    "value": value, "user_id": ada.id, "type": "user",
                })
            );
            let path = format!("/user-api-keys/{}", id(&key));
            for query in ["", "?user_id=me", &format!("?user_id={}", ada.id)] {
                let shown = api.ask(&who, &format!("GET {path}{query}"), ()).await.ok();
                assert_eq!(shown, hidden(&key));
                let change = format!("PATCH {path}{query}");
                let same = api.ask(&who, &change, json!({})).await.ok();
                assert_eq!(same, hidden(&key), "an empty change changes nothing");
            }
            let list = format!("GET /user-api-keys?user_id={owner}");
            let listed = api.ask(&who, &list, ()).await;
            assert_eq!(listed.items()[0], hidden(&key), "newest first");
            assert_eq!(listed.ok()["is_paginated"], false);
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_renamed_and_revoked_once(pool: PgPool) {
    let Ground { api, ada, .. } = Ground::new(pool).await;
    for who in own_and_privileged(&api, &ada) {
        let key = make(&api, &who, ada.id).await;
        let path = format!("PATCH /user-api-keys/{}", id(&key));
        let change = async |body: Value| api.ask(&who, &path, body).await.ok();
        let mut changed = hidden(&key);
        changed["description"] = json!("changed");
        assert_eq!(change(json!({ "description": "changed" })).await, changed);
        let revoked = change(json!({ "revoked": true })).await;
        let revoked_at = revoked["manually_revoked_at_millis"].clone();
        assert!(revoked_at.as_i64() >= key["created_at_millis"].as_i64());
        changed["manually_revoked_at_millis"] = revoked_at;
        assert_eq!(revoked, changed);
        let earlier = "UPDATE api_keys SET revoked_at_millis = 5 WHERE api_key_id = $1";
        let key = id(&key).parse().expect("an id");
        api.world.sql(earlier, &[key]).await;
        let again = change(json!({ "revoked": "true", "description": "" })).await;
        let revoked_at = &again["manually_revoked_at_millis"];
        assert_eq!(*revoked_at, 5, "the first time stays");
        assert_eq!(again["description"], "");
    }
}
