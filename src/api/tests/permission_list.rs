//! The list of permissions, and which contain which.

use latchkey_model::{id::UserId, permission};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::{As, row},
    told::{plain, schema},
};
use crate::permissions::Ground;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_contained_is_held_too(pool: PgPool) {
    let ground = Ground::new(pool).await;
    assert_eq!(ground.held(&ground.member, false).await, ["team_member"]);
    assert_eq!(
        ground.held(&ground.member, true).await,
        ["$invite_members", "$read_members", "team_member"]
    );
    let mut all = permission::SYSTEM.map(str::to_owned).to_vec();
    all.push("team_admin".to_owned());
    all.sort();
    assert_eq!(ground.held(&ground.admin, true).await, all);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn permissions_that_contain_one_another_in_a_circle_are_held_until_one_is_deleted(
    pool: PgPool,
) {
    let ground = Ground::new(pool).await;
    let (api, member) = (&ground.api, &ground.member);
    let admin = api.admin();
    ground.define("a", &["a", "$update_team"]).await;
    ground.define("b", &["a"]).await;
    ground.define("c", &["b"]).await;
    let circle = json!({ "contained_permission_ids": ["c", "$update_team"] });
    let change = "PATCH /team-permission-definitions/a";
    api.ask(&admin, change, circle).await.ok();
    api.world.grant(ground.team, member.id, "b").await;
    let all = [
        "$invite_members",
        "$read_members",
        "$update_team",
        "a",
        "b",
        "c",
        "team_member",
    ];
    assert_eq!(ground.held(member, true).await, all);
    // A definition that has gone counts for nothing, nor does what it contained.
    let delete = "DELETE /team-permission-definitions/a";
    api.ask(&admin, delete, ()).await.ok();
    assert_eq!(
        ground.held(member, true).await,
        ["$invite_members", "$read_members", "b", "team_member"],
    );
    assert_eq!(ground.held(member, false).await, ["b", "team_member"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_lists_its_own_permissions_and_a_server_all(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team, member) = (&ground.api, ground.team, ground.member.id);
    let second = api.world.team("Second").await;
    api.world.join(second, member, &["$manage_api_keys"]).await;
    let names = async |who: &As, query: &str| -> Vec<String> {
        let what = format!("GET /team-permissions{query}");
        let items = api.ask(who, &what, ()).await.items();
        let name = |item: &Value| item["id"].as_str().expect("a name").to_owned();
        items.iter().map(name).collect()
    };
    let (server, own) = (&api.server(), &api.as_user(&ground.member));
    let (nil, all) = (Uuid::nil(), "recursive=true");
    for (who, query, expected) in [
        (own, "?user_id=me", &["$manage_api_keys", "team_member"][..]),
        (
            own,
            &format!("?user_id={member}&team_id={second}"),
            &["$manage_api_keys"],
        ),
        (own, &format!("?user_id=me&team_id={nil}"), &[]),
        (
            own,
            &format!("?user_id=me&permission_id=$read_members&{all}"),
            &["$read_members"],
        ),
        (
            server,
            "",
            &["$manage_api_keys", "team_admin", "team_member"],
        ),
        (
            server,
            &format!("?team_id={team}"),
            &["team_admin", "team_member"],
        ),
        (server, "?permission_id=team_admin", &["team_admin"]),
        (server, &format!("?user_id={nil}"), &[]),
    ] {
        assert_eq!(names(who, query).await, expected, "{query}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_of_permissions_that_cannot_be_had_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let api = &ground.api;
    let not_own = plain(
        403,
        "Client can only list permissions for their own user. user_id must be either \"me\" or the ID of the current user",
    );
    let own = api.as_user(&ground.member);
    let of = |id: UserId| format!("GET /team-permissions?user_id={id}");
    let of_team = format!("GET /team-permissions?team_id={}", ground.team);
    let (admin, member) = (ground.admin.id, ground.member.id);
    let mut rows = Vec::new();
    for (who, what) in [
        (&own, "GET /team-permissions".to_owned()),
        (&own, of_team),
        (&own, of(admin)),
        (&api.as_user(&ground.admin), of(member)),
        (&api.client(), of(admin)),
    ] {
        rows.push(row(who, what, (), not_own.clone()));
    }
    let what = "GET /team-permissions?team_id=x&user_id=y&recursive=z&more=1";
    let all = [
        "query.team_id must be a valid UUID",
        "query.user_id must be a valid UUID",
        "query.recursive must be a `boolean` type, but the final value was: `\"z\"`.",
        "query contains unknown properties: more",
    ];
    rows.push(row(&api.server(), what, (), schema(what, &all)));
    api.refuses(rows).await;
}
