//! The permissions that a project defines.

use latchkey_api::Code::*;
use latchkey_model::permission;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::row,
    permissions::Ground,
    told::{Told, bare_schema, known, schema},
};

fn unknown_definition(id: &str) -> Told {
    known(
        PermissionNotFound,
        format!("Permission \"{id}\", or one that it is to contain, was not found."),
    )
    .with(json!({ "permission_id": id }))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_defines_permissions(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, admin) = (&ground.api, ground.api.admin());
    let list = api
        .ask(&admin, "GET /team-permission-definitions", ())
        .await
        .ok();
    let mut expected: Vec<Value> = permission::SYSTEM
        .iter()
        .map(|id| json!({ "id": id, "contained_permission_ids": [] }))
        .collect();
    expected.sort_by_key(|definition| definition["id"].to_string());
    let mut system = permission::SYSTEM;
    system.sort_unstable();
    expected.push(json!({ "id": "team_admin", "contained_permission_ids": system }));
    expected.push(json!({ "id": "team_member", "contained_permission_ids": ["$invite_members", "$read_members"] }));
    assert_eq!(list, json!({ "items": expected, "is_paginated": false }));

    let body = json!({ "id": "billing:read", "description": "May see bills", "contained_permission_ids": ["team_member", "$update_team", "team_member"] });
    let made = api
        .ask(&admin, "POST /team-permission-definitions", body)
        .await;
    assert_eq!(made.status, 201);
    let mut shown = json!({ "id": "billing:read", "description": "May see bills", "contained_permission_ids": ["$update_team", "team_member"] });
    let at = "PATCH /team-permission-definitions/billing:read";
    assert_eq!(
        api.ask(&admin, at, json!({})).await.ok(),
        shown,
        "an empty change changes nothing"
    );
    assert_eq!(made.ok(), shown, "what is made is what is shown later");
    let list = api
        .ask(&admin, "GET /team-permission-definitions", ())
        .await
        .ok();
    assert!(list["items"].as_array().expect("items").contains(&shown));

    shown["contained_permission_ids"] = json!(["$read_members"]);
    assert_eq!(
        api.ask(
            &admin,
            at,
            json!({ "contained_permission_ids": ["$read_members"] })
        )
        .await
        .ok(),
        shown
    );
    assert_eq!(
        api.ask(&admin, at, json!({ "description": null }))
            .await
            .ok(),
        json!({ "id": "billing:read", "contained_permission_ids": ["$read_members"] })
    );
    assert_eq!(
        api.ask(&admin, at, json!({ "contained_permission_ids": [] }))
            .await
            .ok(),
        json!({ "id": "billing:read", "contained_permission_ids": [] })
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn grants_and_containers_follow_a_new_name(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, admin) = (&ground.api, ground.api.admin());
    ground.define("inner", &["$update_team", "inner"]).await;
    ground.define("outer", &["inner"]).await;
    api.world
        .grant(ground.team, ground.member.id, "inner")
        .await;
    api.world.grant(ground.team, ground.admin.id, "outer").await;
    let renamed = api
        .ask(
            &admin,
            "PATCH /team-permission-definitions/inner",
            json!({ "id": "core" }),
        )
        .await
        .ok();
    assert_eq!(
        renamed,
        json!({ "id": "core", "contained_permission_ids": ["$update_team", "core"] })
    );
    assert_eq!(
        ground.held(&ground.member, false).await,
        ["core", "team_member"]
    );
    assert_eq!(
        ground.held(&ground.member, true).await,
        [
            "$invite_members",
            "$read_members",
            "$update_team",
            "core",
            "team_member"
        ]
    );
    assert!(
        ground
            .held(&ground.admin, true)
            .await
            .contains(&"core".to_owned())
    );
    let outer = api
        .ask(
            &admin,
            "PATCH /team-permission-definitions/outer",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(outer["contained_permission_ids"], json!(["core"]));
    // With other contents at once, some of them as before, and the old name standing for the new.
    let both = json!({ "id": "heart", "contained_permission_ids": ["$update_team", "$read_members", "core"] });
    let renamed = api
        .ask(&admin, "PATCH /team-permission-definitions/core", both)
        .await
        .ok();
    assert_eq!(
        renamed["contained_permission_ids"],
        json!(["$read_members", "$update_team", "heart"])
    );
    let shown = api
        .ask(
            &admin,
            "PATCH /team-permission-definitions/heart",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(shown, renamed);
    // Whoever has the new name already, from a definition that has gone, has it once.
    ground.define("gone", &[]).await;
    ground.define("keeper", &["gone", "heart"]).await;
    api.world.grant(ground.team, ground.member.id, "gone").await;
    api.ask(&admin, "DELETE /team-permission-definitions/gone", ())
        .await
        .ok();
    api.ask(
        &admin,
        "PATCH /team-permission-definitions/heart",
        json!({ "id": "gone" }),
    )
    .await
    .ok();
    assert!(
        ground
            .held(&ground.member, true)
            .await
            .contains(&"gone".to_owned())
    );
    api.refuses(vec![row(
        &admin,
        "PATCH /team-permission-definitions/inner",
        json!({}),
        unknown_definition("inner"),
    )])
    .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_defined_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (api, admin) = (&ground.api, ground.api.admin());
    let what = "POST /team-permission-definitions";
    let at = "PATCH /team-permission-definitions/team_member";
    let exists = bare_schema("body.id: a permission with the ID \"team_admin\" already exists");
    let form = "must consist of lowercase letters, digits, underscores and colons";
    let mut rows = vec![
        row(&admin, what, json!({ "id": "team_admin" }), exists.clone()),
        row(&admin, at, json!({ "id": "team_admin" }), exists),
        row(
            &admin,
            what,
            json!({ "id": "new", "contained_permission_ids": ["unknown"] }),
            unknown_definition("new"),
        ),
        row(
            &admin,
            at,
            json!({ "contained_permission_ids": ["unknown"] }),
            unknown_definition("team_member"),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "contained_permission_ids": ["$unknown"] }),
            schema(
                what,
                &["body.contained_permission_ids Invalid system permission"],
            ),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "contained_permission_ids": "a" }),
            schema(
                what,
                &[
                    "body.contained_permission_ids must be a `array` type, but the final value was: `\"a\"`.",
                ],
            ),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "contained_permission_ids": [{}] }),
            schema(
                what,
                &[
                    "body.contained_permission_ids[0] must be a `string` type, but the final value was: `{}`.",
                ],
            ),
        ),
        row(
            &admin,
            what,
            json!({}),
            schema(what, &["body.id must be defined"]),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "more": 1 }),
            schema(what, &["body contains unknown properties: more"]),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "description": "x".repeat(1001) }),
            schema(what, &["body.description must be at most 1000 characters"]),
        ),
        row(
            &admin,
            what,
            json!({ "id": "new", "description": "\0" }),
            schema(
                what,
                &["body.description must not contain the character NUL"],
            ),
        ),
        row(
            &admin,
            "DELETE /team-permission-definitions/unknown",
            (),
            unknown_definition("unknown"),
        ),
        row(
            &admin,
            "DELETE /team-permission-definitions/$update_team",
            (),
            unknown_definition("$update_team"),
        ),
        row(
            &admin,
            "PATCH /team-permission-definitions/$update_team",
            json!({ "description": "x" }),
            unknown_definition("$update_team"),
        ),
    ];
    for id in ["$new", "$update_team"] {
        rows.push(row(
            &admin,
            what,
            json!({ "id": id }),
            schema(
                what,
                &["body.id must not begin with $, which marks system permissions"],
            ),
        ));
    }
    for id in ["", "A", "a b", "a-b", "é", &"x".repeat(256)] {
        rows.push(row(
            &admin,
            what,
            json!({ "id": id }),
            schema(what, &[&format!("body.id {form}")]),
        ));
    }
    api.refuses(rows).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_sees_only_its_own_definitions(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let other = ground.api.another_project().await;
    ground.define("ours", &[]).await;
    let list = other
        .ask(&other.admin(), "GET /team-permission-definitions", ())
        .await;
    assert!(!list.text.contains("ours"));
    let admin = other.admin();
    other
        .refuses(vec![
            row(
                &admin,
                "DELETE /team-permission-definitions/ours",
                (),
                unknown_definition("ours"),
            ),
            row(
                &admin,
                "PATCH /team-permission-definitions/ours",
                json!({}),
                unknown_definition("ours"),
            ),
            row(
                &admin,
                "POST /team-permission-definitions",
                json!({ "id": "b", "contained_permission_ids": ["ours"] }),
                unknown_definition("b"),
            ),
        ])
        .await;
}
