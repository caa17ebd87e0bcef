//! What goes with what.

use latchkey_model::id::TeamId;
use serde_json::json;
use sqlx::PgPool;

use super::{
    http::{Api, Login},
    key_check::checking,
    user_keys::new_key,
};

const HELD: [(&str, &str); 4] = [
    (
        "keys",
        "SELECT count(*) FROM api_keys WHERE $1 IN (owner_user_id, owner_team_id)",
    ),
    (
        "sessions",
        "SELECT count(*) FROM sessions WHERE user_id = $1",
    ),
    (
        "memberships",
        "SELECT count(*) FROM memberships WHERE $1 IN (user_id, team_id)",
    ),
    (
        "grants",
        "SELECT count(*) FROM team_permission_grants WHERE $1 IN (user_id, team_id)",
    ),
];

struct Ground {
    api: Api,
    team: TeamId,
    ada: Login,
}

impl Ground {
    async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let team = api.world.team("Team").await;
        let ada = api.member("Ada", team, &["team_admin"]).await;
        Self { api, team, ada }
    }

    /// How many of each hang on this user or team.
    async fn counts(&self, id: uuid::Uuid) -> [i64; 4] {
        let mut counts = [0; 4];
        for (count, (_, statement)) in counts.iter_mut().zip(HELD) {
            *count = self.api.world.number(statement, &[id]).await;
        }
        counts
    }

    async fn check(&self, kind: &str, key: &serde_json::Value) -> String {
        let what = format!("POST /{kind}-api-keys/check");
        self.api
            .ask(&self.api.server(), &what, checking(key))
            .await
            .short()
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn with_a_user_go_their_keys_sessions_and_memberships(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, id) = (&ground.api, ground.ada.id);
    let own = api
        .ask(
            &api.as_user(&ground.ada),
            "POST /user-api-keys",
            new_key("user_id", "me"),
        )
        .await
        .ok();
    let teams = api
        .ask(
            &api.as_user(&ground.ada),
            "POST /team-api-keys",
            new_key("team_id", ground.team),
        )
        .await
        .ok();
    assert_eq!(ground.counts(id.uuid()).await, [1, 2, 1, 1]);
    let gone = api
        .ask(&api.as_user(&ground.ada), "DELETE /users/me", json!({}))
        .await;
    assert_eq!(gone.ok(), json!({ "success": true }));
    assert_eq!(ground.counts(id.uuid()).await, [0, 0, 0, 0]);
    assert_eq!(ground.check("user", &own).await, "404 API_KEY_NOT_FOUND");
    assert_eq!(
        ground.check("team", &teams).await,
        "200",
        "the team's key stays, whoever made it"
    );
    let what = format!("GET /users/{id}");
    assert_eq!(
        api.ask(&api.server(), &what, ()).await.short(),
        "404 USER_NOT_FOUND"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn with_a_team_go_its_keys_and_memberships(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let who = api.as_user(&ground.ada);
    let key = api
        .ask(&who, "POST /team-api-keys", new_key("team_id", team))
        .await
        .ok();
    let own = api
        .ask(&who, "POST /user-api-keys", new_key("user_id", "me"))
        .await
        .ok();
    api.ask(&who, "PATCH /users/me", json!({ "selected_team_id": team }))
        .await
        .ok();
    assert_eq!(ground.counts(team.uuid()).await, [1, 0, 1, 1]);
    assert_eq!(
        api.ask(&who, &format!("DELETE /teams/{team}"), json!({}))
            .await
            .ok(),
        json!({ "success": true })
    );
    assert_eq!(ground.counts(team.uuid()).await, [0, 0, 0, 0]);
    assert_eq!(ground.check("team", &key).await, "404 API_KEY_NOT_FOUND");
    assert_eq!(ground.check("user", &own).await, "200");
    let me = api.ask(&who, "GET /users/me", ()).await.ok();
    assert!(me["selected_team"].is_null() && me["selected_team_id"].is_null());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn with_a_membership_go_its_grants_and_the_teams_keys_stay(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team, id) = (&ground.api, ground.team, ground.ada.id);
    let who = api.as_user(&ground.ada);
    let key = api
        .ask(&who, "POST /team-api-keys", new_key("team_id", team))
        .await
        .ok();
    api.ask(&who, "PATCH /users/me", json!({ "selected_team_id": team }))
        .await
        .ok();
    let leave = format!("DELETE /team-memberships/{team}/me");
    assert_eq!(
        api.ask(&who, &leave, json!({})).await.ok(),
        json!({ "success": true })
    );
    assert_eq!(ground.counts(id.uuid()).await[2..], [0, 0]);
    assert_eq!(ground.check("team", &key).await, "200");
    let me = api.ask(&who, "GET /users/me", ()).await.ok();
    assert!(me["selected_team_id"].is_null());
    // Whoever comes back is a plain member.
    api.ask(
        &api.server(),
        &format!("POST /team-memberships/{team}/{id}"),
        json!({}),
    )
    .await
    .ok();
    let list = format!("GET /team-api-keys?team_id={team}");
    assert_eq!(
        api.ask(&who, &list, ()).await.short(),
        "404 API_KEY_NOT_FOUND"
    );
}
