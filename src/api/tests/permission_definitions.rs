//! The permissions that a project defines.

use latchkey_api::Code::*;
use latchkey_model::permission;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    http::{Answer, Login, Sent, row},
    permissions::Ground,
    refusals::{broken, json_of},
    told::{Told, bare_schema, known},
};
use crate::snapshots::Snapshots;

impl Ground {
    /// What an administrator asks for about definitions.
    async fn ask(&self, method: &str, path: &str, sent: impl Into<Sent>) -> Answer {
        let what = format!("{method} /team-permission-definitions{path}");
        self.api.ask(&self.api.admin(), &what, sent).await
    }

    /// Changes this definition, its name above all.
    async fn rename(&self, id: &str, change: Value) -> Value {
        self.ask("PATCH", &format!("/{id}"), change).await.ok()
    }

    /// Grants a permission directly.
    async fn holds(&self, login: &Login, permission: &str) {
        self.api.world.grant(self.team, login.id, permission).await;
    }
}

fn unknown_definition(id: &str) -> Told {
    known(
        PermissionNotFound,
        format!("Permission \"{id}\" or one of its contained permissions was not found."),
    )
    .with(json!({ "permission_id": id }))
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_project_defines_two_roles_beside_the_system_permissions(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let list = ground.ask("GET", "", ()).await;
    Snapshots::default().check("permission_definitions_of_a_new_project", &list);
    let mut expected = permission::SYSTEM.to_vec();
    expected.sort_unstable();
    expected.extend(["team_admin", "team_member"]);
    let ids: Vec<_> = list.items().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, expected);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_defines_permissions(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let body = json!({ "id": "billing:read", "description": "May see bills", "contained_permission_ids": ["team_member", "$update_team", "team_member"] });
    let made = ground.ask("POST", "", body).await;
    Snapshots::default().check("permission_defined", &made);
    let mut shown = made.ok();
    let change = async |body: Value| ground.ask("PATCH", "/billing:read", body).await.ok();
    let same = change(json!({})).await;
    assert_eq!(same, shown, "an empty change changes nothing");
    assert!(ground.ask("GET", "", ()).await.items().contains(&shown));

    let contained = json!({ "contained_permission_ids": ["$read_members"] });
    shown["contained_permission_ids"] = json!(["$read_members"]);
    assert_eq!(change(contained).await, shown);
    assert_eq!(
        change(json!({ "description": null })).await,
        json!({ "id": "billing:read", "contained_permission_ids": ["$read_members"] })
    );
    assert_eq!(
        change(json!({ "contained_permission_ids": [] })).await,
        json!({ "id": "billing:read", "contained_permission_ids": [] })
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn grants_and_containers_follow_a_new_name(pool: PgPool) {
    let ground = Ground::new(pool).await;
    ground.define("inner", &["$update_team", "inner"]).await;
    ground.define("outer", &["inner"]).await;
    let (member, admin) = (&ground.member, &ground.admin);
    ground.holds(member, "inner").await;
    ground.holds(admin, "outer").await;
    let renamed = ground.rename("inner", json!({ "id": "core" })).await;
    assert_eq!(
        renamed,
        json!({ "id": "core", "contained_permission_ids": ["$update_team", "core"] })
    );
    assert_eq!(ground.held(member, false).await, ["core", "team_member"]);
    let all = [
        "$invite_members",
        "$read_members",
        "$update_team",
        "core",
        "team_member",
    ];
    assert_eq!(ground.held(member, true).await, all);
    assert!(ground.held(admin, true).await.contains(&"core".to_owned()));
    let outer = ground.rename("outer", json!({})).await;
    assert_eq!(outer["contained_permission_ids"], json!(["core"]));
    let gone = "PATCH /team-permission-definitions/inner";
    let admin = ground.api.admin();
    let told = unknown_definition("inner");
    ground
        .api
        .refuses(vec![row(&admin, gone, json!({}), told)])
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn with_a_new_name_come_other_contents_in_which_the_old_one_means_it(pool: PgPool) {
    let ground = Ground::new(pool).await;
    ground.define("core", &["$update_team", "core"]).await;
    let both = json!({ "id": "heart", "contained_permission_ids": ["$update_team", "$read_members", "core"] });
    let renamed = ground.rename("core", both).await;
    assert_eq!(
        renamed["contained_permission_ids"],
        json!(["$read_members", "$update_team", "heart"])
    );
    assert_eq!(ground.rename("heart", json!({})).await, renamed);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_holds_the_new_name_already_holds_it_once(pool: PgPool) {
    let ground = Ground::new(pool).await;
    ground.define("heart", &["$update_team"]).await;
    ground.holds(&ground.member, "heart").await;
    // From a definition that has gone.
    ground.define("gone", &[]).await;
    ground.define("keeper", &["gone", "heart"]).await;
    ground.holds(&ground.member, "gone").await;
    ground.ask("DELETE", "/gone", ()).await.ok();
    ground.rename("heart", json!({ "id": "gone" })).await;
    let held = ground.held(&ground.member, true).await;
    assert!(held.contains(&"gone".to_owned()));
}

const DEFINE: &str = "POST /team-permission-definitions";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_permission_that_exists_or_contains_what_does_not_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let admin = ground.api.admin();
    let at = "PATCH /team-permission-definitions/team_member";
    let system = "/team-permission-definitions/$update_team";
    let exists = bare_schema("body.id: a permission with the ID \"team_admin\" already exists");
    let taken = json!({ "id": "team_admin" });
    let contained = json!({ "contained_permission_ids": ["unknown"] });
    let new = json!({ "id": "new", "contained_permission_ids": ["unknown"] });
    let told = |what: &str, body, told| row(&admin, what, body, told);
    let unknown = unknown_definition;
    ground
        .api
        .refuses(vec![
            told(DEFINE, taken.clone(), exists.clone()),
            told(at, taken, exists),
            told(DEFINE, new, unknown("new")),
            told(at, contained, unknown("team_member")),
            told(
                "DELETE /team-permission-definitions/unknown",
                Value::Null,
                unknown("unknown"),
            ),
            told(
                &format!("DELETE {system}"),
                Value::Null,
                unknown("$update_team"),
            ),
            told(
                &format!("PATCH {system}"),
                json!({ "description": "x" }),
                unknown("$update_team"),
            ),
        ])
        .await;
}

/// Definitions that break a rule, and which.
const BROKEN: &[(&str, &str)] = &[
    (
        r#"{ "id": "new", "contained_permission_ids": ["$unknown"] }"#,
        "body.contained_permission_ids Invalid system permission",
    ),
    (
        r#"{ "id": "new", "contained_permission_ids": "a" }"#,
        "body.contained_permission_ids must be a `array` type, but the final value was: `\"a\"`.",
    ),
    (
        r#"{ "id": "new", "contained_permission_ids": [{}] }"#,
        "body.contained_permission_ids[0] must be a `string` type, but the final value was: `{}`.",
    ),
    ("{}", "body.id must be defined"),
    (
        r#"{ "id": "new", "more": 1 }"#,
        "body contains unknown properties: more",
    ),
    (
        r#"{ "id": "new", "description": "\u0000" }"#,
        "body.description must not contain the character NUL",
    ),
    (
        r#"{ "id": "$new" }"#,
        "body.id must not begin with $, which marks system permissions",
    ),
    (
        r#"{ "id": "$update_team" }"#,
        "body.id must not begin with $, which marks system permissions",
    ),
];

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_defined_is_told(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let admin = ground.api.admin();
    let cases = BROKEN
        .iter()
        .map(|(body, problem)| (json_of(body), *problem));
    let mut rows = broken(&admin, DEFINE, cases);
    let long = json!({ "id": "new", "description": "x".repeat(1001) });
    let too_long = "body.description must be at most 1000 characters";
    rows.extend(broken(&admin, DEFINE, [(long, too_long)]));
    let form = "body.id must consist of lowercase letters, digits, underscores and colons";
    let ids = ["", "A", "a b", "a-b", "é", &"x".repeat(256)];
    let cases = ids.map(|id| (json!({ "id": id }), form));
    rows.extend(broken(&admin, DEFINE, cases));
    ground.api.refuses(rows).await;
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
