//! Permissions: granting, taking back, what is contained in what, and their definitions.

use latchkey_api::Code::*;
use latchkey_model::id::TeamId;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, Login, row},
    refusals::broken,
    told::{Told, known, schema},
};
use crate::snapshots::Snapshots;

pub struct Ground {
    pub api: Api,
    pub team: TeamId,
    pub admin: Login,
    pub member: Login,
    pub outsider: Login,
}

impl Ground {
    pub async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        let team = api.world.team("Team").await;
        Self {
            admin: api.member("Admin", team, &["team_admin"]).await,
            member: api.member("Member", team, &["team_member"]).await,
            outsider: api.user("Outsider").await,
            api,
            team,
        }
    }

    pub fn grant(&self, login: &Login, permission: &str) -> String {
        format!(
            "POST /team-permissions/{}/{}/{permission}",
            self.team, login.id
        )
    }

    pub fn take_back(&self, login: &Login, permission: &str) -> String {
        format!(
            "DELETE /team-permissions/{}/{}/{permission}",
            self.team, login.id
        )
    }

    /// What this member holds, by names.
    pub async fn held(&self, login: &Login, recursive: bool) -> Vec<String> {
        let what = format!(
            "GET /team-permissions?team_id={}&user_id=me&recursive={recursive}",
            self.team
        );
        let list = self.api.ask(&self.api.as_user(login), &what, ()).await.ok();
        assert_eq!(list["is_paginated"], false);
        list["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| {
                let id = item["id"].as_str().expect("a name").to_owned();
                assert_eq!(
                    item,
                    &json!({ "id": id, "user_id": login.id, "team_id": self.team })
                );
                id
            })
            .collect()
    }

    pub async fn define(&self, id: &str, contained: &[&str]) -> Value {
        let body = json!({ "id": id, "contained_permission_ids": contained });
        let answer = self
            .api
            .ask(&self.api.admin(), "POST /team-permission-definitions", body)
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.ok()
    }
}

pub fn unknown(id: &str) -> Told {
    known(
        PermissionNotFound,
        format!("Permission \"{id}\" not found."),
    )
    .with(json!({ "permission_id": id }))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_grant_is_made_once_and_taken_back_once(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team, member) = (&ground.api, ground.team, &ground.member);
    let server = api.server();
    let snapshots = Snapshots::default()
        .named(team, "team")
        .named(member.id, "member");
    for (who, permission, name) in [
        (&server, "$manage_api_keys", "system_permission"),
        (&api.admin(), "team_admin", "role"),
        (&server, "$update_team", "other_system_permission"),
    ] {
        for sent in [json!({}), Value::Null] {
            let granted = api.ask(who, &ground.grant(member, permission), sent).await;
            snapshots.check(&format!("{name}_granted"), &granted);
        }
        let held = ground.held(member, false).await;
        assert!(held.contains(&permission.to_owned()));
        let taken = ground.take_back(member, permission);
        let taken = api.ask(who, &taken, ()).await;
        snapshots.check("permission_taken_back", &taken);
        assert_eq!(ground.held(member, false).await, ["team_member"]);
    }
    let as_member = server.with("access-token", &member.access);
    let what = format!("POST /team-permissions/{team}/me/team_admin");
    api.ask(&as_member, &what, json!({})).await.ok();
    let held = ground.held(member, false).await;
    assert_eq!(held, ["team_admin", "team_member"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_granted_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team.uuid());
    let (member, outsider) = (&ground.member, &ground.outsider);
    let no_member = |team: Uuid, user: Uuid| {
        let message = format!("User {user} is not found in team {team}.");
        known(TeamMembershipNotFound, message).with(json!({ "team_id": team, "user_id": user }))
    };
    let other = api.another_project().await;
    let foreign_team = other.world.team("Foreign").await.uuid();
    let (nil, id) = (Uuid::nil(), member.id.uuid());
    let at = |team, user| format!("POST /team-permissions/{team}/{user}/team_admin");
    let server = api.server();
    let told = |what, told| row(&server, what, json!({}), told);
    api.refuses(vec![
        told(ground.grant(member, "unknown"), unknown("unknown")),
        told(ground.grant(outsider, "unknown"), unknown("unknown")),
        told(
            ground.grant(outsider, "team_admin"),
            no_member(team, outsider.id.uuid()),
        ),
        told(at(team, nil), no_member(team, nil)),
        told(at(nil, id), no_member(nil, id)),
        told(at(foreign_team, id), no_member(foreign_team, id)),
    ])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_not_held_cannot_be_taken_back(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let team = ground.team;
    let server = ground.api.server();
    let mut rows = Vec::new();
    for (login, id) in [
        (&ground.member, "team_admin"),
        (&ground.member, "$read_members"),
        (&ground.member, "unknown"),
        (&ground.outsider, "team_admin"),
    ] {
        let user = login.id;
        let message = format!("User {user} does not have permission {id} in team {team}.");
        let not_held = known(TeamPermissionNotFound, message)
            .with(json!({ "team_id": team, "user_id": user, "permission_id": id }));
        rows.push(row(&server, ground.take_back(login, id), (), not_held));
    }
    ground.api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_no_name_of_a_permission_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (server, member) = (ground.api.server(), &ground.member);
    let form =
        "params.permission_id must consist of lowercase letters, digits, underscores and colons";
    let no_system = "params.permission_id Invalid system permission";
    let mut rows = Vec::new();
    for (id, problem) in [
        ("$unknown", no_system),
        ("$", no_system),
        ("$Update_team", no_system),
        ("Team_admin", form),
        ("team-admin", form),
        ("a%20b", form),
        ("%C3%A9", form),
        (&"x".repeat(256), form),
    ] {
        for what in [ground.grant(member, id), ground.take_back(member, id)] {
            rows.extend(broken(&server, &what, [(json!({}), problem)]));
        }
    }
    let what = "POST /team-permissions/x/y/Z";
    let all = [
        "params.team_id must be a valid UUID",
        "params.user_id must be a valid UUID",
        form,
    ];
    rows.push(row(&server, what, json!({}), schema(what, &all)));
    ground.api.refuses(rows).await;
}
