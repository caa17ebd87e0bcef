//! A project administrator's token, which takes the place of the project's keys.

use latchkey_api::Code::*;
use serde_json::json;
use sqlx::PgPool;

use super::{
    callers::{WRONG, insufficient, unparsable},
    http::{Api, As, Login, row},
    refusals::by_each,
    tokens::{ends_at, expired, issued_by, session_of},
    told::known,
};
use crate::project_keys::{WHAT, no_admin_key};

const DEFINITIONS: &str = "GET /team-permission-definitions";

/// A project with an administrator who is signed in, and a user who is not an administrator.
struct Ground {
    api: Api,
    boss: Login,
    user: Login,
}

impl Ground {
    async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let ground = Self {
            boss: api.user("Boss").await,
            user: api.user("User").await,
            api,
        };
        ground.promote(&ground.boss, true).await;
        ground
    }

    async fn promote(&self, login: &Login, is_admin: bool) {
        let promote = format!("UPDATE users SET is_project_admin = {is_admin} WHERE user_id = $1");
        self.api.world.sql(&promote, &[login.id.uuid()]).await;
    }

    fn by(&self, access_type: &str, token: &str) -> As {
        self.api
            .client()
            .with("access-type", access_type)
            .with("admin-access-token", token)
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_admins_token_takes_the_place_of_every_key(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    for (access_type, what) in [
        ("client", WHAT),
        ("server", WHAT),
        ("admin", WHAT),
        ("server", "GET /users"),
        ("admin", DEFINITIONS),
    ] {
        let who = ground.by(access_type, &ground.boss.access);
        // Also where a key comes along that is wrong.
        let keyed = who
            .with("secret-server-key", WRONG)
            .with("publishable-client-key", "pck_wrong");
        for who in [who, keyed] {
            let answer = api.ask(&who, what, ()).await;
            assert_eq!(answer.status, 200, "{access_type} {what}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_that_is_no_project_admins_is_refused(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, boss, user) = (&ground.api, &ground.boss, &ground.user);
    let other = api.another_project().await;
    let foreign = other.user("Boss").await;
    ground.promote(&foreign, true).await;
    let old = issued_by(api, boss, -601_000).await;
    let expired = expired().with(json!({
        "expired_at_millis": ends_at(&old),
        "project_id": api.project(),
        "user_id": boss.id,
        "refresh_token_id": session_of(&old),
    }));
    let (here, there) = (api.project(), other.project());
    let message =
        format!("Access token is for project {there}, but the request is for project {here}.");
    let elsewhere = known(InvalidProjectForAccessToken, message)
        .with(json!({ "expected_project_id": here, "actual_project_id": there }));
    let by = |access_type: &str, token: &str| ground.by(access_type, token);
    let mut rows = by_each(
        DEFINITIONS,
        [
            (by("admin", &user.access), no_admin_key()),
            (by("admin", "garbage"), unparsable()),
            (by("admin", &old), expired),
            (by("admin", &foreign.access), elsewhere),
        ],
    );
    let client = by("client", &user.access);
    rows.push(row(&client, WHAT, (), no_admin_key()));
    // The access type stays what the request says.
    let client = by("client", &boss.access);
    rows.push(row(&client, "GET /users", (), insufficient()));
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_is_no_project_admin_any_more_is_refused_at_once(pool: PgPool) {
    let ground = Ground::new(pool).await;
    ground.promote(&ground.boss, false).await;
    let who = ground.by("admin", &ground.boss.access);
    let rows = by_each(DEFINITIONS, [(who, no_admin_key())]);
    ground.api.refuses(rows).await;
}
