//! Who may not create, read or change a team's keys.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::row,
    told::{Told, known, plain, schema},
    user_keys::{new_key, no_user, not_found},
};
use crate::team_keys::{CREATE, Ground, id};

fn off() -> Told {
    plain(400, "Team API keys are not enabled for this project.")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_may_not_manage_them_sees_no_team(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let key = ground.make(&api.server()).await;
    let mut rows = Vec::new();
    for login in [&ground.member, &ground.outsider, &ground.other_admin] {
        for (what, body) in ground.everything(&key) {
            rows.push(row(&api.as_user(login), what, body, not_found()));
        }
        let nowhere = new_key("team_id", Uuid::nil());
        rows.push(row(&api.as_user(login), CREATE, nowhere, not_found()));
    }
    for (what, body) in ground.everything(&key) {
        rows.push(row(&api.client(), what, body, no_user()));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_is_not_the_teams_is_not_found(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let server = api.server();
    let of_user = api
        .ask(
            &server,
            "POST /user-api-keys",
            new_key("user_id", ground.admin.id),
        )
        .await
        .ok();
    let second = api.world.team("Second").await;
    api.world
        .join(second, ground.admin.id, &["team_admin"])
        .await;
    let of_second = api
        .ask(&server, CREATE, new_key("team_id", second))
        .await
        .ok();
    let foreign = api.another_project().await;
    let foreign_team = foreign.world.team("Foreign").await;
    let of_foreign = foreign
        .ask(&foreign.server(), CREATE, new_key("team_id", foreign_team))
        .await
        .ok();
    let change = json!({ "description": "changed", "revoked": true });
    let mut rows = Vec::new();
    for who in [api.as_user(&ground.admin), server.clone(), api.admin()] {
        for key in [
            id(&of_user),
            id(&of_second),
            id(&of_foreign),
            &Uuid::nil().to_string(),
        ] {
            rows.push(row(
                &who,
                format!("GET /team-api-keys/{key}?team_id={team}"),
                (),
                not_found(),
            ));
            rows.push(row(
                &who,
                format!("PATCH /team-api-keys/{key}?team_id={team}"),
                change.clone(),
                not_found(),
            ));
        }
    }
    let no_team = |team: Uuid| {
        known(TeamNotFound, format!("Team {team} not found.")).with(json!({ "team_id": team }))
    };
    for who in [&server, &api.admin()] {
        for team in [Uuid::nil(), foreign_team.uuid()] {
            rows.push(row(who, CREATE, new_key("team_id", team), no_team(team)));
        }
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_permission_that_is_taken_back_ends_at_once(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let who = api.as_user(&ground.admin);
    let key = ground.make(&who).await;
    let what = format!(
        "DELETE /team-permissions/{}/{}/team_admin",
        ground.team, ground.admin.id
    );
    api.ask(&api.server(), &what, ()).await.ok();
    let rows = ground
        .everything(&key)
        .map(|(what, body)| row(&who, what, body, not_found()));
    api.refuses(rows.into()).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_switches_teams_keys_off(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let key = ground.make(&api.server()).await;
    api.world
        .configure(SettingsChange {
            allow_team_api_keys: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let mut rows = Vec::new();
    for who in [
        api.as_user(&ground.admin),
        api.as_user(&ground.member),
        api.as_user(&ground.outsider),
        api.client(),
        api.server(),
        api.admin(),
    ] {
        for (what, body) in ground.everything(&key) {
            rows.push(row(&who, what, body, off()));
        }
        rows.push(row(
            &who,
            CREATE,
            json!({}),
            schema(
                CREATE,
                &[
                    "body.description must be defined",
                    "body.expires_at_millis must be defined",
                    "body.team_id must be defined",
                ],
            ),
        ));
    }
    for who in [api.server(), api.admin()] {
        rows.push(row(
            &who,
            "POST /team-api-keys/check",
            json!({ "api_key": key["value"] }),
            off(),
        ));
    }
    api.refuses(rows).await;
    let own = api
        .ask(
            &api.as_user(&ground.admin),
            "POST /user-api-keys",
            new_key("user_id", "me"),
        )
        .await;
    assert_eq!(own.status, 200, "users have theirs all the same");
}
