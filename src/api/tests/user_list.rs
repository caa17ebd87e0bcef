//! The list of a project's users, a page at a time.

use latchkey_model::id::TeamId;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{http::Api, refusals::broken};

/// Five users in the order of their list, the second and fourth of them in a team, and a page of
/// the list.
struct Ground {
    api: Api,
    team: TeamId,
    ids: Vec<Value>,
}

impl Ground {
    async fn new(pool: PgPool) -> Self {
        let api = Api::new(pool).await;
        api.another_project().await.user("Foreign").await;
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
        let ids = users.iter().map(|user| json!(user)).collect();
        Self { api, team, ids }
    }

    /// The ids on a page, and where the next begins.
    async fn page(&self, query: &str) -> (Vec<Value>, Value) {
        let what = format!("GET /users{query}");
        let page = self.api.ask(&self.api.server(), &what, ()).await;
        let list = page.ok();
        assert_eq!(list["is_paginated"], true);
        let ids = page.items().iter().map(|user| user["id"].clone()).collect();
        (ids, list["pagination"]["next_cursor"].clone())
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn users_are_listed_by_pages(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let reversed: Vec<_> = ground.ids.iter().rev().cloned().collect();
    assert_eq!(ground.page("").await, (ground.ids.clone(), Value::Null));
    assert_eq!(
        ground.page("?desc=true&order_by=signed_up_at").await,
        (reversed.clone(), Value::Null)
    );
    for (order, all) in [("", &ground.ids), ("&desc=true", &reversed)] {
        for limit in 1..=6 {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let query = format!("?limit={limit}{order}{cursor}");
                let (items, next) = ground.page(&query).await;
                assert!(items.len() <= limit);
                seen.extend(items);
                let Some(next) = next.as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&seen, all, "limit {limit} {order}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn users_are_found_by_team_name_address_and_id(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let by_id = format!("query={}", ground.ids[2].as_str().expect("an id"));
    for (query, found) in [
        (&format!("team_id={}", ground.team)[..], &[1, 3][..]),
        (&format!("team_id={}", Uuid::nil()), &[]),
        ("query=ADA", &[0]),
        ("query=example.com", &[0, 1, 2, 3, 4]),
        ("query=o", &[0, 1, 2, 3, 4]),
        ("query=bob@", &[1]),
        ("query=%25", &[]),
        ("query=_", &[]),
        ("query=%5C", &[]),
        ("query=nobody", &[]),
        (&by_id, &[2]),
    ] {
        let found: Vec<_> = found.iter().map(|at| ground.ids[*at].clone()).collect();
        let (ids, _) = ground.page(&format!("?{query}")).await;
        assert_eq!(ids, found, "{query}");
    }
}

/// Queries that break a rule, and which.
const BROKEN: &[(&str, &str)] = &[
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
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_of_users_that_cannot_be_had_is_told(pool: PgPool) {
    let api = Api::new(pool).await;
    let mut rows = Vec::new();
    for (query, problem) in BROKEN {
        let what = format!("GET /users?{query}");
        rows.extend(broken(&api.server(), &what, [((), *problem)]));
    }
    api.refuses(rows).await;
}
