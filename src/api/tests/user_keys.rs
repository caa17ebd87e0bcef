//! Users' keys: who may make, see and change which.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, As, Login},
    told::{Told, known},
};
use crate::snapshots::Snapshots;

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
async fn a_key_is_made_shown_and_listed(pool: PgPool) {
    let Ground { api, ada, .. } = Ground::new(pool).await;
    let snapshots = Snapshots::default().named(ada.id, "Ada");
    for who in own_and_privileged(&api, &ada) {
        for owner in ["me".to_owned(), ada.id.to_string()] {
            let created = api.ask(&who, CREATE, new_key("user_id", &owner)).await;
            snapshots.check("user_key_created", &created);
            let key = created.ok();
            let path = format!("/user-api-keys/{}", id(&key));
            for query in ["", "?user_id=me", &format!("?user_id={}", ada.id)] {
                let shown = api.ask(&who, &format!("GET {path}{query}"), ()).await;
                snapshots.check("user_key_shown", &shown);
                assert_eq!(shown.ok(), hidden(&key));
                let change = format!("PATCH {path}{query}");
                let same = api.ask(&who, &change, json!({})).await.ok();
                assert_eq!(same, hidden(&key), "an empty change changes nothing");
            }
            let list = format!("GET /user-api-keys?user_id={owner}");
            let listed = api.ask(&who, &list, ()).await;
            snapshots.check("user_keys_listed", &listed);
            assert_eq!(listed.items()[0], hidden(&key));
            api.world.sql("DELETE FROM api_keys", &[]).await;
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_renamed_and_revoked_once(pool: PgPool) {
    let Ground { api, ada, .. } = Ground::new(pool).await;
    let snapshots = Snapshots::default().named(ada.id, "Ada");
    for who in own_and_privileged(&api, &ada) {
        let key = make(&api, &who, ada.id).await;
        let path = format!("PATCH /user-api-keys/{}", id(&key));
        let change = async |body: Value| api.ask(&who, &path, body).await;
        let renamed = change(json!({ "description": "changed" })).await;
        snapshots.check("user_key_renamed", &renamed);
        let revoked = change(json!({ "revoked": true })).await;
        snapshots.check("user_key_revoked", &revoked);
        let earlier = "UPDATE api_keys SET revoked_at_millis = 5 WHERE api_key_id = $1";
        let key = id(&key).parse().expect("an id");
        api.world.sql(earlier, &[key]).await;
        let again = change(json!({ "revoked": "true", "description": "" })).await;
        snapshots.check("user_key_revoked_again_and_renamed", &again);
    }
}
