//! Who may create, read and change which user's keys.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::row,
    told::{Told, bare_schema, known, plain, schema},
};
use crate::{
    key_check::checking,
    user_keys::{CREATE, Ground, hidden, id, make, new_key, no_user, not_found},
};

const NOT_OWN: &str = "Client can only manage their own api keys";

fn off() -> Told {
    plain(400, "User API keys are not enabled for this project.")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_makes_keys_for_anybody_of_its_own(pool: PgPool) {
    let Ground { api, ada, eve, .. } = Ground::new(pool).await;
    for who in [
        api.server(),
        api.admin(),
        api.server().with("access-token", &eve.access),
    ] {
        let key = make(&api, &who, ada.id).await;
        assert_eq!(key["user_id"], json!(ada.id));
        let what = format!("GET /user-api-keys/{}", id(&key));
        let shown = api.ask(&api.as_user(&ada), &what, ()).await.ok();
        assert_eq!(shown, hidden(&key));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_names_somebody_who_exists_in_its_project(pool: PgPool) {
    let Ground {
        api, ada, foreign, ..
    } = Ground::new(pool).await;
    let no_such_user = known(UserNotFound, "User not found.");
    let mut rows = Vec::new();
    for (who, id) in [
        (api.server(), Uuid::nil()),
        (api.server(), foreign.id.uuid()),
        (api.admin(), foreign.id.uuid()),
    ] {
        let body = new_key("user_id", id);
        rows.push(row(&who, CREATE, body, no_such_user.clone()));
    }
    let nobody = bare_schema("user_id is required for user API keys");
    for who in [api.server(), api.admin(), api.client(), api.as_user(&ada)] {
        rows.push(row(&who, "GET /user-api-keys", (), nobody.clone()));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_has_only_its_own_users_keys(pool: PgPool) {
    let Ground {
        api,
        ada,
        eve,
        foreign,
    } = Ground::new(pool).await;
    let (who, nobody) = (api.as_user(&eve), api.client());
    let not_own = plain(403, NOT_OWN);
    let list = |id: Uuid| format!("GET /user-api-keys?user_id={id}");
    let (ada, nil) = (ada.id.uuid(), Uuid::nil());
    let mut rows = vec![
        row(&nobody, CREATE, new_key("user_id", ada), no_user()),
        row(&nobody, list(ada), (), no_user()),
        row(&who, list(ada), (), not_own.clone()),
        row(&who, list(nil), (), not_own.clone()),
    ];
    for id in [ada, foreign.id.uuid(), nil] {
        let body = new_key("user_id", id);
        rows.push(row(&who, CREATE, body, not_own.clone()));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_shows_and_changes_only_its_own_users_keys(pool: PgPool) {
    let Ground { api, ada, eve, .. } = Ground::new(pool).await;
    let key = make(&api, &api.as_user(&ada), "me").await;
    let path = format!("/user-api-keys/{}", id(&key));
    let change = json!({ "description": "stolen", "revoked": true });
    let (who, nobody) = (api.as_user(&eve), api.client());
    let (me, of_ada, of_eve) = (
        "?user_id=me".to_owned(),
        format!("?user_id={}", ada.id),
        format!("?user_id={}", eve.id),
    );
    let not_own = plain(403, NOT_OWN);
    let mut rows = Vec::new();
    for (who, query, told) in [
        (&who, "", &not_own),
        (&who, &me, &not_own),
        (&who, &of_ada, &not_own),
        (&who, &of_eve, &not_own),
        (&nobody, "", &no_user()),
        (&nobody, &of_ada, &no_user()),
    ] {
        let (get, patch) = (format!("GET {path}{query}"), format!("PATCH {path}{query}"));
        rows.push(row(who, get, (), told.clone()));
        rows.push(row(who, patch, change.clone(), told.clone()));
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
    let path = format!("/user-api-keys/{}", id(&key));
    api.world
        .configure(SettingsChange {
            allow_user_api_keys: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let input = schema(
        CREATE,
        &[
            "body.description must be defined",
            "body.expires_at_millis must be defined",
            "body.user_id must be defined",
        ],
    );
    let mut rows = Vec::new();
    for who in [
        api.as_user(&ada),
        api.as_user(&eve),
        api.client(),
        api.server(),
        api.admin(),
    ] {
        let body = new_key("user_id", ada.id);
        rows.push(row(&who, CREATE, body, off()));
        for what in [
            format!("GET /user-api-keys?user_id={}", ada.id),
            "GET /user-api-keys".to_owned(),
            format!("GET {path}"),
            format!("GET /user-api-keys/{}", Uuid::nil()),
        ] {
            rows.push(row(&who, what, (), off()));
        }
        let (change, revoke) = (format!("PATCH {path}"), json!({ "revoked": true }));
        rows.push(row(&who, change, revoke, off()));
        // The input is looked at first.
        rows.push(row(&who, CREATE, json!({}), input.clone()));
    }
    let check = "POST /user-api-keys/check";
    for who in [api.server(), api.admin()] {
        rows.push(row(&who, check, checking(&key), off()));
    }
    api.refuses(rows).await;
    let team = api.world.team("Team").await;
    let (what, body) = ("POST /team-api-keys", new_key("team_id", team));
    let fine = api.ask(&api.server(), what, body).await;
    assert_eq!(fine.status, 200, "teams have theirs all the same");
}
