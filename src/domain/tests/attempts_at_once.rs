//! Many attempts to get in at the same time.

use sqlx::PgPool;

use crate::attempts::{PASSWORD, TOO_MANY, WRONG};
use crate::outcome::{Outcome, times};
use crate::world::World;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn however_many_try_at_once_one_account_is_tried_ten_times(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of("ada@example.com").await;
    let tries = (0..60).map(|n| {
        let password = if n < 30 {
            "wrong password"
        } else {
            "other password"
        };
        (
            format!("198.51.100.{n}"),
            "ada@example.com".to_owned(),
            password.to_owned(),
        )
    });
    let answers = world.storm(tries).await;
    let both = (times(&answers, WRONG), times(&answers, TOO_MANY));
    assert_eq!(both, (10, 50), "{answers:?}");
    assert_eq!(
        world
            .try_from("192.0.2.1", "ada@example.com", PASSWORD)
            .await,
        TOO_MANY
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn however_many_try_at_once_one_address_tries_fifty_times(pool: PgPool) {
    let world = World::new(pool).await;
    let tries = (0..90).map(|n| {
        (
            "192.0.2.1".to_owned(),
            format!("user{n}@example.com"),
            "wrong password".to_owned(),
        )
    });
    let answers = world.storm(tries).await;
    assert_eq!(times(&answers, TOO_MANY), 40, "{answers:?}");
    // Whom the bounded queue for hashing turned away was not verified either.
    let not_verified = times(&answers, WRONG) + times(&answers, Outcome::Busy);
    assert_eq!(not_verified, 50, "{answers:?}");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn right_passwords_at_once_do_not_stand_in_each_others_way(pool: PgPool) {
    let world = World::new(pool).await;
    for n in 0..8 {
        world.account_of(&format!("user{n}@example.com")).await;
    }
    for round in 0..2 {
        let tries = (0..32).map(|n| {
            (
                "192.0.2.1".to_owned(),
                format!("user{}@example.com", n % 8),
                PASSWORD.to_owned(),
            )
        });
        let answers = world.storm(tries).await;
        assert_eq!(answers, [Outcome::Done; 32], "round {round}");
    }
    assert_eq!(
        world
            .number("SELECT sum(attempts)::bigint FROM sign_in_attempts", &[])
            .await,
        0
    );
}
