//! Who comes into a team and goes.

use std::fmt::Display;

use latchkey_api::Code::*;
use latchkey_model::id::{TeamId, UserId};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, Login, row},
    teams::{no_team, required},
    told::known,
    user_keys::no_user,
};

/// A team with Ada, Bob and Eve in it, and an outsider.
struct Ground {
    api: Api,
    team: TeamId,
    ada: Login,
    bob: Login,
    eve: Login,
    outsider: Login,
}

impl Ground {
    async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let team = api.world.team("Team").await;
        Self {
            ada: api.member("Ada", team, &["team_member"]).await,
            bob: api.member("Bob", team, &["team_member"]).await,
            eve: api.member("Eve", team, &["team_member"]).await,
            outsider: api.user("Outsider").await,
            api,
            team,
        }
    }

    fn add(&self, user: impl Display) -> String {
        format!("POST /team-memberships/{}/{user}", self.team)
    }

    fn remove(&self, user: impl Display) -> String {
        format!("DELETE /team-memberships/{}/{user}", self.team)
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_adds_members_who_get_the_members_role(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let (ada, bob, eve) = (
        api.user("Ada").await,
        api.user("Bob").await,
        api.user("Eve").await,
    );
    let as_eve = api.server().with("access-token", &eve.access);
    for (who, id) in [
        (api.server(), ada.id.to_string()),
        (api.admin(), bob.id.to_string()),
        (as_eve, "me".to_owned()),
    ] {
        let what = format!("POST /team-memberships/{team}/{id}");
        let answer = api.ask(&who, &what, json!({})).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.ok()["team_id"], json!(team));
    }
    let what = format!("GET /team-permissions?team_id={team}");
    let held = api.ask(&api.server(), &what, ()).await.items();
    let held: Vec<_> = held.iter().map(|item| item["id"].clone()).collect();
    assert_eq!(held, ["team_member"; 3]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn somebody_who_cannot_be_added_or_removed_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let foreign = api.another_project().await.user("Foreign").await.id;
    let (nil, outsider) = (Uuid::nil(), ground.outsider.id);
    let exists = known(
        TeamMembershipAlreadyExists,
        "Team membership already exists.",
    );
    let missing = |user: UserId| {
        let message = format!("User {user} is not found in team {team}.");
        known(TeamMembershipNotFound, message).with(json!({ "team_id": team, "user_id": user }))
    };
    let no_user = known(UserNotFound, "User not found.");
    let nowhere = format!("/team-memberships/{nil}/{}", ground.ada.id);
    let told = |what: String, told| row(&api.server(), what, json!({}), told);
    api.refuses(vec![
        told(ground.add(ground.ada.id), exists),
        told(ground.add(nil), no_user.clone()),
        told(ground.add(foreign), no_user),
        told(format!("POST {nowhere}"), no_team(nil)),
        told(format!("DELETE {nowhere}"), no_team(nil)),
        told(ground.remove(foreign), missing(foreign)),
        told(ground.remove(outsider), missing(outsider)),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_may_not_remove_members_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team, ada) = (&ground.api, ground.team, &ground.ada);
    let (own, nil) = (api.as_user(ada), Uuid::nil());
    let nowhere = format!("DELETE /team-memberships/{nil}/{}", ada.id);
    let required = required(ada.id, team, "$remove_members");
    let outsider = api.as_user(&ground.outsider);
    let bob = ground.remove(ground.bob.id);
    api.refuses(vec![
        row(&own, &bob[..], (), required.clone()),
        row(&own, ground.remove(nil), (), required),
        row(&own, nowhere, (), no_team(nil)),
        row(&outsider, &bob[..], (), no_team(team)),
        row(&api.client(), &bob[..], (), no_user()),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn members_go_as_they_like_and_others_by_whoever_may(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let own = api.as_user(&ground.ada);
    api.world
        .grant(ground.team, ground.ada.id, "$remove_members")
        .await;
    for (who, id) in [
        (&own, ground.bob.id.to_string()),
        (&own, "me".to_owned()),
        (&api.server(), ground.eve.id.to_string()),
    ] {
        let gone = api.ask(who, &ground.remove(id), json!({})).await.ok();
        assert_eq!(gone, json!({ "success": true }));
    }
    let members = "SELECT count(*) FROM memberships";
    assert_eq!(api.world.number(members, &[]).await, 0);
}
