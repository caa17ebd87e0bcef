//! Teams' keys: who may make, see and change which.

use latchkey_model::id::TeamId;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Api, As, Login},
    user_keys::{hidden, new_key},
};
use crate::snapshots::Snapshots;

pub const CREATE: &str = "POST /team-api-keys";

pub fn id(key: &Value) -> &str {
    key["id"].as_str().expect("an id")
}

pub struct Ground {
    pub api: Api,
    pub team: TeamId,
    pub admin: Login,
    pub member: Login,
    pub outsider: Login,
    pub other_admin: Login,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let team = api.world.team("Team").await;
        let other = api.world.team("Other").await;
        Self {
            admin: api.member("Admin", team, &["team_admin"]).await,
            member: api
                .member("Member", team, &["team_member", "$update_team"])
                .await,
            outsider: api.user("Outsider").await,
            other_admin: api.member("Other admin", other, &["team_admin"]).await,
            api,
            team,
        }
    }

    /// Whoever may manage the team's keys, by a role or directly.
    pub async fn managers(&self) -> [As; 5] {
        let api = &self.api;
        for (id, contained) in [("inner", "$manage_api_keys"), ("keeper", "inner")] {
            let body = json!({ "id": id, "contained_permission_ids": [contained] });
            let define = "POST /team-permission-definitions";
            api.ask(&api.admin(), define, body).await.ok();
        }
        let member = async |name, permission| api.member(name, self.team, &[permission]).await;
        [
            api.as_user(&self.admin),
            api.as_user(&member("Direct", "$manage_api_keys").await),
            api.as_user(&member("Nested", "keeper").await),
            api.server(),
            api.admin(),
        ]
    }

    pub async fn make(&self, who: &As) -> Value {
        self.api
            .ask(who, CREATE, new_key("team_id", self.team))
            .await
            .ok()
    }

    pub fn path(&self, key: &Value) -> String {
        format!("/team-api-keys/{}?team_id={}", id(key), self.team)
    }

    /// All that can be asked of this key.
    pub fn everything(&self, key: &Value) -> [(String, Value); 4] {
        let path = self.path(key);
        [
            (CREATE.to_owned(), new_key("team_id", self.team)),
            (
                format!("GET /team-api-keys?team_id={}", self.team),
                Value::Null,
            ),
            (format!("GET {path}"), Value::Null),
            (
                format!("PATCH {path}"),
                json!({ "description": "changed", "revoked": true }),
            ),
        ]
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_manages_a_teams_keys_makes_shows_lists_and_changes_them(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let snapshots = Snapshots::default().named(team, "team");
    for who in ground.managers().await {
        let created = api.ask(&who, CREATE, new_key("team_id", team)).await;
        snapshots.check("team_key_created", &created);
        let key = created.ok();
        let path = ground.path(&key);
        let shown = api.ask(&who, &format!("GET {path}"), ()).await;
        snapshots.check("team_key_shown", &shown);
        assert_eq!(shown.ok(), hidden(&key));
        let list = format!("GET /team-api-keys?team_id={team}");
        let list = api.ask(&who, &list, ()).await;
        snapshots.check("team_keys_listed", &list);
        let change = format!("PATCH {path}");
        let same = api.ask(&who, &change, json!({})).await;
        assert_eq!(same.ok(), hidden(&key));
        let body = json!({ "description": "changed", "revoked": true });
        let changed = api.ask(&who, &change, body).await;
        snapshots.check("team_key_changed", &changed);
        api.world.sql("DELETE FROM api_keys", &[]).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_is_revoked_twice_ended_the_first_time(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let key = ground.make(&api.server()).await;
    let revoke = format!("PATCH {}", ground.path(&key));
    let body = json!({ "revoked": true });
    api.ask(&api.server(), &revoke, body.clone()).await.ok();
    let earlier = "UPDATE api_keys SET revoked_at_millis = 5 WHERE api_key_id = $1";
    let key = id(&key).parse().expect("an id");
    api.world.sql(earlier, &[key]).await;
    for who in ground.managers().await {
        let again = api.ask(&who, &revoke, body.clone()).await.ok();
        assert_eq!(again["manually_revoked_at_millis"], 5);
    }
}
