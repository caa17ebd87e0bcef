//! Sessions, and how they end.

use latchkey_model::{api_key::KeyScope, key_list::KeyListView};
use sqlx::PgPool;

use crate::{
    accounts::{PASSWORD, credentials},
    outcome::{Outcome, SIGNED_OUT, outcome},
    world::{World, caller},
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn signing_out_ends_the_session_and_no_other(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let elsewhere = world.session(user.id).await;
    for _ in 0..2 {
        world
            .domain
            .sign_out(&user.caller)
            .await
            .expect("signed out");
        assert!(world.viewer(&user.caller).await.is_none());
    }
    let list = world
        .domain
        .list_keys(&user.caller, KeyScope::Own, &KeyListView::default())
        .await;
    assert_eq!(outcome(&list), SIGNED_OUT);
    assert!(world.viewer(&elsewhere).await.is_some());
    assert_eq!(
        world
            .number(
                "SELECT count(*) FROM audit_events WHERE action = 'session.ended'",
                &[]
            )
            .await,
        1
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_that_has_expired_is_nobody(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let key = world.key(&user.caller, KeyScope::Own, "mine").await.id;
    world
        .sql(
            "UPDATE sessions SET created_at_millis = 0, expires_at_millis = now_millis()",
            &[],
        )
        .await;
    let before = world.dump().await;
    let (domain, nobody) = (&world.domain, &user.caller);
    assert!(world.viewer(nobody).await.is_none());
    assert!(domain.team(nobody, team).await.is_err());
    for answer in [
        outcome(
            &domain
                .list_keys(nobody, KeyScope::Own, &KeyListView::default())
                .await,
        ),
        outcome(
            &domain
                .list_keys(nobody, KeyScope::OfTeam(team), &KeyListView::default())
                .await,
        ),
        outcome(
            &domain
                .create_key(nobody, KeyScope::Own, world.form("x"))
                .await,
        ),
        outcome(&domain.rename_key(nobody, KeyScope::Own, key, "x").await),
        outcome(&domain.revoke_key(nobody, KeyScope::Own, key).await),
        outcome(&domain.rename_user(nobody, "x").await),
        outcome(&domain.create_team(nobody, "x", None).await),
        outcome(&domain.rename_team(nobody, team, "x").await),
    ] {
        assert_eq!(answer, SIGNED_OUT);
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_of_another_project_is_nobody_here(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    let token = world
        .domain
        .sign_in(world.project, credentials("ada@example.com", PASSWORD))
        .await
        .expect("a session");
    let other = world.another_project().await;
    assert!(
        world
            .viewer(&caller(world.project, token.token.expose()))
            .await
            .is_some()
    );
    assert!(
        world
            .viewer(&caller(other.project, token.token.expose()))
            .await
            .is_none()
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nobody_is_signed_in_once_the_account_has_gone(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account("ada@example.com").await;
    let caller = world
        .sign_in("ada@example.com", PASSWORD, None)
        .await
        .expect("a session");
    world
        .sql("DELETE FROM users WHERE user_id = $1", &[user.uuid()])
        .await;
    assert!(world.viewer(&caller).await.is_none());
    assert_eq!(
        world.sign_in("ada@example.com", PASSWORD, None).await.err(),
        Some(Outcome::WrongCredentials)
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn tidying_up_deletes_what_has_ended_and_nothing_else(pool: PgPool) {
    let world = World::new(pool).await;
    let (ended, alive) = (world.user("ended").await, world.user("alive").await);
    assert!(
        world
            .sign_in("ended@example.com", "wrong password", None)
            .await
            .is_err()
    );
    world.domain.purge_expired().await.expect("tidied");
    assert_eq!(
        world
            .number("SELECT count(*) FROM sign_in_attempts", &[])
            .await,
        3
    );
    assert!(world.viewer(&ended.caller).await.is_some());

    let past =
        "UPDATE sessions SET created_at_millis = 0, expires_at_millis = 1 WHERE user_id = $1";
    world.sql(past, &[ended.id.uuid()]).await;
    let past = "UPDATE sign_in_attempts SET ends_at_millis = now_millis()";
    world.sql(past, &[]).await;
    world.domain.purge_expired().await.expect("tidied");
    assert_eq!(
        world
            .number("SELECT count(*) FROM sign_in_attempts", &[])
            .await,
        0
    );
    assert_eq!(world.number("SELECT count(*) FROM sessions", &[]).await, 1);
    assert!(world.viewer(&alive.caller).await.is_some());
}
