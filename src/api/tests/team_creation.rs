//! Creating teams.

use latchkey_api::Code::*;
use latchkey_model::project::SettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    told::{known, plain, schema},
    user_keys::no_user,
};
use crate::teams::client_team;

const FOUND: &str = "POST /teams";

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
