//! The list of teams.

use latchkey_model::id::TeamId;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    told::{plain, schema},
};

/// Four teams, in the order of their list.
async fn four_teams(api: &Api) -> [TeamId; 4] {
    let mut teams = [
        api.world.team("New").await,
        api.world.team("New").await,
        api.world.team("New").await,
        api.world.team("New").await,
    ];
    // Of several founded in one millisecond the ids tell.
    teams.sort();
    let all = [("50%", 999), ("One", 1000), ("Two", 1000), ("Three", 1000)];
    for (team, (name, when)) in teams.iter().zip(all) {
        let change = format!(
            "UPDATE teams SET display_name = '{name}', created_at_millis = {when} WHERE team_id = $1"
        );
        api.world.sql(&change, &[team.uuid()]).await;
    }
    teams
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn teams_are_listed_oldest_first_and_whole(pool: PgPool) {
    let api = Api::new(pool).await;
    api.another_project().await.world.team("Foreign").await;
    let ada = api.user("Ada").await;
    let teams = four_teams(&api).await;
    for team in [teams[1], teams[3]] {
        api.world.join(team, ada.id, &[]).await;
    }
    let (own, server) = (&api.as_user(&ada), &api.server());
    let of_ada = format!("?user_id={}", ada.id);
    for (who, query, expected) in [
        (own, "?user_id=me", &[1, 3][..]),
        (own, &of_ada, &[1, 3]),
        (server, &of_ada, &[1, 3]),
        (server, "", &[0, 1, 2, 3]),
        (server, "?desc=true", &[3, 2, 1, 0]),
        (server, "?limit=2&order_by=created_at", &[0, 1]),
        (server, "?query=T", &[2, 3]),
        (server, "?query=%25", &[0]),
        (server, &format!("?user_id={}", Uuid::nil()), &[]),
    ] {
        let list = api.ask(who, &format!("GET /teams{query}"), ()).await;
        assert_eq!(list.ok()["is_paginated"], false);
        let items = list.items();
        let ids: Vec<_> = items.iter().map(|team| team["id"].clone()).collect();
        let expected: Vec<_> = expected.iter().map(|at| json!(teams[*at])).collect();
        assert_eq!(ids, expected, "{query}");
        for team in items {
            let is_whole = team.get("created_at_millis").is_some();
            assert_eq!(is_whole, who.is_server(), "{query}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_of_teams_that_cannot_be_had_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let (ada, eve) = (api.user("Ada").await, api.user("Eve").await);
    let (own, nobody) = (api.as_user(&ada), api.client());
    let not_own = plain(
        403,
        "Client can only list teams for their own user. user_id must be either \"me\" or the ID of the current user",
    );
    let of_eve = format!("GET /teams?user_id={}", eve.id);
    let wrong = "GET /teams?user_id=x&limit=0&order_by=name&more=1";
    let all = [
        "query.user_id must be a valid UUID",
        "query.limit must be a whole number from 1 to 4294967295",
        "query.order_by must be one of the following values: created_at",
        "query contains unknown properties: more",
    ];
    api.refuses(vec![
        row(&own, "GET /teams", (), not_own.clone()),
        row(&own, &of_eve[..], (), not_own.clone()),
        row(&nobody, "GET /teams", (), not_own.clone()),
        row(&nobody, &of_eve[..], (), not_own),
        row(&api.server(), wrong, (), schema(wrong, &all)),
    ])
    .await;
}
