//! What a member of a team may do: what was granted, and all that is contained in it.

use latchkey_model::{
    id::{TeamId, UserId},
    permission::SYSTEM,
};
use sqlx::PgPool;

use crate::world::World;

impl World {
    async fn permissions(&self, team: TeamId, user: UserId) -> Vec<String> {
        let mut held: Vec<String> = sqlx::query_scalar("SELECT team_permissions($1, $2, $3)")
            .bind(self.project.uuid())
            .bind(team.uuid())
            .bind(user.uuid())
            .fetch_all(&self.pool)
            .await
            .expect("permissions");
        held.sort_unstable();
        held
    }

    async fn role(&self, role: &str, contained: &[&str]) {
        sqlx::query("INSERT INTO permission_definitions VALUES ($1, $2)")
            .bind(self.project.uuid())
            .bind(role)
            .execute(&self.pool)
            .await
            .expect("a role");
        for permission in contained {
            sqlx::query("INSERT INTO permission_containments VALUES ($1, $2, $3)")
                .bind(self.project.uuid())
                .bind(role)
                .bind(permission)
                .execute(&self.pool)
                .await
                .expect("what it contains");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_granted_is_held(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("U", team, &["$manage_api_keys"]).await.id;
    assert_eq!(world.permissions(team, user).await, ["$manage_api_keys"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_standard_roles_contain_the_documented_permissions(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let admin = world.member("Admin", team, &["team_admin"]).await.id;
    let member = world.member("Member", team, &["team_member"]).await.id;
    let mut all = SYSTEM.to_vec();
    all.push("team_admin");
    all.sort_unstable();
    assert_eq!(world.permissions(team, admin).await, all);
    assert_eq!(
        world.permissions(team, member).await,
        ["$invite_members", "$read_members", "team_member"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn roles_within_roles_count(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    world.role("keys", &["$manage_api_keys"]).await;
    world.role("lead", &["keys", "$update_team"]).await;
    world.role("chief", &["lead"]).await;
    let user = world.member("U", team, &["chief"]).await.id;
    assert_eq!(
        world.permissions(team, user).await,
        ["$manage_api_keys", "$update_team", "chief", "keys", "lead"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn roles_that_contain_each_other_end(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    world.role("a", &["b"]).await;
    world.role("b", &["a", "$delete_team"]).await;
    world.role("self", &["self"]).await;
    let user = world.member("U", team, &["a", "self"]).await.id;
    assert_eq!(
        world.permissions(team, user).await,
        ["$delete_team", "a", "b", "self"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_role_whose_definition_has_gone_counts_for_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    world.role("inner", &["$manage_api_keys"]).await;
    world.role("outer", &["inner", "never_defined"]).await;
    let user = world.member("U", team, &["outer", "ghost"]).await.id;
    assert_eq!(
        world.permissions(team, user).await,
        ["$manage_api_keys", "inner", "outer"]
    );
    let gone =
        "DELETE FROM permission_definitions WHERE project_id = $1 AND permission_id = 'inner'";
    world.sql(gone, &[world.project.uuid()]).await;
    assert_eq!(world.permissions(team, user).await, ["outer"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_is_not_a_member_holds_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let outsider = world.user("Outsider").await.id;
    assert!(world.permissions(team, outsider).await.is_empty());

    let member = world.member("Member", team, &["team_admin"]).await.id;
    world
        .sql(
            "DELETE FROM memberships WHERE user_id = $1",
            &[member.uuid()],
        )
        .await;
    assert!(world.permissions(team, member).await.is_empty());
    world.join(team, member, &[]).await;
    assert!(
        world.permissions(team, member).await.is_empty(),
        "grants do not come back"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_held_in_one_team_is_not_held_in_another(pool: PgPool) {
    let world = World::new(pool).await;
    let (mine, other) = (world.team("Mine").await, world.team("Other").await);
    let user = world.member("U", mine, &["team_admin"]).await.id;
    world.join(other, user, &[]).await;
    assert_eq!(world.permissions(mine, user).await.len(), 7);
    assert!(world.permissions(other, user).await.is_empty());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn another_projects_roles_members_and_grants_do_not_count(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("U", team, &["team_admin", "special"]).await.id;
    let other = world.another_project().await;
    other.role("special", &["$manage_api_keys"]).await;
    assert!(other.permissions(team, user).await.is_empty());

    // The same ids in both projects, and a role of the same name that contains less there.
    let copied =
        "INSERT INTO teams SELECT $2, team_id, display_name FROM teams WHERE project_id = $1";
    world
        .sql(copied, &[world.project.uuid(), other.project.uuid()])
        .await;
    let copied = "INSERT INTO users (project_id, user_id) VALUES ($1, $2)";
    world
        .sql(copied, &[other.project.uuid(), user.uuid()])
        .await;
    other.join(team, user, &["special"]).await;
    assert_eq!(
        other.permissions(team, user).await,
        ["$manage_api_keys", "special"]
    );
    assert!(
        !world
            .permissions(team, user)
            .await
            .contains(&"special".to_owned())
    );
}
