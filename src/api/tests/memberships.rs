//! Who comes into a team and goes.

use latchkey_api::Code::*;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    teams::{no_team, required},
    told::known,
    user_keys::no_user,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn members_come_by_servers_and_go_as_they_like(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let foreign = other.user("Foreign").await;
    let team = api.world.team("Team").await;
    let (ada, bob, eve) = (
        api.user("Ada").await,
        api.user("Bob").await,
        api.user("Eve").await,
    );
    let at = |id: &dyn std::fmt::Display| format!("/team-memberships/{team}/{id}");
    for (who, id) in [
        (api.server(), ada.id.to_string()),
        (api.admin(), bob.id.to_string()),
        (
            api.server().with("access-token", &eve.access),
            "me".to_owned(),
        ),
    ] {
        let answer = api.ask(&who, &format!("POST {}", at(&id)), json!({})).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.ok()["team_id"], json!(team));
    }
    let held = api
        .ask(
            &api.server(),
            &format!("GET /team-permissions?team_id={team}"),
            (),
        )
        .await
        .ok();
    let held: Vec<_> = held["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert_eq!(held, ["team_member"; 3]);
    let (own, server) = (api.as_user(&ada), api.server());
    let missing = |user: &dyn std::fmt::Display| {
        known(
            TeamMembershipNotFound,
            format!("User {user} is not found in team {team}."),
        )
        .with(json!({ "team_id": team, "user_id": user.to_string() }))
    };
    let nil = Uuid::nil();
    let nowhere = format!("/team-memberships/{nil}/{}", ada.id);
    let outsider = api.user("Outsider").await;
    api.refuses(vec![
        row(
            &server,
            format!("POST {}", at(&ada.id)),
            json!({}),
            known(
                TeamMembershipAlreadyExists,
                "Team membership already exists.",
            ),
        ),
        row(
            &server,
            format!("POST {}", at(&nil)),
            json!({}),
            known(UserNotFound, "User not found."),
        ),
        row(
            &server,
            format!("POST {}", at(&foreign.id)),
            json!({}),
            known(UserNotFound, "User not found."),
        ),
        row(&server, format!("POST {nowhere}"), json!({}), no_team(nil)),
        row(&server, format!("DELETE {nowhere}"), (), no_team(nil)),
        row(
            &server,
            format!("DELETE {}", at(&foreign.id)),
            (),
            missing(&foreign.id),
        ),
        row(
            &server,
            format!("DELETE {}", at(&outsider.id)),
            (),
            missing(&outsider.id),
        ),
        row(
            &own,
            format!("DELETE {}", at(&bob.id)),
            (),
            required(ada.id, team, "$remove_members"),
        ),
        row(
            &own,
            format!("DELETE {}", at(&nil)),
            (),
            required(ada.id, team, "$remove_members"),
        ),
        row(&own, format!("DELETE {nowhere}"), (), no_team(nil)),
        row(
            &api.as_user(&outsider),
            format!("DELETE {}", at(&bob.id)),
            (),
            no_team(team),
        ),
        row(
            &api.client(),
            format!("DELETE {}", at(&bob.id)),
            (),
            no_user(),
        ),
    ])
    .await;
    api.world.grant(team, ada.id, "$remove_members").await;
    for (who, id) in [
        (own.clone(), bob.id.to_string()),
        (own, "me".to_owned()),
        (server, eve.id.to_string()),
    ] {
        let gone = api
            .ask(&who, &format!("DELETE {}", at(&id)), json!({}))
            .await
            .ok();
        assert_eq!(gone, json!({ "success": true }));
    }
    assert_eq!(
        api.world
            .number("SELECT count(*) FROM memberships", &[])
            .await,
        0
    );
}
