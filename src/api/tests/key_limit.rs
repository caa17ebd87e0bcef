//! The limit of valid keys, as programs meet it.

use serde_json::json;
use sqlx::PgPool;

use super::{
    http::{Api, row},
    told::plain,
};

const CHANGE: &str = "PATCH /projects/current";
const USER_KEY: &str = "POST /user-api-keys";
const TEAM_KEY: &str = "POST /team-api-keys";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_is_told_of_the_limit_and_a_server_has_none(pool: PgPool) {
    let api = Api::new(pool).await;
    let before = api
        .ask(&api.client(), "GET /projects/current", ())
        .await
        .ok();
    let limit = json!({ "config": { "max_api_keys_per_owner": 1 } });
    assert_eq!(api.ask(&api.admin(), CHANGE, limit).await.ok(), before);
    let team = api.world.team("T").await;
    let ada = api.member("Ada", team, &["team_admin"]).await;
    let client = api.as_user(&ada);
    let key = |owner: &str, id: &str| json!({ "description": "key", "expires_at_millis": null, owner: id });
    let (own, of_team) = (
        key("user_id", &ada.id.to_string()),
        key("team_id", &team.to_string()),
    );
    for (what, body) in [(USER_KEY, &own), (TEAM_KEY, &of_team)] {
        api.ask(&client, what, body.clone()).await.ok();
    }
    let told = plain(
        400,
        "This user or team has reached the project's limit of valid API keys (1). Revoke a key before creating another.",
    );
    api.refuses(vec![
        row(&client, USER_KEY, own.clone(), told.clone()),
        row(&client, USER_KEY, key("user_id", "me"), told.clone()),
        row(&client, TEAM_KEY, of_team.clone(), told),
    ])
    .await;
    for who in [api.server(), api.admin()] {
        for (what, body) in [(USER_KEY, &own), (TEAM_KEY, &of_team)] {
            api.ask(&who, what, body.clone()).await.ok();
        }
    }
    let none = json!({ "config": { "max_api_keys_per_owner": null } });
    assert_eq!(api.ask(&api.admin(), CHANGE, none).await.ok(), before);
    api.ask(&client, USER_KEY, own).await.ok();
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_is_told_of_the_limits_of_a_day_and_of_teams_and_a_server_has_none(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let (client, server) = (api.as_user(&ada), api.server());
    let ids = [api.world.project.uuid(), ada.id.uuid()];
    for statement in [
        "INSERT INTO api_keys (
            project_id, api_key_id, owner_user_id, description, digest, last_four, revoked_at_millis, created_by_person
        )
        SELECT $1, new_id(), $2, 'key', sha256(new_id()::text::bytea), '0000', 1, true FROM generate_series(1, 1000)",
        "INSERT INTO teams (project_id, team_id, display_name, created_by_user_id)
        SELECT $1, new_id(), 'Team', $2 FROM generate_series(1, 100)",
    ] {
        api.world.sql(statement, &ids).await;
    }
    let key = json!({ "description": "key", "expires_at_millis": null, "user_id": ada.id });
    let team = json!({ "display_name": "Team", "creator_user_id": ada.id });
    api.refuses(vec![
        row(&client, USER_KEY, key.clone(), plain(
            400,
            "This user or team has reached the project's limit of API keys created within 24 hours (1000). Wait before creating another, or create it from a server.",
        )),
        row(&client, "POST /teams", team.clone(), plain(
            400,
            "This user has reached the limit of teams that a user can create (100). Delete one of them before creating another, or create it from a server.",
        )),
    ])
    .await;
    api.ask(&server, USER_KEY, key).await.ok();
    assert_eq!(api.ask(&server, "POST /teams", team).await.status, 201);
}
