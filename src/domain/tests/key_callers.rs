//! Every kind of caller against every operation on keys: what is answered, and that what is
//! refused changes nothing at all.

use latchkey_domain::{clock::Clock, random};
use latchkey_model::{api_key::KeyScope, caller::Caller};
use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::KeyListView,
};
use sqlx::PgPool;

use crate::{
    key_ground::{Ground, is_signed_out, refusal_of},
    outcome::{KEY_NOT_FOUND, Outcome, SIGNED_OUT},
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn owners_and_admins_may_do_it_all(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let own = ground
        .all(&ground.owner.caller, KeyScope::Own, ground.own_key)
        .await;
    assert_eq!(own, [Outcome::Done; 4]);
    let of_team = ground
        .all(&ground.admin.caller, ground.of_team(), ground.team_key)
        .await;
    assert_eq!(of_team, [Outcome::Done; 4]);
    for key in [ground.own_key, ground.team_key] {
        let audit = ground.world.audit(key.uuid()).await;
        assert_eq!(
            audit,
            ["api_key.created", "api_key.renamed", "api_key.revoked"]
        );
        assert!(ground.world.revoked_at(key).await.is_some());
    }
    let renamed = "SELECT count(*) FROM api_keys WHERE description = 'renamed'";
    assert_eq!(ground.world.number(renamed, &[]).await, 2);
    assert_eq!(
        ground
            .world
            .number("SELECT count(*) FROM api_keys", &[])
            .await,
        4
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_permission_alone_is_enough_without_a_role(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let holder = ground
        .world
        .member("Holder", ground.team, &["$manage_api_keys"])
        .await;
    assert_eq!(
        ground
            .all(&holder.caller, ground.of_team(), ground.team_key)
            .await,
        [Outcome::Done; 4]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_else_touches_a_users_key(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground.not_the_owner() {
        let answers = ground.both(&caller, KeyScope::Own, ground.own_key).await;
        assert_eq!(answers, [refusal_of(who, KEY_NOT_FOUND); 2], "{who}");
    }
    // Nor does its owner, or an admin, by way of a team.
    for caller in [&ground.owner.caller, &ground.admin.caller] {
        let answers = ground.both(caller, ground.of_team(), ground.own_key).await;
        assert_eq!(answers, [KEY_NOT_FOUND; 2]);
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_without_the_permission_learns_of_a_teams_keys_or_touches_them(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground.not_the_admin() {
        let answers = ground.all(&caller, ground.of_team(), ground.team_key).await;
        assert_eq!(answers, [refusal_of(who, KEY_NOT_FOUND); 4], "{who}");
        let nowhere = KeyScope::OfTeam(TeamId::new(random::id(Clock::System)));
        let answers = ground.all(&caller, nowhere, ground.team_key).await;
        assert_eq!(
            answers,
            [refusal_of(who, KEY_NOT_FOUND); 4],
            "{who}, no such team"
        );
    }
    // Not even its admin reaches a team's key as one of their own.
    let answers = ground
        .both(&ground.admin.caller, KeyScope::Own, ground.team_key)
        .await;
    assert_eq!(answers, [KEY_NOT_FOUND; 2]);
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_is_signed_out_can_do_nothing(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    for (who, caller) in ground.others.iter().filter(|(who, _)| is_signed_out(who)) {
        for (keys, key) in [
            (KeyScope::Own, ground.own_key),
            (ground.of_team(), ground.team_key),
        ] {
            assert_eq!(
                ground.all(caller, keys, key).await,
                [SIGNED_OUT; 4],
                "{who}"
            );
        }
    }
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_does_not_exist_is_not_found(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let before = ground.world.dump().await;
    let missing = ApiKeyId::new(random::id(Clock::System));
    assert_eq!(
        ground
            .both(&ground.owner.caller, KeyScope::Own, missing)
            .await,
        [KEY_NOT_FOUND; 2]
    );
    assert_eq!(
        ground
            .both(&ground.admin.caller, ground.of_team(), missing)
            .await,
        [KEY_NOT_FOUND; 2]
    );
    assert_eq!(ground.world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_shows_the_callers_keys_and_no_others(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let view = KeyListView::default();
    let ids = async |caller: &Caller, keys| {
        let page = ground
            .world
            .domain
            .list_keys(caller, keys, &view)
            .await
            .expect("a page");
        let ids: Vec<_> = page.keys.iter().map(|key| key.id).collect();
        assert_eq!(page.total, i64::try_from(ids.len()).expect("few"));
        ids
    };
    assert_eq!(
        ids(&ground.owner.caller, KeyScope::Own).await,
        [ground.own_key]
    );
    assert_eq!(
        ids(&ground.admin.caller, ground.of_team()).await,
        [ground.team_key]
    );
    assert_eq!(ids(&ground.admin.caller, KeyScope::Own).await, []);
    for (who, caller) in &ground.others {
        if !is_signed_out(who) {
            assert_eq!(ids(caller, KeyScope::Own).await, [], "{who}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_taken_to_another_project_is_nobody_there(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let other = ground.world.another_project().await;
    let token = random::secret_text();
    let session = "INSERT INTO sessions SELECT project_id, new_id(), user_id, sha256(convert_to($1, 'UTF8')), 0,
        now_millis() + 1000000 FROM users WHERE user_id = $2";
    sqlx::query(session)
        .bind(&token)
        .bind(ground.owner.id.uuid())
        .execute(&ground.world.pool)
        .await
        .expect("a session");
    let before = ground.world.dump().await;
    let here = crate::world::caller(ground.world.project, &token);
    let there = crate::world::caller(other.project, &token);
    assert!(ground.world.viewer(&here).await.is_some());
    assert_eq!(
        ground.all(&there, KeyScope::Own, ground.own_key).await,
        [SIGNED_OUT; 4]
    );
    assert_eq!(ground.world.dump().await, before);
}
