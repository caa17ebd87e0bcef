//! Users' keys: who may make, see and change which.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, As, Login, row},
    told::{Told, bare_schema, known, plain, schema},
};

const CREATE: &str = "POST /user-api-keys";
const NOT_OWN: &str = "Client can only manage their own api keys";

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

fn off() -> Told {
    plain(400, "User API keys are not enabled for this project.")
}

async fn make(api: &Api, who: &As, owner: impl serde::Serialize) -> Value {
    api.ask(who, CREATE, new_key("user_id", owner)).await.ok()
}

fn id(key: &Value) -> &str {
    key["id"].as_str().expect("an id")
}

/// The key as it is shown later.
pub fn hidden(key: &Value) -> Value {
    let mut key = key.clone();
    let value = key["value"].as_str().expect("a key").to_owned();
    key["value"] = json!({ "last_four": value[value.len() - 4..] });
    key
}

struct Ground {
    api: Api,
    ada: Login,
    eve: Login,
    foreign: Login,
}

impl Ground {
    async fn new(pool: PgPool) -> Self {
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

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_made_shown_listed_and_changed(pool: PgPool) {
    let Ground { api, ada, .. } = Ground::new(pool).await;
    let own = api.as_user(&ada);
    let server = api.server().with("access-token", &ada.access);
    for who in [
        own,
        server.clone(),
        api.admin().with("access-token", &ada.access),
    ] {
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
                let same = api
                    .ask(&who, &format!("PATCH {path}{query}"), json!({}))
                    .await
                    .ok();
                assert_eq!(same, hidden(&key), "an empty change changes nothing");
            }
            let listed = api
                .ask(&who, &format!("GET /user-api-keys?user_id={owner}"), ())
                .await
                .ok();
            assert_eq!(listed["items"][0], hidden(&key), "newest first");
            assert_eq!(listed["is_paginated"], false);

            let mut changed = hidden(&key);
            changed["description"] = json!("changed");
            let answer = api
                .ask(
                    &who,
                    &format!("PATCH {path}"),
                    json!({ "description": "changed" }),
                )
                .await
                .ok();
            assert_eq!(answer, changed);
            let revoked = api
                .ask(&who, &format!("PATCH {path}"), json!({ "revoked": true }))
                .await
                .ok();
            changed["manually_revoked_at_millis"] = revoked["manually_revoked_at_millis"].clone();
            assert!(revoked["manually_revoked_at_millis"].as_i64() >= created.as_i64());
            assert_eq!(revoked, changed);
            api.world
                .sql(
                    "UPDATE api_keys SET revoked_at_millis = 5 WHERE api_key_id = $1",
                    &[id(&key).parse().expect("an id")],
                )
                .await;
            let again = api
                .ask(
                    &who,
                    &format!("PATCH {path}"),
                    json!({ "revoked": "true", "description": "" }),
                )
                .await
                .ok();
            assert_eq!(
                again["manually_revoked_at_millis"], 5,
                "the first time stays"
            );
            assert_eq!(again["description"], "");
        }
    }
}

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

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_makes_keys_for_anybody_of_its_own(pool: PgPool) {
    let Ground {
        api,
        ada,
        eve,
        foreign,
    } = Ground::new(pool).await;
    for who in [
        api.server(),
        api.admin(),
        api.server().with("access-token", &eve.access),
    ] {
        let key = make(&api, &who, ada.id).await;
        assert_eq!(key["user_id"], json!(ada.id));
        let shown = api
            .ask(
                &api.as_user(&ada),
                &format!("GET /user-api-keys/{}", id(&key)),
                (),
            )
            .await
            .ok();
        assert_eq!(shown, hidden(&key));
    }
    let no_such_user = known(UserNotFound, "User not found.");
    let list = "GET /user-api-keys";
    api.refuses(vec![
        row(
            &api.server(),
            CREATE,
            new_key("user_id", Uuid::nil()),
            no_such_user.clone(),
        ),
        row(
            &api.server(),
            CREATE,
            new_key("user_id", foreign.id),
            no_such_user.clone(),
        ),
        row(
            &api.admin(),
            CREATE,
            new_key("user_id", foreign.id),
            no_such_user,
        ),
        row(
            &api.server(),
            list,
            (),
            bare_schema("user_id is required for user API keys"),
        ),
        row(
            &api.admin(),
            list,
            (),
            bare_schema("user_id is required for user API keys"),
        ),
        row(
            &api.client(),
            list,
            (),
            bare_schema("user_id is required for user API keys"),
        ),
        row(
            &api.as_user(&ada),
            list,
            (),
            bare_schema("user_id is required for user API keys"),
        ),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_has_only_its_own_users_keys(pool: PgPool) {
    let Ground {
        api,
        ada,
        eve,
        foreign,
    } = Ground::new(pool).await;
    let key = make(&api, &api.as_user(&ada), "me").await;
    let path = format!("/user-api-keys/{}", id(&key));
    let change = json!({ "description": "stolen", "revoked": true });
    let not_own = plain(403, NOT_OWN);
    let who = api.as_user(&eve);
    let nobody = api.client();
    let mut rows = vec![
        row(&who, CREATE, new_key("user_id", ada.id), not_own.clone()),
        row(
            &who,
            CREATE,
            new_key("user_id", foreign.id),
            not_own.clone(),
        ),
        row(
            &who,
            CREATE,
            new_key("user_id", Uuid::nil()),
            not_own.clone(),
        ),
        row(
            &who,
            format!("GET /user-api-keys?user_id={}", ada.id),
            (),
            not_own.clone(),
        ),
        row(
            &who,
            format!("GET /user-api-keys?user_id={}", Uuid::nil()),
            (),
            not_own.clone(),
        ),
        row(&nobody, CREATE, new_key("user_id", ada.id), no_user()),
        row(
            &nobody,
            format!("GET /user-api-keys?user_id={}", ada.id),
            (),
            no_user(),
        ),
    ];
    for query in [
        String::new(),
        "?user_id=me".to_owned(),
        format!("?user_id={}", ada.id),
        format!("?user_id={}", eve.id),
    ] {
        rows.push(row(&who, format!("GET {path}{query}"), (), not_own.clone()));
        rows.push(row(
            &who,
            format!("PATCH {path}{query}"),
            change.clone(),
            not_own.clone(),
        ));
    }
    for query in [String::new(), format!("?user_id={}", ada.id)] {
        rows.push(row(&nobody, format!("GET {path}{query}"), (), no_user()));
        rows.push(row(
            &nobody,
            format!("PATCH {path}{query}"),
            change.clone(),
            no_user(),
        ));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_is_not_there_is_not_found(pool: PgPool) {
    let Ground {
        api, ada, foreign, ..
    } = Ground::new(pool).await;
    let team = api.world.team("Team").await;
    let admin = api.member("Admin", team, &["team_admin"]).await;
    let of_team = api
        .ask(
            &api.as_user(&admin),
            "POST /team-api-keys",
            new_key("team_id", team),
        )
        .await
        .ok();
    let other = api.another_project().await;
    let stranger = other.user("Stranger").await;
    let elsewhere = make(&other, &other.server(), stranger.id).await;
    let of_foreign = foreign.id;
    let change = json!({ "description": "changed", "revoked": true });
    let mut rows = Vec::new();
    for who in [
        api.as_user(&ada),
        api.as_user(&admin),
        api.server(),
        api.admin(),
    ] {
        for key in [
            &Uuid::nil().to_string(),
            id(&of_team),
            id(&elsewhere),
            &of_foreign.to_string(),
        ] {
            rows.push(row(
                &who,
                format!("GET /user-api-keys/{key}"),
                (),
                not_found(),
            ));
            rows.push(row(
                &who,
                format!("PATCH /user-api-keys/{key}"),
                change.clone(),
                not_found(),
            ));
        }
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_switches_users_keys_off(pool: PgPool) {
    let Ground { api, ada, eve, .. } = Ground::new(pool).await;
    let key = make(&api, &api.server(), ada.id).await;
    let text = key["value"].as_str().expect("a key");
    let path = format!("/user-api-keys/{}", id(&key));
    api.world
        .configure(SettingsChange {
            allow_user_api_keys: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let mut rows = Vec::new();
    for who in [
        api.as_user(&ada),
        api.as_user(&eve),
        api.client(),
        api.server(),
        api.admin(),
    ] {
        rows.push(row(&who, CREATE, new_key("user_id", ada.id), off()));
        rows.push(row(
            &who,
            format!("GET /user-api-keys?user_id={}", ada.id),
            (),
            off(),
        ));
        rows.push(row(&who, "GET /user-api-keys", (), off()));
        rows.push(row(&who, format!("GET {path}"), (), off()));
        rows.push(row(
            &who,
            format!("PATCH {path}"),
            json!({ "revoked": true }),
            off(),
        ));
        rows.push(row(
            &who,
            format!("GET /user-api-keys/{}", Uuid::nil()),
            (),
            off(),
        ));
        // The input is looked at first.
        rows.push(row(
            &who,
            CREATE,
            json!({}),
            schema(
                CREATE,
                &[
                    "body.description must be defined",
                    "body.expires_at_millis must be defined",
                    "body.user_id must be defined",
                ],
            ),
        ));
    }
    for who in [api.server(), api.admin()] {
        rows.push(row(
            &who,
            "POST /user-api-keys/check",
            json!({ "api_key": text }),
            off(),
        ));
    }
    api.refuses(rows).await;
    let team = api.world.team("Team").await;
    let fine = api
        .ask(
            &api.server(),
            "POST /team-api-keys",
            new_key("team_id", team),
        )
        .await;
    assert_eq!(fine.status, 200, "teams have theirs all the same");
}
