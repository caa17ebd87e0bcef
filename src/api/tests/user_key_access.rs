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
use crate::user_keys::{CREATE, Ground, hidden, id, make, new_key, no_user, not_found};

const NOT_OWN: &str = "Client can only manage their own api keys";

fn off() -> Told {
    plain(400, "User API keys are not enabled for this project.")
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
