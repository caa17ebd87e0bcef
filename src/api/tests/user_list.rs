//! The list of a project's users, a page at a time.

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{Api, row},
    told::schema,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn users_are_listed_by_pages(pool: PgPool) {
    let api = Api::new(pool).await;
    let other = api.another_project().await;
    other.user("Foreign").await;
    let team = api.world.team("Team").await;
    let names = ["Ada", "Bob", "Cem", "Dora", "Eve"];
    let mut users = Vec::new();
    for name in names {
        users.push(api.world.user(&format!("New-{name}")).await.id);
    }
    // Of two who came in one millisecond the ids tell.
    users.sort();
    for (at, (user, name)) in users.iter().zip(names).enumerate() {
        let change = format!(
            "UPDATE users SET display_name = '{name}', primary_email = lower('{name}') || '@example.com',
                signed_up_at_millis = {} WHERE user_id = $1",
            1000 + at / 2
        );
        api.world.sql(&change, &[user.uuid()]).await;
    }
    for user in [users[1], users[3]] {
        api.world.join(team, user, &[]).await;
    }
    let ids: Vec<_> = users.iter().map(|user| json!(user)).collect();
    let page = async |query: &str| {
        let list = api
            .ask(&api.server(), &format!("GET /users{query}"), ())
            .await
            .ok();
        assert_eq!(list["is_paginated"], true);
        let items = list["items"].as_array().expect("items").clone();
        let ids: Vec<Value> = items.iter().map(|user| user["id"].clone()).collect();
        (ids, list["pagination"]["next_cursor"].clone())
    };
    let reversed: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(page("").await, (ids.clone(), Value::Null));
    assert_eq!(
        page("?desc=true&order_by=signed_up_at").await,
        (reversed.clone(), Value::Null)
    );
    for (order, all) in [("", &ids), ("&desc=true", &reversed)] {
        for limit in 1..=6 {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let (items, next) = page(&format!("?limit={limit}{order}{cursor}")).await;
                assert!(items.len() <= limit);
                seen.extend(items);
                let Some(next) = next.as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&seen, all, "limit {limit} {order}");
        }
    }
    assert_eq!(
        page(&format!("?team_id={team}")).await.0,
        [ids[1].clone(), ids[3].clone()]
    );
    assert_eq!(
        page(&format!("?team_id={}", Uuid::nil())).await.0,
        Vec::<Value>::new()
    );
    for (query, found) in [
        ("ADA", vec![0]),
        ("example.com", vec![0, 1, 2, 3, 4]),
        ("o", vec![0, 1, 2, 3, 4]),
        ("bob@", vec![1]),
        ("%25", vec![]),
        ("_", vec![]),
        ("%5C", vec![]),
        ("nobody", vec![]),
        (ids[2].as_str().expect("an id"), vec![2]),
    ] {
        let found: Vec<_> = found.into_iter().map(|at: usize| ids[at].clone()).collect();
        assert_eq!(page(&format!("?query={query}")).await.0, found, "{query}");
    }
    let mut rows = Vec::new();
    for (query, problem) in [
        (
            "limit=0",
            "query.limit must be a whole number from 1 to 1000",
        ),
        (
            "limit=1001",
            "query.limit must be a whole number from 1 to 1000",
        ),
        (
            "limit=-1",
            "query.limit must be a whole number from 1 to 1000",
        ),
        (
            "limit=1.5",
            "query.limit must be a whole number from 1 to 1000",
        ),
        ("cursor=x", "query.cursor must be a valid UUID"),
        ("team_id=x", "query.team_id must be a valid UUID"),
        (
            "order_by=name",
            "query.order_by must be one of the following values: signed_up_at",
        ),
        (
            "query=%00",
            "query.query must not contain the character NUL",
        ),
        ("more=1", "query contains unknown properties: more"),
    ] {
        let what = format!("GET /users?{query}");
        rows.push(row(&api.server(), &what[..], (), schema(&what, &[problem])));
    }
    api.refuses(rows).await;
}
