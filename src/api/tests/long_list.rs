//! Lists that are sent as they are read.

use std::collections::BTreeSet;

use axum::http::header;
use latchkey_domain::{Error, long_list::LongList as _};
use latchkey_model::{
    api_key::KeyScope, caller::UserRef, permission::PermissionListing, team::TeamListing,
    user::UserListing,
};
use serde_json::Value;
use sqlx::PgPool;

use super::http::Api;

/// More than two parts.
const MANY: usize = 5_432;

async fn many_teams(api: &Api) {
    let statement = format!(
        "INSERT INTO teams (project_id, team_id, display_name, created_at_millis, server_metadata)
         SELECT $1, gen_random_uuid(), 'Team ' || n, n / 7, jsonb_build_object('n', n)
         FROM generate_series(1, {MANY}) AS n"
    );
    api.world.sql(&statement, &[api.project().uuid()]).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_long_list_of_teams_is_complete_and_in_order(pool: PgPool) {
    let api = Api::new(pool).await;
    api.another_project().await.world.team("Foreign").await;
    many_teams(&api).await;
    for (query, count) in [
        ("", MANY),
        ("?desc=true", MANY),
        ("?limit=1500", 1500),
        ("?limit=1000", 1000),
        ("?query=team", MANY),
    ] {
        let list = api
            .ask(&api.server(), &format!("GET /teams{query}"), ())
            .await;
        assert_eq!(list.ok()["is_paginated"], false);
        let items = list.items();
        assert_eq!(items.len(), count, "{query}");
        let ids: BTreeSet<_> = items.iter().map(|team| team["id"].to_string()).collect();
        assert_eq!(ids.len(), count, "{query}");
        let times: Vec<_> = items
            .iter()
            .map(|team| team["created_at_millis"].as_i64())
            .collect();
        if query == "?desc=true" {
            assert!(times.is_sorted_by(|a, b| a >= b));
        } else {
            assert!(times.is_sorted());
        }
        assert!(
            items
                .iter()
                .all(|team| team["server_metadata"]["n"].is_u64())
        );
    }
}

async fn many_users(api: &Api) {
    let statement = format!(
        "INSERT INTO users (project_id, user_id, signed_up_at_millis)
         SELECT $1, gen_random_uuid(), n / 7 FROM generate_series(1, {MANY}) AS n"
    );
    api.world.sql(&statement, &[api.project().uuid()]).await;
}

async fn many_keys(api: &Api, owner: uuid::Uuid) {
    let statement = format!(
        "INSERT INTO api_keys (
            project_id, api_key_id, owner_user_id, description, digest, last_four, created_at_millis
         )
         SELECT $1, gen_random_uuid(), $2, 'key', sha256(n::text::bytea), '0000', n / 7
         FROM generate_series(1, {MANY}) AS n"
    );
    api.world
        .sql(&statement, &[api.project().uuid(), owner])
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_long_list_of_users_or_keys_is_complete_and_in_order(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    many_users(&api).await;
    many_keys(&api, ada.id.uuid()).await;
    let of_ada = format!("GET /user-api-keys?user_id={}", ada.id);
    for (what, count, time, is_paginated, is_ascending) in [
        ("GET /users", MANY + 1, "signed_up_at_millis", true, true),
        (
            "GET /users?desc=true",
            MANY + 1,
            "signed_up_at_millis",
            true,
            false,
        ),
        (&of_ada, MANY, "created_at_millis", false, false),
    ] {
        let list = api.ask(&api.server(), what, ()).await;
        let body = list.ok();
        assert_eq!(body["is_paginated"], is_paginated, "{what}");
        assert_eq!(body.get("pagination").is_some(), is_paginated, "{what}");
        let items = list.items();
        let ids: BTreeSet<_> = items.iter().map(|item| item["id"].to_string()).collect();
        assert_eq!((ids.len(), items.len()), (count, count), "{what}");
        let mut times: Vec<_> = items.iter().map(|item| item[time].as_i64()).collect();
        if !is_ascending {
            times.reverse();
        }
        assert!(times.is_sorted(), "{what}");
    }
}

/// More than two parts of a list whose parts are larger.
const VERY_MANY: usize = 21_000;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_long_list_of_sessions_or_permissions_is_complete_and_in_order(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let ids = [api.project().uuid(), ada.id.uuid()];
    for statement in [
        "INSERT INTO sessions (project_id, session_id, user_id, token_digest, created_at_millis, expires_at_millis)
         SELECT $1, gen_random_uuid(), $2, sha256(n::text::bytea), n / 7, 9000000000000
         FROM generate_series(1, 21000) AS n",
        "INSERT INTO teams (project_id, team_id, display_name)
         SELECT $1, md5(n::text)::uuid, 'Team' FROM generate_series(1, 10500) AS n",
        "INSERT INTO memberships (project_id, team_id, user_id)
         SELECT $1, md5(n::text)::uuid, $2 FROM generate_series(1, 10500) AS n",
        "INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
         SELECT $1, md5(n::text)::uuid, $2, p
         FROM generate_series(1, 10500) AS n, unnest(ARRAY['team_admin', '$read_members']) AS p",
    ] {
        api.world.sql(statement, &ids[..if statement.contains("$2") { 2 } else { 1 }]).await;
    }
    let sessions = format!("GET /auth/sessions?user_id={}", ada.id);
    let sessions = api.ask(&api.server(), &sessions, ()).await;
    assert_eq!(sessions.ok()["is_paginated"], false);
    let sessions = sessions.items();
    let ids: BTreeSet<_> = sessions.iter().map(|item| item["id"].to_string()).collect();
    // With those that Ada has begun.
    let count = "SELECT count(*) FROM sessions WHERE user_id = $1";
    let count = api.world.number(count, &[ada.id.uuid()]).await;
    assert_eq!(i64::try_from(sessions.len()), Ok(count));
    assert!(ids.len() == sessions.len() && count > 21_000);
    let times = sessions.iter().map(|item| item["created_at"].as_i64());
    assert!(times.is_sorted_by(|a, b| a >= b));

    let of_ada = format!("?user_id={}", ada.id);
    for query in ["", &of_ada] {
        let held = format!("GET /team-permissions{query}");
        let held = api.ask(&api.server(), &held, ()).await;
        assert_eq!(held.ok()["is_paginated"], false);
        let held = held.items();
        let of = |item: &Value| (item["id"].to_string(), item["team_id"].to_string());
        assert!(held.iter().map(of).is_sorted(), "{query}");
        let held: BTreeSet<_> = held.iter().map(of).collect();
        assert_eq!(held.len(), VERY_MANY, "{query}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_short_list_has_a_length_and_a_long_one_is_sent_in_parts(pool: PgPool) {
    let api = Api::new(pool).await;
    api.world.team("T").await;
    let short = api.ask(&api.server(), "GET /teams", ()).await;
    many_teams(&api).await;
    let long = api.ask(&api.server(), "GET /teams", ()).await;
    assert_eq!(long.items().len(), MANY + 1);
    for list in [short, long] {
        assert_eq!(list.headers[header::CONTENT_TYPE], "application/json");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_read_of_a_long_list_is_authorized_anew(pool: PgPool) {
    let api = Api::new(pool).await;
    many_teams(&api).await;
    let ada = api.user("Ada").await;
    many_users(&api).await;
    many_keys(&api, ada.id.uuid()).await;
    let (domain, server) = (&api.world.domain, &api.world.server);
    let mut teams = domain.teams(server, TeamListing::default());
    let mut users = domain.all_users(server, UserListing::default());
    let mut keys = domain.all_keys(server, KeyScope::OfUser(ada.id));
    let mut sessions = domain.sessions(server, UserRef::Id(ada.id));
    let mut held = domain.held_permissions(server, PermissionListing::default());
    assert!(sessions.next().await.is_ok() && held.next().await.is_ok());
    for first in [
        teams.next().await.expect("teams").len(),
        users.next().await.expect("users").len(),
        keys.next().await.expect("keys").len(),
    ] {
        assert!(first < MANY);
    }
    assert!(!teams.has_ended() && !users.has_ended() && !keys.has_ended());
    domain.rotate_keys(api.project()).await.expect("new keys");
    assert!(sessions.next().await.is_err());
    assert!(held.next().await.is_err());
    assert!(teams.next().await.is_err());
    assert!(users.next().await.is_err());
    assert!(keys.next().await.is_err());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_user_with_many_long_lists_that_nobody_reads_keeps_no_one_else_from_theirs(pool: PgPool) {
    let api = Api::new(pool.clone()).await;
    let (ada, bob) = (api.world.user("Ada").await, api.world.user("Bob").await);
    many_keys(&api, ada.id.uuid()).await;
    many_teams(&api).await;
    let (domain, server) = (&api.world.domain, &api.world.server);
    let of_ada = || domain.all_keys(&ada.caller, KeyScope::Own);
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut list = of_ada();
        assert!(list.next().await.is_ok_and(|keys| !keys.is_empty()));
        open.push(list);
    }
    assert!(matches!(of_ada().next().await, Err(Error::CallerBusy)));
    // One of their parts takes its time.
    let mut lock = pool.acquire().await.expect("a connection").detach();
    sqlx::raw_sql("BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        .execute(&mut lock)
        .await
        .expect("a lock");
    let mut list = open.pop().expect("a list");
    let part = tokio::spawn(async move { (list.next().await.is_ok(), list) });
    let waits = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    api.world.until(waits, 1).await;
    let mut of_bob = domain.sessions(&bob.caller, UserRef::Me);
    assert!(of_bob.next().await.is_ok() && of_bob.has_ended());
    let mut of_server = domain.teams(server, TeamListing::default());
    assert!(of_server.next().await.is_ok() && !of_server.has_ended());
    drop(lock);
    let (is_read, list) = part.await.expect("no panic");
    assert!(is_read);
    drop(list);
    assert!(of_ada().next().await.is_ok(), "one has ended");
}
