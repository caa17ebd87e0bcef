//! What the failures of some mean for others.

use latchkey_domain::{
    Domain, Subject, accounts::Credentials, clock::Clock, operator::NamedUser, secret::MasterKey,
    source::Source,
};
use latchkey_model::{caller::UserRef, id::UserId, user::UserChange};
use sqlx::PgPool;

use crate::{
    accounts::credentials,
    attempts::{PASSWORD, TOO_MANY, WRONG},
    outcome::{Outcome, outcome},
    world::World,
};

const ADA: &str = "ada@example.com";
const OFFICE: &str = "203.0.113.7";
const HOME: &str = "192.0.2.1";

impl World {
    /// Strangers try until the account lets no more of them try.
    async fn lock(&self, email: &str) {
        self.try_from("198.51.100.1", email, "wrong password").await;
        let locked = "UPDATE sign_in_attempts SET attempts = 80
            WHERE subject_digest IN (SELECT account_attempts(user_id, NULL) FROM users)";
        self.sql(locked, &[]).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_address_locks_no_account_for_others(pool: PgPool) {
    let world = World::new(pool).await;
    world.accounts_of(60).await;
    let accounts = || (0..60).map(|n| format!("user{n}@example.com"));
    let mut refused = 0;
    for email in accounts() {
        for _ in 0..11 {
            let answer = world
                .try_from("198.51.100.1", &email, "wrong password")
                .await;
            refused += usize::from(answer == TOO_MANY);
        }
    }
    assert_eq!(refused, 60 * 11 - 50);
    // More often than an account may be tried.
    for _ in 0..90 {
        let refused = world.try_from("198.51.100.1", "user0@example.com", PASSWORD);
        assert_eq!(refused.await, TOO_MANY);
    }
    for email in accounts() {
        let answer = world.try_from(HOME, &email, PASSWORD).await;
        assert_eq!(answer, Outcome::Done, "{email}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_address_that_goes_on_for_hours_locks_no_account_for_others(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    let before = world.domain.password_work().compared;
    for _ in 0..3 {
        for _ in 0..40 {
            let tried = world.try_from("198.51.100.1", ADA, "wrong password");
            assert_eq!(tried.await, WRONG);
        }
        let after_its_time = "UPDATE sign_in_attempts SET ends_at_millis = 0
            WHERE ends_at_millis <= now_millis() + 15 * 60 * 1000";
        assert_eq!(world.sql(after_its_time, &[]).await, 1);
    }
    assert_eq!(world.domain.password_work().compared - before, 15);
    assert_eq!(world.try_from(HOME, ADA, PASSWORD).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_refused_writes_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    world.accounts_of(20).await;
    world.try_from(HOME, "x@example.com", PASSWORD).await;
    world.all_have_tried(50).await;
    let before = world.dump().await;
    for n in 0..20 {
        for email in [
            format!("user{n}@example.com"),
            format!("random{n}@example.com"),
        ] {
            assert_eq!(world.try_from(HOME, &email, PASSWORD).await, TOO_MANY);
        }
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn tries_of_accounts_that_do_not_exist_share_few_rows(pool: PgPool) {
    let world = World::new(pool).await;
    let tries = "SELECT count(a.admission) FROM generate_series(1, 3000) n,
        LATERAL admit_sign_in($1, NULL, sha256(set_byte('\\x00', 0, n % 256)), NULL, sha256(n::text::bytea)) a
        WHERE a.admission = 'unknown'";
    assert_eq!(world.number(tries, &[world.project.uuid()]).await, 3000);
    assert_eq!(world.rows_of_attempts().await, 3000 + 2 * 256);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_locked_account_answers_strangers_alike_whatever_they_guess(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    world.lock(ADA).await;
    let before = world.domain.password_work();
    for (address, password) in [
        (OFFICE, "wrong password"),
        (OFFICE, PASSWORD),
        ("203.0.113.8", PASSWORD),
    ] {
        assert_eq!(world.try_from(address, ADA, password).await, WRONG);
    }
    let after = world.domain.password_work();
    assert_eq!(after.compared, before.compared);
    assert_eq!(after.argon2id, before.argon2id + 3);
    assert_eq!(world.number("SELECT count(*) FROM sessions", &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_browser_that_has_signed_in_before_is_not_locked_out(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    let (done, browser) = world.try_with(HOME, None, ADA, PASSWORD).await;
    assert_eq!(done, Outcome::Done);
    world.lock(ADA).await;
    // Where the address itself is refused, too.
    world.all_have_tried(80).await;
    let other = world.another_project().await;
    let kept = browser.as_deref();
    assert_eq!(world.try_with(OFFICE, None, ADA, PASSWORD).await.0, WRONG);
    assert_eq!(
        world.try_with("198.51.100.1", kept, ADA, PASSWORD).await.0,
        Outcome::Done
    );
    assert_eq!(other.try_with(OFFICE, kept, ADA, PASSWORD).await.0, WRONG);

    // That it was there ends the row of failures, so that a new browser gets in too.
    assert_eq!(
        world.try_with(OFFICE, None, ADA, PASSWORD).await.0,
        Outcome::Done
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_known_browser_may_fail_ten_times_in_a_row(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    let (_, browser) = world.try_with(HOME, None, ADA, PASSWORD).await;
    let kept = browser.as_deref();
    for round in 0..2 {
        for n in 0..10 {
            world.lock(ADA).await;
            let password = if n < 9 { "wrong password" } else { PASSWORD };
            let expected = if n < 9 { WRONG } else { Outcome::Done };
            let answer = world.try_with(OFFICE, kept, ADA, password).await.0;
            assert_eq!(answer, expected, "{round} {n}");
        }
    }
    for _ in 0..10 {
        world.try_with(OFFICE, kept, ADA, "wrong password").await;
    }
    world.lock(ADA).await;
    assert_eq!(
        world.try_with("203.0.113.9", kept, ADA, PASSWORD).await.0,
        WRONG
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_that_the_account_has_signed_in_from_is_not_locked_out(pool: PgPool) {
    let world = World::new(pool).await;
    assert_eq!(world.sign_up_from(HOME, ADA).await, Outcome::Done);
    world.lock(ADA).await;
    assert_eq!(world.try_from(OFFICE, ADA, PASSWORD).await, WRONG);
    assert_eq!(world.try_from(HOME, ADA, "wrong password").await, WRONG);
    assert_eq!(world.try_from(HOME, ADA, PASSWORD).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_password_ends_the_row_of_failures(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account(ADA).await;
    world.lock(ADA).await;
    assert_eq!(world.try_from(OFFICE, ADA, PASSWORD).await, WRONG);
    let change = UserChange {
        password: Some("another password".to_owned()),
        ..UserChange::default()
    };
    let changed = world
        .domain
        .change_user(&world.server, UserRef::Id(user), change)
        .await;
    changed.expect("the user");
    assert_eq!(
        world.try_from(OFFICE, ADA, "another password").await,
        Outcome::Done
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_a_server_asks_counts_for_the_account_alone(pool: PgPool) {
    let world = World::new(pool).await;
    world.accounts_of(60).await;
    let ask = async |email: &str, password: &str| {
        let credentials = Credentials {
            source: Source::Server,
            ..credentials(email, password)
        };
        outcome(&world.domain.sign_in(world.project, credentials).await)
    };
    for n in 0..60 {
        let email = format!("user{n}@example.com");
        assert_eq!(ask(&email, "wrong password").await, WRONG);
    }
    assert_eq!(world.rows_of_attempts().await, 60);
    world
        .sql("UPDATE sign_in_attempts SET attempts = 79", &[])
        .await;
    assert_eq!(ask("user0@example.com", PASSWORD).await, Outcome::Done);
    assert_eq!(ask("user0@example.com", "wrong password").await, WRONG);
    assert_eq!(ask("user0@example.com", PASSWORD).await, WRONG);
    assert_eq!(ask("user1@example.com", PASSWORD).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_operator_ends_the_lock_of_one_account_wherever_the_failures_came_from(pool: PgPool) {
    let world = World::new(pool).await;
    let other = "eve@example.com";
    for email in [ADA, other] {
        world.account_of(email).await;
        // Of the owner, who has forgotten the password.
        for _ in 0..15 {
            assert_eq!(world.try_from(HOME, email, "forgotten").await, WRONG);
        }
        world.lock(email).await;
        assert_eq!(world.try_from(HOME, email, PASSWORD).await, WRONG);
        assert_eq!(world.try_from(OFFICE, email, PASSWORD).await, WRONG);
    }
    let operator = &world.domain;
    let unlock = async |user: NamedUser| operator.end_sign_in_lock(world.project, &user).await;
    let (ada, forgotten) = unlock(NamedUser::Email(" Ada@Example.com ".to_owned()))
        .await
        .expect("the account");
    assert!(forgotten >= 95, "{forgotten}");
    assert_eq!(world.try_from(HOME, ADA, PASSWORD).await, Outcome::Done);
    assert_eq!(world.try_from(OFFICE, ADA, PASSWORD).await, Outcome::Done);
    assert_eq!(world.try_from(OFFICE, other, PASSWORD).await, WRONG);
    let unlocked = "user.sign_in_unlocked".to_owned();
    let audit = world.audit(ada.uuid()).await;
    assert!(audit.contains(&unlocked), "{audit:?}");

    let id = "SELECT user_id FROM users WHERE primary_email = 'eve@example.com'";
    let eve = sqlx::query_scalar(id).fetch_one(&world.pool).await;
    let eve = UserId::new(eve.expect("an id"));
    assert!(unlock(NamedUser::Id(eve)).await.is_ok());
    assert_eq!(world.try_from(HOME, other, PASSWORD).await, Outcome::Done);
    // Nothing to forget is nothing to record.
    let times = world.audit(eve.uuid()).await.len();
    assert_eq!(unlock(NamedUser::Id(eve)).await.expect("found").1, 0);
    assert_eq!(world.audit(eve.uuid()).await.len(), times);

    let nobody = [
        NamedUser::Email("nobody@example.com".to_owned()),
        NamedUser::Id(UserId::new(world.project.uuid())),
    ];
    for user in nobody {
        let unlocked = unlock(user).await;
        assert_eq!(outcome(&unlocked), Outcome::NotFound(Subject::User));
    }
    let elsewhere = world.another_project().await;
    let ada = NamedUser::Id(ada);
    let foreign = operator.end_sign_in_lock(elsewhere.project, &ada).await;
    assert_eq!(outcome(&foreign), Outcome::NotFound(Subject::User));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_password_also_ends_the_lock_of_the_owners_own_address(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    for _ in 0..15 {
        assert_eq!(world.try_from(HOME, ADA, "forgotten").await, WRONG);
    }
    assert_eq!(world.try_from(HOME, ADA, PASSWORD).await, WRONG);
    let ada = sqlx::query_scalar("SELECT user_id FROM users")
        .fetch_one(&world.pool)
        .await;
    let change = UserChange {
        password: Some("a new password".to_owned()),
        ..UserChange::default()
    };
    let ada = UserRef::Id(UserId::new(ada.expect("an id")));
    let changed = world.domain.change_user(&world.server, ada, change).await;
    assert_eq!(outcome(&changed), Outcome::Done);
    let signed_in = world.try_from(HOME, ADA, "a new password").await;
    assert_eq!(signed_in, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_stays_known_to_an_account_when_the_secret_is_replaced(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of(ADA).await;
    assert_eq!(world.try_from(HOME, ADA, PASSWORD).await, Outcome::Done);
    world.lock(ADA).await;
    let with = |master_key| World {
        domain: Domain::new(world.pool.clone(), master_key, Clock::System),
        ..world.clone()
    };
    // Once known with the new secret, the former one is not needed for it.
    for (secrets, address, expected) in [
        (MasterKey::new("new"), HOME, WRONG),
        (
            MasterKey::with_former("new", ["older", "test"]),
            OFFICE,
            WRONG,
        ),
        (
            MasterKey::with_former("new", ["older", "test"]),
            HOME,
            Outcome::Done,
        ),
        (MasterKey::new("new"), HOME, Outcome::Done),
    ] {
        let rotated = with(secrets);
        let answer = rotated.try_from(address, ADA, PASSWORD).await;
        assert_eq!(answer, expected, "{address}");
        rotated.domain.close().await;
    }
}

/// From ever new addresses, with a restart in the middle.
async fn guess(world: World, guesses: i32) {
    world.account_of(ADA).await;
    let restarted = World {
        domain: Domain::new(world.pool.clone(), MasterKey::new("test"), Clock::System),
        ..world.clone()
    };
    for (program, world) in [&world, &restarted].into_iter().enumerate() {
        for start in (0..guesses / 2).step_by(6) {
            let tries = (start..start + 6).map(|n| {
                let address = format!("10.{program}.{}.{}", n / 256, n % 256);
                (address, ADA.to_owned(), format!("guess number {n}"))
            });
            let answers = world.storm(tries).await;
            assert_eq!(answers, [WRONG; 6], "{start}");
        }
    }
    let compared = [&world, &restarted].map(|world| world.domain.password_work().compared);
    assert_eq!(compared.iter().sum::<u64>(), 80);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_many_guesses_at_most_a_hundred_are_compared(pool: PgPool) {
    guess(World::new(pool).await, 120).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
#[ignore = "slow: make soak"]
async fn of_ten_thousand_guesses_at_most_a_hundred_are_compared(pool: PgPool) {
    guess(World::new(pool).await, 10_000).await;
}
