//! Teams and who is in them.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    told::{Told, known, plain, schema},
    user_keys::no_user,
};

const FOUND: &str = "POST /teams";

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

fn client_team(id: &Value, name: &str) -> Value {
    json!({
        "id": id, "display_name": name, "profile_image_url": null, "client_metadata": null,
        "client_read_only_metadata": null,
    })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_founds_a_team_is_its_admin(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let own = api.as_user(&ada);
    let server = api.server();
    for (who, creator) in [
        (own.clone(), None),
        (own.clone(), Some("me".to_owned())),
        (own.clone(), Some(ada.id.to_string())),
        (server.clone(), Some(ada.id.to_string())),
        (
            server.with("access-token", &ada.access),
            Some("me".to_owned()),
        ),
    ] {
        let mut body = json!({ "display_name": " Team " });
        if let Some(creator) = creator {
            body["creator_user_id"] = json!(creator);
        }
        let answer = api.ask(&who, FOUND, body).await;
        assert_eq!(answer.status, 201);
        let team = answer.ok();
        let mut expected = client_team(&team["id"], "Team");
        let seen = api
            .ask(
                &own,
                &format!("GET /teams/{}", team["id"].as_str().expect("an id")),
                (),
            )
            .await
            .ok();
        assert_eq!(seen, expected);
        if team.get("created_at_millis").is_some() {
            expected["created_at_millis"] = team["created_at_millis"].clone();
            expected["server_metadata"] = Value::Null;
        }
        assert_eq!(team, expected);
        let held = format!(
            "GET /team-permissions?user_id=me&team_id={}",
            team["id"].as_str().expect("an id")
        );
        let held = api.ask(&own, &held, ()).await.ok();
        assert_eq!(
            held["items"],
            json!([{ "id": "team_admin", "user_id": ada.id, "team_id": team["id"] }])
        );
    }
    let alone = api
        .ask(
            &server.with("access-token", &ada.access),
            FOUND,
            json!({ "display_name": "Alone", "server_metadata": 1 }),
        )
        .await
        .ok();
    assert!(alone["created_at_millis"].is_i64() && alone["server_metadata"] == 1);
    let members = "SELECT count(*) FROM memberships WHERE team_id = $1";
    let id = alone["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(
        api.world.number(members, &[id]).await,
        0,
        "a server that names nobody founds an empty team"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_team_that_cannot_be_founded_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, eve, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await,
        other.user("Ada").await,
    );
    let own = api.as_user(&ada);
    let not_founder = plain(
        403,
        "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
    );
    let by = |id: Uuid| json!({ "display_name": "Team", "creator_user_id": id });
    let mut rows = vec![
        row(&own, FOUND, by(eve.id.uuid()), not_founder.clone()),
        row(&own, FOUND, by(Uuid::nil()), not_founder),
        row(
            &api.client(),
            FOUND,
            json!({ "display_name": "Team" }),
            no_user(),
        ),
        row(&api.client(), FOUND, by(ada.id.uuid()), no_user()),
        row(
            &api.server(),
            FOUND,
            by(Uuid::nil()),
            known(UserNotFound, "User not found."),
        ),
        row(
            &api.server(),
            FOUND,
            by(foreign.id.uuid()),
            known(UserNotFound, "User not found."),
        ),
        row(
            &own,
            FOUND,
            json!({ "display_name": "Team", "server_metadata": 1 }),
            schema(
                FOUND,
                &["body contains unknown properties: server_metadata"],
            ),
        ),
        row(
            &own,
            FOUND,
            json!({ "display_name": "Team", "client_read_only_metadata": 1 }),
            schema(
                FOUND,
                &["body contains unknown properties: client_read_only_metadata"],
            ),
        ),
    ];
    for (body, problem) in [
        (json!({}), "body.display_name must be defined"),
        (
            json!({ "display_name": null }),
            "body.display_name cannot be null",
        ),
        (
            json!({ "display_name": "  " }),
            "body.display_name must not be empty",
        ),
        (
            json!({ "display_name": "x".repeat(256) }),
            "body.display_name must be at most 255 characters",
        ),
        (
            json!({ "display_name": "a\nb" }),
            "body.display_name must not contain invisible or control characters",
        ),
        (
            json!({ "display_name": "T", "profile_image_url": "x" }),
            "body.profile_image_url must be a valid URL",
        ),
        (
            json!({ "display_name": "T", "client_metadata": "\0" }),
            "body.client_metadata must not contain the character NUL",
        ),
        (
            json!({ "display_name": "T", "creator_user_id": "x" }),
            "body.creator_user_id must be a valid UUID",
        ),
    ] {
        for who in [&own, &api.server()] {
            rows.push(row(who, FOUND, body.clone(), schema(FOUND, &[problem])));
        }
    }
    api.refuses(rows).await;
    api.world
        .configure(SettingsChange {
            client_team_creation_enabled: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let off = plain(403, "Client team creation is disabled for this project");
    api.refuses(vec![
        row(&own, FOUND, json!({ "display_name": "Team" }), off.clone()),
        row(&own, FOUND, by(eve.id.uuid()), off.clone()),
        row(&api.client(), FOUND, json!({ "display_name": "Team" }), off),
    ])
    .await;
    assert_eq!(
        api.ask(&api.server(), FOUND, by(ada.id.uuid()))
            .await
            .status,
        201
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn teams_are_listed_oldest_first_and_whole(pool: PgPool) {
    let api = Api::new(pool).await;
    api.another_project().await.world.team("Foreign").await;
    let ada = api.user("Ada").await;
    let mut teams = Vec::new();
    for _ in 0..4 {
        teams.push(api.world.team("New").await);
    }
    // Of several founded in one millisecond the ids tell.
    teams.sort();
    for (team, (name, when)) in
        teams
            .iter()
            .zip([("50%", 999), ("One", 1000), ("Two", 1000), ("Three", 1000)])
    {
        let change = format!(
            "UPDATE teams SET display_name = '{name}', created_at_millis = {when} WHERE team_id = $1"
        );
        api.world.sql(&change, &[team.uuid()]).await;
    }
    for team in [teams[1], teams[3]] {
        api.world.join(team, ada.id, &[]).await;
    }
    let ids: Vec<_> = teams.iter().map(|team| json!(team)).collect();
    let list = async |who: &crate::http::As, query: &str| {
        let list = api.ask(who, &format!("GET /teams{query}"), ()).await.ok();
        assert_eq!(list["is_paginated"], false);
        list["items"].as_array().expect("items").clone()
    };
    let named =
        |items: &[Value]| -> Vec<Value> { items.iter().map(|team| team["id"].clone()).collect() };
    let (own, server) = (api.as_user(&ada), api.server());
    let mine = vec![ids[1].clone(), ids[3].clone()];
    for (who, query, expected) in &[
        (&own, "?user_id=me".to_owned(), mine.clone()),
        (&own, format!("?user_id={}", ada.id), mine.clone()),
        (&server, format!("?user_id={}", ada.id), mine.clone()),
        (&server, String::new(), ids.clone()),
        (
            &server,
            "?desc=true".to_owned(),
            ids.iter().rev().cloned().collect(),
        ),
        (
            &server,
            "?limit=2&order_by=created_at".to_owned(),
            ids[..2].to_vec(),
        ),
        (
            &server,
            "?query=T".to_owned(),
            vec![ids[2].clone(), ids[3].clone()],
        ),
        (&server, "?query=%25".to_owned(), vec![ids[0].clone()]),
        (&server, format!("?user_id={}", Uuid::nil()), Vec::new()),
    ] {
        let items = list(who, query).await;
        assert_eq!(&named(&items), expected, "{query}");
        for team in items {
            assert_eq!(
                team.get("created_at_millis").is_some(),
                who.is_server(),
                "{query}"
            );
        }
    }
    let not_own = plain(
        403,
        "Client can only list teams for their own user. user_id must be either \"me\" or the ID of the current user",
    );
    let eve = api.user("Eve").await;
    let what = "GET /teams?user_id=x&limit=0&order_by=name&more=1";
    api.refuses(vec![
        row(&own, "GET /teams", (), not_own.clone()),
        row(
            &own,
            format!("GET /teams?user_id={}", eve.id),
            (),
            not_own.clone(),
        ),
        row(&api.client(), "GET /teams", (), not_own.clone()),
        row(
            &api.client(),
            format!("GET /teams?user_id={}", eve.id),
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
                    "query.user_id must be a valid UUID",
                    "query.limit must be a whole number from 1 to 4294967295",
                    "query.order_by must be one of the following values: created_at",
                    "query contains unknown properties: more",
                ],
            ),
        ),
    ])
    .await;
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
    let other = api.another_project().await;
    let foreign_team = other.world.team("Foreign").await;
    let team = api.world.team("Team").await;
    let (member, outsider) = (
        api.member("Member", team, &["team_member"]).await,
        api.user("Outsider").await,
    );
    let (own, nobody) = (api.as_user(&member), api.client());
    let path = format!("/teams/{team}");
    let name = json!({ "display_name": "Else" });
    let mut rows = Vec::new();
    for (method, permission) in [("PATCH", "$update_team"), ("DELETE", "$delete_team")] {
        rows.push(row(
            &own,
            format!("{method} {path}"),
            name.clone(),
            required(member.id, team, permission),
        ));
        rows.push(row(
            &nobody,
            format!("{method} {path}"),
            name.clone(),
            no_user(),
        ));
    }
    for method in ["GET", "PATCH", "DELETE"] {
        rows.push(row(
            &api.as_user(&outsider),
            format!("{method} {path}"),
            name.clone(),
            no_team(team),
        ));
        for who in [&own, &api.server(), &api.admin()] {
            for id in [foreign_team.uuid(), Uuid::nil()] {
                rows.push(row(
                    who,
                    format!("{method} /teams/{id}"),
                    name.clone(),
                    no_team(id),
                ));
            }
            let what = format!("{method} /teams/me");
            rows.push(row(
                who,
                &what[..],
                name.clone(),
                schema(&what, &["params.team_id must be a valid UUID"]),
            ));
        }
    }
    rows.push(row(&nobody, format!("GET {path}"), (), no_user()));
    let what = format!("PATCH {path}");
    for (body, problem) in [
        (
            json!({ "display_name": "" }),
            "body.display_name must not be empty",
        ),
        (
            json!({ "display_name": null }),
            "body.display_name cannot be null",
        ),
        (
            json!({ "creator_user_id": "me" }),
            "body contains unknown properties: creator_user_id",
        ),
    ] {
        rows.push(row(
            &api.server(),
            &what[..],
            body,
            schema(&what, &[problem]),
        ));
    }
    rows.push(row(
        &own,
        &what[..],
        json!({ "server_metadata": 1 }),
        schema(
            &what,
            &["body contains unknown properties: server_metadata"],
        ),
    ));
    api.refuses(rows).await;
}
