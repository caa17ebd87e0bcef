//! The list of permissions, and which contain which.

use latchkey_model::permission;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    http::row,
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
    // Three that contain one another in a circle.
    ground.define("a", &["a", "$update_team"]).await;
    ground.define("b", &["a"]).await;
    ground.define("c", &["b"]).await;
    let circle = json!({ "contained_permission_ids": ["c", "$update_team"] });
    ground
        .api
        .ask(
            &ground.api.admin(),
            "PATCH /team-permission-definitions/a",
            circle,
        )
        .await
        .ok();
    ground
        .api
        .world
        .grant(ground.team, ground.member.id, "b")
        .await;
    assert_eq!(
        ground.held(&ground.member, true).await,
        [
            "$invite_members",
            "$read_members",
            "$update_team",
            "a",
            "b",
            "c",
            "team_member"
        ],
    );
    // A definition that has gone counts for nothing, nor does what it contained.
    ground
        .api
        .ask(
            &ground.api.admin(),
            "DELETE /team-permission-definitions/a",
            (),
        )
        .await
        .ok();
    assert_eq!(
        ground.held(&ground.member, true).await,
        ["$invite_members", "$read_members", "b", "team_member"],
    );
    assert_eq!(
        ground.held(&ground.member, false).await,
        ["b", "team_member"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_client_lists_its_own_permissions_and_a_server_all(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, team) = (&ground.api, ground.team);
    let second = api.world.team("Second").await;
    api.world
        .join(second, ground.member.id, &["$manage_api_keys"])
        .await;
    let names = async |who: &crate::http::As, query: &str| -> Vec<String> {
        let list = api
            .ask(who, &format!("GET /team-permissions{query}"), ())
            .await
            .ok();
        let items = list["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["id"].as_str().expect("a name").to_owned())
            .collect()
    };
    let (server, own) = (api.server(), api.as_user(&ground.member));
    let member = ground.member.id;
    assert_eq!(
        names(&own, "?user_id=me").await,
        ["$manage_api_keys", "team_member"]
    );
    assert_eq!(
        names(&own, &format!("?user_id={member}&team_id={second}")).await,
        ["$manage_api_keys"]
    );
    assert_eq!(
        names(&own, &format!("?user_id=me&team_id={}", Uuid::nil())).await,
        Vec::<String>::new()
    );
    assert_eq!(
        names(
            &own,
            "?user_id=me&permission_id=$read_members&recursive=true"
        )
        .await,
        ["$read_members"]
    );
    assert_eq!(
        names(&server, "").await,
        ["$manage_api_keys", "team_admin", "team_member"]
    );
    assert_eq!(
        names(&server, &format!("?team_id={team}")).await,
        ["team_admin", "team_member"]
    );
    assert_eq!(
        names(&server, "?permission_id=team_admin").await,
        ["team_admin"]
    );
    assert_eq!(
        names(&server, &format!("?user_id={}", Uuid::nil())).await,
        Vec::<String>::new()
    );
    let not_own = plain(
        403,
        "Client can only list permissions for their own user. user_id must be either \"me\" or the ID of the current user",
    );
    let admin = ground.admin.id;
    let what = "GET /team-permissions?team_id=x&user_id=y&recursive=z&more=1";
    api.refuses(vec![
        row(&own, "GET /team-permissions", (), not_own.clone()),
        row(
            &own,
            format!("GET /team-permissions?team_id={team}"),
            (),
            not_own.clone(),
        ),
        row(
            &own,
            format!("GET /team-permissions?user_id={admin}"),
            (),
            not_own.clone(),
        ),
        row(
            &api.as_user(&ground.admin),
            format!("GET /team-permissions?user_id={member}"),
            (),
            not_own.clone(),
        ),
        row(
            &api.client(),
            format!("GET /team-permissions?user_id={admin}"),
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
                    "query.team_id must be a valid UUID",
                    "query.user_id must be a valid UUID",
                    "query.recursive must be a `boolean` type, but the final value was: `\"z\"`.",
                    "query contains unknown properties: more",
                ],
            ),
        ),
    ])
    .await;
}
