//! The list of teams.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    told::{plain, schema},
};

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
