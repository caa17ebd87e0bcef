//! Many attempts to get in at the same time.

use std::time::Duration;

use sqlx::PgPool;

use crate::{
    attempts::{PASSWORD, TOO_MANY, WRONG},
    outcome::{Outcome, times},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn however_many_try_at_once_an_account_is_not_tried_more_often(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of("ada@example.com").await;
    world
        .try_from("192.0.2.1", "ada@example.com", "wrong password")
        .await;
    // Five more may be tried.
    world.all_have_tried(75).await;
    let before = world.domain.password_work().compared;
    for round in 0..3 {
        let tries = (0..30).map(|n| {
            (
                format!("198.51.{round}.{n}"),
                "ada@example.com".to_owned(),
                "wrong password".to_owned(),
            )
        });
        let answers = world.storm(tries).await;
        let not_busy = times(&answers, WRONG);
        assert_eq!(not_busy + times(&answers, Outcome::Busy), 30, "{answers:?}");
    }
    assert_eq!(world.domain.password_work().compared - before, 5);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn however_many_try_at_once_one_address_tries_fifty_times(pool: PgPool) {
    let world = World::new(pool).await;
    let mut wrong = 0;
    for round in 0..4 {
        let tries = (0..30).map(|n| {
            (
                "192.0.2.1".to_owned(),
                format!("user{n}@round{round}.example"),
                "wrong password".to_owned(),
            )
        });
        let answers = world.storm(tries).await;
        wrong += times(&answers, WRONG);
        let others = times(&answers, TOO_MANY) + times(&answers, Outcome::Busy);
        assert_eq!(times(&answers, WRONG) + others, 30, "{answers:?}");
    }
    assert_eq!(wrong, 50);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_finds_the_queue_full_has_not_tried(pool: PgPool) {
    let world = World::new(pool).await;
    world.accounts_of(1).await;
    let tries = (0..40).map(|_| {
        (
            "192.0.2.1".to_owned(),
            "user0@example.com".to_owned(),
            "wrong password".to_owned(),
        )
    });
    let answers = world.storm(tries).await;
    assert!(times(&answers, Outcome::Busy) > 0, "{answers:?}");
    // Of the address, of the address and the account, and of the account.
    let counted = 3 * times(&answers, WRONG);
    assert_eq!(usize::try_from(world.attempts().await), Ok(counted));
    assert_eq!(
        world
            .try_from("192.0.2.7", "user0@example.com", PASSWORD)
            .await,
        Outcome::Done
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_gets_no_turn_in_time_has_not_tried(pool: PgPool) {
    let world = World::new(pool).await;
    world.accounts_of(1).await;
    // Two have their turn at once, and nobody waits.
    let impatient = World {
        domain: world
            .as_served()
            .domain
            .with_password_deadline(Duration::ZERO),
        ..world.clone()
    };
    let tries = (0..8).map(|n| {
        (
            format!("192.0.2.{n}"),
            "user0@example.com".to_owned(),
            "wrong password".to_owned(),
        )
    });
    let answers = impatient.storm(tries).await;
    assert!(times(&answers, Outcome::Busy) > 0, "{answers:?}");
    let counted = 3 * times(&answers, WRONG);
    assert_eq!(usize::try_from(world.attempts().await), Ok(counted));
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
    assert_eq!(world.attempts().await, 0);
}
