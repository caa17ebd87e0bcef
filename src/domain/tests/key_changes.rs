//! Renaming and revoking keys.

use latchkey_model::api_key::KeyScope;
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    outcome::{Outcome, REVOKED, VALID, outcome},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_revoked_key_stays_revoked_since_the_first_time(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, key.id)
        .await
        .expect("revoked");
    world
        .sql("UPDATE api_keys SET revoked_at_millis = 12345", &[])
        .await;
    let before = world.dump().await;
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, key.id)
        .await
        .expect("revoked already");
    assert_eq!(world.dump().await, before);
    assert_eq!(world.revoked_at(key.id).await, Some(12345));
    assert_eq!(world.check(key.secret.expose()).await, REVOKED);
    assert_eq!(
        world.audit(key.id.uuid()).await,
        ["api_key.created", "api_key.revoked"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn revoking_touches_one_key(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let keys = [
        world.key(&user.caller, KeyScope::Own, "same").await,
        world.key(&user.caller, KeyScope::Own, "same").await,
    ];
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, keys[0].id)
        .await
        .expect("revoked");
    assert_eq!(world.check(keys[0].secret.expose()).await, REVOKED);
    assert_eq!(world.check(keys[1].secret.expose()).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn renaming_changes_the_description_and_nothing_else(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "before").await;
    let mut expected = world.dump().await["api_keys"].clone();
    for row in &mut expected {
        // Also as it is searched for.
        *row = row.replace("before", "after");
    }
    world
        .domain
        .rename_key(&user.caller, KeyScope::Own, key.id, " after ")
        .await
        .expect("renamed");
    assert_eq!(world.dump().await["api_keys"], expected);
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    assert_eq!(
        world.audit(key.id.uuid()).await,
        ["api_key.created", "api_key.renamed"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn many_revocations_at_once_are_one(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    let served = world.as_served();
    let mut storm = JoinSet::new();
    for _ in 0..32 {
        let domain = served.domain.clone();
        storm.spawn(async move { domain.revoke_key(&user.caller, KeyScope::Own, key.id).await });
    }
    let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
    assert_eq!(outcomes, [Outcome::Done; 32]);
    assert_eq!(
        world.audit(key.id.uuid()).await,
        ["api_key.created", "api_key.revoked"]
    );
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn revoking_and_renaming_at_once_both_hold(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let served = world.as_served();
    for round in 0..25 {
        let key = world.key(&user.caller, KeyScope::Own, "before").await.id;
        let mut storm = JoinSet::new();
        for n in 0..8 {
            let domain = served.domain.clone();
            storm.spawn(async move {
                if n == round % 8 {
                    domain.revoke_key(&user.caller, KeyScope::Own, key).await
                } else {
                    domain
                        .rename_key(&user.caller, KeyScope::Own, key, "after")
                        .await
                }
            });
        }
        let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
        assert_eq!(outcomes, [Outcome::Done; 8]);
        let held = "SELECT count(*) FROM api_keys
            WHERE api_key_id = $1 AND revoked_at_millis IS NOT NULL AND description = 'after'";
        assert_eq!(world.number(held, &[key.uuid()]).await, 1);
        let audit = world.audit(key.uuid()).await;
        let times = |action: &str| audit.iter().filter(|done| *done == action).count();
        let changes = (times("api_key.revoked"), times("api_key.renamed"));
        assert_eq!(changes, (1, 7));
    }
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_revocation_waits_for_a_change_under_way_and_then_holds(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "before").await;
    #[expect(
        clippy::disallowed_methods,
        reason = "a change of another program's, held open"
    )]
    let mut change = world.pool.begin().await.expect("a transaction");
    sqlx::query("UPDATE api_keys SET description = 'under way'")
        .execute(&mut *change)
        .await
        .expect("a change");
    let revoke = world.domain.revoke_key(&user.caller, KeyScope::Own, key.id);
    let (revoked, ()) = tokio::join!(revoke, async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while world.number(waiting, &[]).await == 0 {}
        change.commit().await.expect("the change");
    });
    revoked.expect("revoked");
    assert_eq!(world.check(key.secret.expose()).await, REVOKED);
    let held = "SELECT count(*) FROM api_keys WHERE description = 'under way' AND revoked_at_millis IS NOT NULL";
    assert_eq!(world.number(held, &[]).await, 1);
    assert_eq!(
        world.audit(key.id.uuid()).await,
        ["api_key.created", "api_key.revoked"]
    );
}
