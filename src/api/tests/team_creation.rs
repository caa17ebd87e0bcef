//! Creating teams.

use latchkey_api::Code::*;
use latchkey_model::{id::UserId, project::SettingsChange};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    refusals::{broken, json_of},
    told::{known, plain},
    user_keys::no_user,
};
use crate::snapshots::Snapshots;

const FOUND: &str = "POST /teams";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_founds_a_team_is_its_admin(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let (own, server) = (api.as_user(&ada), api.server());
    let as_ada = server.with("access-token", &ada.access);
    let (me, id) = (Some("me".to_owned()), Some(ada.id.to_string()));
    for (who, creator) in [
        (&own, None),
        (&own, me.clone()),
        (&own, id.clone()),
        (&server, id),
        (&as_ada, me),
    ] {
        let mut body = json!({ "display_name": " Team " });
        if let Some(creator) = creator {
            body["creator_user_id"] = json!(creator);
        }
        let created = api.ask(who, FOUND, body).await;
        let team = created.ok();
        let id = team["id"].as_str().expect("an id");
        let snapshots = Snapshots::default().named(ada.id, "Ada").named(id, "team");
        let by = if who.is_server() { "server" } else { "client" };
        snapshots.check(&format!("team_created_by_a_{by}"), &created);
        let seen = api.ask(&own, &format!("GET /teams/{id}"), ()).await;
        snapshots.check("team_as_members_see_it", &seen);
        let held = format!("GET /team-permissions?user_id=me&team_id={id}");
        let held = api.ask(&own, &held, ()).await;
        snapshots.check("permissions_of_a_founder", &held);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_that_names_nobody_creates_an_empty_team(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let who = api.server().with("access-token", &ada.access);
    let body = json!({ "display_name": "Alone", "server_metadata": 1 });
    let alone = api.ask(&who, FOUND, body).await.ok();
    assert!(alone["created_at_millis"].is_i64() && alone["server_metadata"] == 1);
    let members = "SELECT count(*) FROM memberships WHERE team_id = $1";
    let id = alone["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(api.world.number(members, &[id]).await, 0);
}

fn by(creator: UserId) -> Value {
    json!({ "display_name": "Team", "creator_user_id": creator })
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_team_is_created_for_oneself_or_by_a_server_for_somebody_who_exists(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    let (ada, eve, foreign) = (
        api.user("Ada").await,
        api.user("Eve").await.id,
        other.user("Ada").await.id,
    );
    let (own, nobody, server) = (api.as_user(&ada), api.client(), api.server());
    let not_founder = plain(
        403,
        "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
    );
    let no_such_user = known(UserNotFound, "User not found.");
    let (nil, team) = (UserId::new(Uuid::nil()), json!({ "display_name": "Team" }));
    api.refuses(vec![
        row(&own, FOUND, by(eve), not_founder.clone()),
        row(&own, FOUND, by(nil), not_founder),
        row(&nobody, FOUND, team, no_user()),
        row(&nobody, FOUND, by(ada.id), no_user()),
        row(&server, FOUND, by(nil), no_such_user.clone()),
        row(&server, FOUND, by(foreign), no_such_user),
    ])
    .await;
}

/// Teams that break a rule, and which.
const BROKEN: &[(&str, &str)] = &[
    ("{}", "body.display_name must be defined"),
    (
        r#"{ "display_name": null }"#,
        "body.display_name cannot be null",
    ),
    (
        r#"{ "display_name": "  " }"#,
        "body.display_name must not be empty",
    ),
    (
        r#"{ "display_name": "a\nb" }"#,
        "body.display_name must not contain invisible or control characters",
    ),
    (
        r#"{ "display_name": "T", "profile_image_url": "x" }"#,
        "body.profile_image_url must be a valid URL",
    ),
    (
        r#"{ "display_name": "T", "client_metadata": "\u0000" }"#,
        "body.client_metadata must not contain the character NUL",
    ),
    (
        r#"{ "display_name": "T", "creator_user_id": "x" }"#,
        "body.creator_user_id must be a valid UUID",
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_team_that_cannot_be_founded_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let own = api.as_user(&ada);
    let mut rows = Vec::new();
    for who in [&own, &api.server()] {
        let cases = BROKEN
            .iter()
            .map(|(body, problem)| (json_of(body), *problem));
        rows.extend(broken(who, FOUND, cases));
        let long = json!({ "display_name": "x".repeat(256) });
        let too_long = "body.display_name must be at most 255 characters";
        rows.extend(broken(who, FOUND, [(long, too_long)]));
    }
    for name in ["server_metadata", "client_read_only_metadata"] {
        let body = json!({ "display_name": "Team", name: 1 });
        let problem = format!("body contains unknown properties: {name}");
        rows.extend(broken(&own, FOUND, [(body, &problem[..])]));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_keeps_clients_from_creating_teams(pool: PgPool) {
    let api = Api::new(pool).await;
    let (ada, eve) = (api.user("Ada").await, api.user("Eve").await);
    let own = api.as_user(&ada);
    api.world
        .configure(SettingsChange {
            client_team_creation_enabled: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let off = plain(403, "Client team creation is disabled for this project");
    let team = json!({ "display_name": "Team" });
    api.refuses(vec![
        row(&own, FOUND, team.clone(), off.clone()),
        row(&own, FOUND, by(eve.id), off.clone()),
        row(&api.client(), FOUND, team, off),
    ])
    .await;
    let created = api.ask(&api.server(), FOUND, by(ada.id)).await;
    assert_eq!(created.status, 201);
}
