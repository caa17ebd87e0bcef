//! Permissions: granting, taking back, what is contained in what, and their definitions.

use latchkey_api::Code::*;
use latchkey_model::{id::TeamId, permission};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, Login, row},
    told::{Told, known, plain, schema},
};

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

fn unknown(id: &str) -> Told {
    known(
        PermissionNotFound,
        format!("Permission \"{id}\" not found."),
    )
    .with(json!({ "permission_id": id }))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_grant_is_made_once_and_taken_back_once(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let server = api.server();
    for (who, permission) in [
        (&server, "$manage_api_keys"),
        (&api.admin(), "team_admin"),
        (&server, "$update_team"),
    ] {
        let held = json!({ "id": permission, "user_id": ground.member.id, "team_id": team });
        for sent in [json!({}), Value::Null] {
            let answer = api
                .ask(who, &ground.grant(&ground.member, permission), sent)
                .await;
            assert_eq!((answer.status, answer.ok()), (201, held.clone()));
        }
        assert!(
            ground
                .held(&ground.member, false)
                .await
                .contains(&permission.to_owned())
        );
        let taken = api
            .ask(who, &ground.take_back(&ground.member, permission), ())
            .await;
        assert_eq!(
            (taken.status, taken.ok()),
            (200, json!({ "success": true }))
        );
        assert_eq!(ground.held(&ground.member, false).await, ["team_member"]);
    }
    let as_member = server.with("access-token", &ground.member.access);
    api.ask(
        &as_member,
        &format!("POST /team-permissions/{team}/me/team_admin"),
        json!({}),
    )
    .await
    .ok();
    assert_eq!(
        ground.held(&ground.member, false).await,
        ["team_admin", "team_member"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_granted_or_taken_back_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let (server, member, outsider) = (api.server(), &ground.member, &ground.outsider);
    let no_member = |team: Uuid, user: Uuid| {
        known(
            TeamMembershipNotFound,
            format!("User {user} is not found in team {team}."),
        )
        .with(json!({ "team_id": team, "user_id": user }))
    };
    let not_held = |user: Uuid, id: &str| {
        known(
            TeamPermissionNotFound,
            format!("User {user} does not have permission {id} in team {team}."),
        )
        .with(json!({ "team_id": team, "user_id": user, "permission_id": id }))
    };
    let other = api.another_project().await;
    let foreign_team = other.world.team("Foreign").await;
    let nil = Uuid::nil();
    let mut rows = vec![
        row(
            &server,
            ground.grant(member, "unknown"),
            json!({}),
            unknown("unknown"),
        ),
        row(
            &server,
            ground.grant(outsider, "unknown"),
            json!({}),
            unknown("unknown"),
        ),
        row(
            &server,
            ground.grant(outsider, "team_admin"),
            json!({}),
            no_member(team.uuid(), outsider.id.uuid()),
        ),
        row(
            &server,
            format!("POST /team-permissions/{team}/{nil}/team_admin"),
            json!({}),
            no_member(team.uuid(), nil),
        ),
        row(
            &server,
            format!("POST /team-permissions/{nil}/{}/team_admin", member.id),
            json!({}),
            no_member(nil, member.id.uuid()),
        ),
        row(
            &server,
            format!(
                "POST /team-permissions/{foreign_team}/{}/team_admin",
                member.id
            ),
            json!({}),
            no_member(foreign_team.uuid(), member.id.uuid()),
        ),
        row(
            &server,
            ground.take_back(member, "team_admin"),
            (),
            not_held(member.id.uuid(), "team_admin"),
        ),
        row(
            &server,
            ground.take_back(member, "$read_members"),
            (),
            not_held(member.id.uuid(), "$read_members"),
        ),
        row(
            &server,
            ground.take_back(member, "unknown"),
            (),
            not_held(member.id.uuid(), "unknown"),
        ),
        row(
            &server,
            ground.take_back(outsider, "team_admin"),
            (),
            not_held(outsider.id.uuid(), "team_admin"),
        ),
    ];
    let form =
        "params.permission_id must consist of lowercase letters, digits, underscores and colons";
    for (id, problem) in [
        ("$unknown", "params.permission_id Invalid system permission"),
        ("$", "params.permission_id Invalid system permission"),
        (
            "$Update_team",
            "params.permission_id Invalid system permission",
        ),
        ("Team_admin", form),
        ("team-admin", form),
        ("a%20b", form),
        ("%C3%A9", form),
        (&"x".repeat(256), form),
    ] {
        for what in [ground.grant(member, id), ground.take_back(member, id)] {
            rows.push(row(
                &server,
                &what[..],
                json!({}),
                schema(&what, &[problem]),
            ));
        }
    }
    let what = "POST /team-permissions/x/y/Z";
    rows.push(row(
        &server,
        what,
        json!({}),
        schema(
            what,
            &[
                "params.team_id must be a valid UUID",
                "params.user_id must be a valid UUID",
                form,
            ],
        ),
    ));
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_contained_is_held_too(pool: PgPool) {
    let ground = Ground::new(pool).await;
    assert_eq!(ground.held(&ground.member, false).await, ["team_member"]);
    assert_eq!(
        ground.held(&ground.member, true).await,
        ["$invite_members", "$read_members", "team_member"]
    );
    let mut all = permission::SYSTEM.map(str::to_owned).to_vec();
    all.push("team_admin".to_owned());
    all.sort();
    assert_eq!(ground.held(&ground.admin, true).await, all);
    // Three that contain one another in a circle.
    ground.define("a", &["a", "$update_team"]).await;
    ground.define("b", &["a"]).await;
    ground.define("c", &["b"]).await;
    let circle = json!({ "contained_permission_ids": ["c", "$update_team"] });
    ground
        .api
        .ask(
            &ground.api.admin(),
            "PATCH /team-permission-definitions/a",
            circle,
        )
        .await
        .ok();
    ground
        .api
        .world
        .grant(ground.team, ground.member.id, "b")
        .await;
    assert_eq!(
        ground.held(&ground.member, true).await,
        [
            "$invite_members",
            "$read_members",
            "$update_team",
            "a",
            "b",
            "c",
            "team_member"
        ],
    );
    // A definition that has gone counts for nothing, nor does what it contained.
    ground
        .api
        .ask(
            &ground.api.admin(),
            "DELETE /team-permission-definitions/a",
            (),
        )
        .await
        .ok();
    assert_eq!(
        ground.held(&ground.member, true).await,
        ["$invite_members", "$read_members", "b", "team_member"],
    );
    assert_eq!(
        ground.held(&ground.member, false).await,
        ["b", "team_member"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_lists_its_own_permissions_and_a_server_all(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let second = api.world.team("Second").await;
    api.world
        .join(second, ground.member.id, &["$manage_api_keys"])
        .await;
    let names = async |who: &crate::http::As, query: &str| -> Vec<String> {
        let list = api
            .ask(who, &format!("GET /team-permissions{query}"), ())
            .await
            .ok();
        let items = list["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["id"].as_str().expect("a name").to_owned())
            .collect()
    };
    let (server, own) = (api.server(), api.as_user(&ground.member));
    let member = ground.member.id;
    assert_eq!(
        names(&own, "?user_id=me").await,
        ["$manage_api_keys", "team_member"]
    );
    assert_eq!(
        names(&own, &format!("?user_id={member}&team_id={second}")).await,
        ["$manage_api_keys"]
    );
    assert_eq!(
        names(&own, &format!("?user_id=me&team_id={}", Uuid::nil())).await,
        Vec::<String>::new()
    );
    assert_eq!(
        names(
            &own,
            "?user_id=me&permission_id=$read_members&recursive=true"
        )
        .await,
        ["$read_members"]
    );
    assert_eq!(
        names(&server, "").await,
        ["$manage_api_keys", "team_admin", "team_member"]
    );
    assert_eq!(
        names(&server, &format!("?team_id={team}")).await,
        ["team_admin", "team_member"]
    );
    assert_eq!(
        names(&server, "?permission_id=team_admin").await,
        ["team_admin"]
    );
    assert_eq!(
        names(&server, &format!("?user_id={}", Uuid::nil())).await,
        Vec::<String>::new()
    );
    let not_own = plain(
        403,
        "Client can only list permissions for their own user. user_id must be either \"me\" or the ID of the current user",
    );
    let admin = ground.admin.id;
    let what = "GET /team-permissions?team_id=x&user_id=y&recursive=z&more=1";
    api.refuses(vec![
        row(&own, "GET /team-permissions", (), not_own.clone()),
        row(
            &own,
            format!("GET /team-permissions?team_id={team}"),
            (),
            not_own.clone(),
        ),
        row(
            &own,
            format!("GET /team-permissions?user_id={admin}"),
            (),
            not_own.clone(),
        ),
        row(
            &api.as_user(&ground.admin),
            format!("GET /team-permissions?user_id={member}"),
            (),
            not_own.clone(),
        ),
        row(
            &api.client(),
            format!("GET /team-permissions?user_id={admin}"),
            (),
            not_own,
        ),
        row(
            &server,
            what,
            (),
            schema(
                what,
                &[
                    "query.team_id must be a valid UUID",
                    "query.user_id must be a valid UUID",
                    "query.recursive must be a `boolean` type, but the final value was: `\"z\"`.",
                    "query contains unknown properties: more",
                ],
            ),
        ),
    ])
    .await;
}
