//! Signing in, and the sessions that it starts.

use sqlx::PgPool;

use crate::{accounts::PASSWORD, outcome::Outcome, world::World};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_right_password_signs_in(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account("ada@example.com").await;
    let caller = world
        .sign_in("  Ada@EXAMPLE.com", PASSWORD, None)
        .await
        .expect("a session");
    assert_eq!(world.viewer(&caller).await.expect("somebody").user_id, user);
    let started =
        "SELECT count(*) FROM audit_events a JOIN sessions s ON s.session_id = a.subject_id
        WHERE a.action = 'session.started' AND a.actor_user_id = $1";
    assert_eq!(world.number(started, &[user.uuid()]).await, 1);
    let month =
        "SELECT count(*) FROM sessions WHERE expires_at_millis - created_at_millis = 2592000000";
    assert_eq!(world.number(month, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whatever_is_wrong_at_sign_in_the_answer_is_the_same(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    world.user("passwordless").await;
    let sessions = world.number("SELECT count(*) FROM sessions", &[]).await;
    for (email, password) in [
        ("ada@example.com", "wrong password"),
        ("ada@example.com", "correct horse "),
        ("ada@example.com", ""),
        ("ada@example.com", &"x".repeat(71)),
        ("ada@example.com", &"x".repeat(100_000)),
        ("ada@example.com", "\0"),
        ("nobody@example.com", PASSWORD),
        ("passwordless@example.com", PASSWORD),
        ("passwordless@example.com", ""),
        ("not an address", PASSWORD),
        ("\0", PASSWORD),
        ("", ""),
    ] {
        let refused = world.sign_in(email, password, None).await;
        assert_eq!(refused.err(), Some(Outcome::WrongCredentials), "{email:?}");
    }
    let other = world.another_project().await;
    let refused = other.sign_in("ada@example.com", PASSWORD, None).await;
    assert_eq!(refused.err(), Some(Outcome::WrongCredentials));
    assert_eq!(
        world.number("SELECT count(*) FROM sessions", &[]).await,
        sessions
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_session_ends_the_one_the_browser_had(pool: PgPool) {
    let world = World::new(pool).await;
    world.account("ada@example.com").await;
    let first = world
        .sign_in("ada@example.com", PASSWORD, None)
        .await
        .expect("a session");
    let second = world
        .sign_in("ada@example.com", PASSWORD, Some(first))
        .await
        .expect("a session");
    assert!(world.viewer(&first).await.is_none());

    // A failed try costs nobody the session.
    assert!(
        world
            .sign_in("ada@example.com", "wrong password", Some(second))
            .await
            .is_err()
    );
    assert!(
        world
            .sign_up("ada@example.com", PASSWORD, Some(second))
            .await
            .is_err()
    );
    assert!(world.viewer(&second).await.is_some());

    let third = world
        .sign_up("eve@example.com", PASSWORD, Some(second))
        .await
        .expect("an account");
    assert!(world.viewer(&second).await.is_none());
    assert_eq!(
        world
            .viewer(&third)
            .await
            .expect("somebody")
            .email
            .as_deref(),
        Some("eve@example.com")
    );
}
