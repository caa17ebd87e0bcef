//! The routes of users' keys and of teams', which take the same requests.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::http::{Api, As, Login};

/// The routes of one kind of keys.
pub struct Routes {
    pub create: &'static str,
    pub owner: &'static str,
    pub id: Uuid,
}

pub struct Ground {
    pub api: Api,
    pub login: Login,
    pub routes: [Routes; 2],
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let team = api.world.team("Team").await;
        let login = api.member("Ada", team, &["team_admin"]).await;
        let routes = [
            Routes {
                create: "POST /user-api-keys",
                owner: "user_id",
                id: login.id.uuid(),
            },
            Routes {
                create: "POST /team-api-keys",
                owner: "team_id",
                id: team.uuid(),
            },
        ];
        Self { api, login, routes }
    }

    /// Whoever may make such keys.
    pub fn makers(&self) -> [As; 3] {
        [
            self.api.as_user(&self.login),
            self.api.server(),
            self.api.admin(),
        ]
    }

    /// Creates a key, and returns the request that changes it.
    pub async fn change_of_a_new_key(&self, routes: &Routes, who: &As) -> String {
        let key = self.api.ask(who, routes.create, routes.body()).await.ok();
        let (_, path) = routes.create.split_once(' ').expect("a path");
        let id = key["id"].as_str().expect("an id");
        match routes.owner {
            "team_id" => format!("PATCH {path}/{id}?team_id={}", routes.id),
            _ => format!("PATCH {path}/{id}"),
        }
    }
}

impl Routes {
    pub fn body(&self) -> Value {
        json!({ "description": "key", "expires_at_millis": null, self.owner: self.id })
    }

    pub fn but(&self, name: &str, value: impl Into<Value>) -> Value {
        let mut body = self.body();
        body[name] = value.into();
        body
    }

    pub fn less(&self, name: &str) -> Value {
        let mut body = self.body();
        body.as_object_mut().expect("an object").remove(name);
        body
    }
}

pub const LATEST: i64 = 8_640_000_000_000_000;
