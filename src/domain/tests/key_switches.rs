//! What is switched off or taken away counts from the next call.

use latchkey_model::{api_key::KeyScope, key_list::KeyListView, project::SettingsChange};
use sqlx::PgPool;

use crate::{
    key_ground::{Ground, refusal_of},
    outcome::{KEY_NOT_FOUND, Outcome, SIGNED_OUT, TEAM_KEYS_OFF, USER_KEYS_OFF, VALID},
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn where_keys_are_switched_off_nobody_sees_makes_or_changes_any(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let off = SettingsChange {
        allow_user_api_keys: Some(false),
        allow_team_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(off).await;
    let before = ground.world.dump().await;
    let own = ground
        .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
        .await;
    assert_eq!(own, [USER_KEYS_OFF; 4]);
    let of_team = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(of_team, [TEAM_KEYS_OFF; 4]);
    // Everybody is told the same, so the switch tells nobody whether there is such a team.
    for (who, caller) in ground
        .not_the_admin()
        .filter(|(who, _)| *who != "user of another project")
    {
        let answers = ground.all(&caller, ground.of_team(), ground.team_key).await;
        assert_eq!(answers, [refusal_of(who, TEAM_KEYS_OFF); 4], "{who}");
        let answers = ground.all(&caller, KeyScope::Own, ground.own_key).await;
        assert_eq!(answers, [refusal_of(who, USER_KEYS_OFF); 4], "{who}");
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn each_switch_is_about_its_own_kind_of_key(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let change = SettingsChange {
        allow_user_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(change).await;
    assert_eq!(
        ground
            .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
            .await,
        [USER_KEYS_OFF; 4]
    );
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        [Outcome::Done; 4]
    );

    let change = SettingsChange {
        allow_user_api_keys: Some(true),
        allow_team_api_keys: Some(false),
        ..SettingsChange::default()
    };
    ground.world.configure(change).await;
    assert_eq!(
        ground
            .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
            .await,
        [Outcome::Done; 4]
    );
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        [TEAM_KEYS_OFF; 4]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_taken_away_counts_from_the_next_call(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let (world, team) = (&ground.world, ground.team);
    for (taken, answer) in [
        (
            "DELETE FROM team_permission_grants WHERE user_id = $1",
            KEY_NOT_FOUND,
        ),
        ("DELETE FROM memberships WHERE user_id = $1", KEY_NOT_FOUND),
        ("DELETE FROM sessions WHERE user_id = $1", SIGNED_OUT),
        ("DELETE FROM users WHERE user_id = $1", SIGNED_OUT),
    ] {
        let admin = world.member("Next admin", team, &["team_admin"]).await;
        assert_eq!(
            ground
                .all(&admin.caller, ground.of_team(), ground.team_key)
                .await,
            [Outcome::Done; 4]
        );
        world.sql(taken, &[admin.id.uuid()]).await;
        let before = world.dump().await;
        let answers = ground
            .all(&admin.caller, ground.of_team(), ground.team_key)
            .await;
        assert_eq!(answers, [answer; 4], "{taken}");
        assert_eq!(world.dump().await, before, "{taken}");
        world
            .sql("DELETE FROM users WHERE user_id = $1", &[admin.id.uuid()])
            .await;
    }
    world
        .sql(
            "DELETE FROM permission_definitions WHERE project_id = $1",
            &[world.project.uuid()],
        )
        .await;
    let answers = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(answers, [KEY_NOT_FOUND; 4], "the role has gone");
    world.grant(team, ground.admin.id, "$manage_api_keys").await;
    assert_eq!(
        ground
            .all(&ground.admin.caller, ground.of_team(), ground.team_key)
            .await,
        [Outcome::Done; 4]
    );
    world
        .sql("DELETE FROM teams WHERE team_id = $1", &[team.uuid()])
        .await;
    let answers = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(answers, [KEY_NOT_FOUND; 4], "the team has gone");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_member_who_leaves_leaves_the_teams_keys(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let leaver = world.member("Leaver", ground.team, &["team_admin"]).await;
    let key = world.key(&leaver.caller, ground.of_team(), "stays").await;
    world
        .sql("DELETE FROM users WHERE user_id = $1", &[leaver.id.uuid()])
        .await;
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    let page = world
        .domain
        .list_keys(
            &ground.admin.caller,
            ground.of_team(),
            &KeyListView::default(),
        )
        .await;
    let page = page.expect("a page");
    let kept = page
        .keys
        .iter()
        .find(|listed| listed.id == key.id)
        .expect("the key");
    assert_eq!(kept.created_by, None);
}
