//! Teams and who is in them.

use latchkey_api::Code::*;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    refusals::broken,
    told::{Told, known},
    user_keys::no_user,
};

pub fn no_team(team: impl ToString) -> Told {
    let team = team.to_string();
    known(TeamNotFound, format!("Team {team} not found.")).with(json!({ "team_id": team }))
}

pub fn required(user: impl ToString, team: impl ToString, permission: &str) -> Told {
    let (user, team) = (user.to_string(), team.to_string());
    known(
        TeamPermissionRequired,
        format!("User {user} does not have permission {permission} in team {team}."),
    )
    .with(json!({ "team_id": team, "user_id": user, "permission_id": permission }))
}

pub fn client_team(id: &Value, name: &str) -> Value {
    json!({
        "id": id, "display_name": name, "profile_image_url": null, "client_metadata": null,
        "client_read_only_metadata": null,
    })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_team_is_changed_by_whoever_may(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let ada = api.member("Ada", team, &["$update_team"]).await;
    let what = format!("PATCH /teams/{team}");
    let mut expected = client_team(&json!(team), "Team");
    for (name, value) in [
        ("display_name", json!("New name")),
        ("profile_image_url", json!("https://a.example/b")),
        ("client_metadata", json!({ "a": null })),
        ("profile_image_url", Value::Null),
        ("client_metadata", Value::Null),
    ] {
        expected[name] = value.clone();
        assert_eq!(
            api.ask(&api.as_user(&ada), &what, json!({ name: value }))
                .await
                .ok(),
            expected
        );
    }
    assert_eq!(
        api.ask(&api.as_user(&ada), &what, json!({})).await.ok(),
        expected
    );
    for who in [api.server(), api.admin()] {
        let body = json!({ "server_metadata": 1, "client_read_only_metadata": 2 });
        let seen = api.ask(&who, &what, body).await.ok();
        assert_eq!(
            (&seen["server_metadata"], &seen["client_read_only_metadata"]),
            (&json!(1), &json!(2))
        );
        let seen = api
            .ask(
                &who,
                &what,
                json!({ "server_metadata": null, "client_read_only_metadata": null }),
            )
            .await
            .ok();
        assert_eq!(seen["server_metadata"], Value::Null);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_may_not_change_a_team_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let member = api.member("Member", team, &["team_member"]).await;
    let outsider = api.user("Outsider").await;
    let (own, nobody) = (api.as_user(&member), api.client());
    let path = format!("/teams/{team}");
    let name = json!({ "display_name": "Else" });
    let mut rows = vec![row(&nobody, format!("GET {path}"), (), no_user())];
    for (method, permission) in [("PATCH", "$update_team"), ("DELETE", "$delete_team")] {
        let what = format!("{method} {path}");
        let required = required(member.id, team, permission);
        rows.push(row(&own, &what[..], name.clone(), required));
        rows.push(row(&nobody, what, name.clone(), no_user()));
    }
    for method in ["GET", "PATCH", "DELETE"] {
        let what = format!("{method} {path}");
        let outsider = api.as_user(&outsider);
        rows.push(row(&outsider, what, name.clone(), no_team(team)));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_team_that_is_not_there_is_not_found(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let foreign_team = other.world.team("Foreign").await.uuid();
    let team = api.world.team("Team").await;
    let member = api.member("Member", team, &["team_member"]).await;
    let name = json!({ "display_name": "Else" });
    let mut rows = Vec::new();
    for method in ["GET", "PATCH", "DELETE"] {
        for who in [&api.as_user(&member), &api.server(), &api.admin()] {
            for id in [foreign_team, Uuid::nil()] {
                let what = format!("{method} /teams/{id}");
                rows.push(row(who, what, name.clone(), no_team(id)));
            }
            let what = format!("{method} /teams/me");
            let problem = "params.team_id must be a valid UUID";
            rows.extend(broken(who, &what, [(name.clone(), problem)]));
        }
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_wrong_with_a_change_of_a_team_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let team = api.world.team("Team").await;
    let member = api.member("Member", team, &["team_member"]).await;
    let what = format!("PATCH /teams/{team}");
    let (empty, null, creator, metadata) = (
        "body.display_name must not be empty",
        "body.display_name cannot be null",
        "body contains unknown properties: creator_user_id",
        "body contains unknown properties: server_metadata",
    );
    let mut rows = broken(
        &api.server(),
        &what,
        [
            (json!({ "display_name": "" }), empty),
            (json!({ "display_name": null }), null),
            (json!({ "creator_user_id": "me" }), creator),
        ],
    );
    let body = json!({ "server_metadata": 1 });
    rows.extend(broken(&api.as_user(&member), &what, [(body, metadata)]));
    api.refuses(rows).await;
}
