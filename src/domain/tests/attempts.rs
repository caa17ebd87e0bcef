//! How often somebody may try to get in.

use std::net::IpAddr;

use latchkey_domain::{Error, accounts::Credentials};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    accounts::credentials,
    outcome::{Outcome, outcome},
    world::World,
};

pub const PASSWORD: &str = "correct horse";
pub const WRONG: Outcome = Outcome::WrongCredentials;
pub const TOO_MANY: Outcome = Outcome::TooManyAttempts;

impl World {
    /// What comes of signing in from an address.
    pub async fn try_from(&self, address: &str, email: &str, password: &str) -> Outcome {
        self.try_with(address, None, email, password).await.0
    }

    /// What comes of signing in with a browser, and what the browser keeps then.
    pub async fn try_with(
        &self,
        address: &str,
        browser: Option<&str>,
        email: &str,
        password: &str,
    ) -> (Outcome, Option<String>) {
        let address: IpAddr = address.parse().expect("an address");
        let credentials = Credentials {
            source: address.into(),
            browser: browser.map(str::to_owned),
            ..credentials(email, password)
        };
        let answer = self.domain.sign_in(self.project, credentials).await;
        let outcome = outcome(&answer);
        (outcome, answer.ok().map(|signed_in| signed_in.browser))
    }

    pub async fn sign_up_from(&self, address: &str, email: &str) -> Outcome {
        let address: IpAddr = address.parse().expect("an address");
        let credentials = Credentials {
            source: address.into(),
            ..credentials(email, PASSWORD)
        };
        outcome(&self.domain.sign_up(self.project, credentials).await)
    }

    /// Accounts `user0@example.com` and so on, with one password.
    pub async fn accounts_of(&self, number: i32) {
        self.account_of("user@example.com").await;
        sqlx::query(
            "INSERT INTO users (project_id, user_id, primary_email, password_hash)
             SELECT project_id, new_id(), 'user' || n || '@example.com', password_hash
             FROM users, generate_series(0, $1) n WHERE primary_email = 'user@example.com'",
        )
        .bind(number - 1)
        .execute(&self.pool)
        .await
        .expect("accounts");
    }

    pub async fn attempts(&self) -> i64 {
        let sum = "SELECT COALESCE(sum(attempts), 0)::bigint FROM sign_in_attempts";
        self.number(sum, &[]).await
    }

    pub async fn rows_of_attempts(&self) -> i64 {
        self.number("SELECT count(*) FROM sign_in_attempts", &[])
            .await
    }

    pub async fn account_of(&self, email: &str) {
        let made = self
            .domain
            .create_user(self.project, email, PASSWORD.to_owned(), None)
            .await;
        made.expect("an account");
    }

    /// Sets how often all have tried so far, but those who have succeeded.
    pub async fn all_have_tried(&self, times: i32) {
        sqlx::query("UPDATE sign_in_attempts SET attempts = $1 WHERE NOT has_succeeded")
            .bind(times)
            .execute(&self.pool)
            .await
            .expect("attempts");
    }

    /// Many sign-ins at once.
    pub async fn storm(
        &self,
        tries: impl Iterator<Item = (String, String, String)>,
    ) -> Vec<Outcome> {
        let mut storm = JoinSet::new();
        for (address, email, password) in tries {
            let world = self.clone();
            storm.spawn(async move { world.try_from(&address, &email, &password).await });
        }
        storm.join_all().await
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_refused_address_is_told_how_long_to_wait(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of("ada@example.com").await;
    let wrong = world
        .try_from("192.0.2.1", "ada@example.com", "wrong password")
        .await;
    assert_eq!(wrong, WRONG);
    world.all_have_tried(50).await;
    let refused = world
        .domain
        .sign_in(world.project, credentials("ada@example.com", PASSWORD))
        .await;
    let Err(Error::TooManyAttempts(seconds)) = refused else {
        panic!("it was not refused");
    };
    assert!((1..=900).contains(&seconds), "{seconds}");
    assert_eq!(world.number("SELECT count(*) FROM sessions", &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_is_limited_whatever_accounts_it_tries(pool: PgPool) {
    let world = World::new(pool).await;
    assert_eq!(
        world.try_from("192.0.2.1", "a@example.com", PASSWORD).await,
        WRONG
    );
    world.all_have_tried(49).await;
    assert_eq!(
        world.try_from("192.0.2.1", "b@example.com", PASSWORD).await,
        WRONG
    );
    assert_eq!(
        world.try_from("192.0.2.1", "c@example.com", PASSWORD).await,
        TOO_MANY
    );
    assert_eq!(
        world
            .try_from("::ffff:192.0.2.1", "d@example.com", PASSWORD)
            .await,
        TOO_MANY
    );
    assert_eq!(
        world.try_from("192.0.2.2", "e@example.com", PASSWORD).await,
        WRONG
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_network_of_ipv6_counts_as_one_address(pool: PgPool) {
    let world = World::new(pool).await;
    assert_eq!(
        world
            .try_from("2001:db8:1:2::1", "a@example.com", PASSWORD)
            .await,
        WRONG
    );
    world.all_have_tried(50).await;
    assert_eq!(
        world
            .try_from("2001:db8:1:2:ffff::9", "b@example.com", PASSWORD)
            .await,
        TOO_MANY
    );
    assert_eq!(
        world
            .try_from("2001:db8:1:3::1", "c@example.com", PASSWORD)
            .await,
        WRONG
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_right_password_does_not_count(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of("ada@example.com").await;
    let ada = "ada@example.com";
    for _ in 0..12 {
        assert_eq!(
            world.try_from("192.0.2.1", ada, PASSWORD).await,
            Outcome::Done
        );
    }
    assert_eq!(world.attempts().await, 0);

    // Nor does it forgive what the address has tried.
    assert_eq!(
        world.try_from("192.0.2.1", "x@example.com", PASSWORD).await,
        WRONG
    );
    world.all_have_tried(48).await;
    sqlx::query("UPDATE sign_in_attempts SET attempts = 0 WHERE has_succeeded")
        .execute(&world.pool)
        .await
        .expect("attempts");
    assert_eq!(
        world.try_from("192.0.2.1", ada, "wrong password").await,
        WRONG
    );
    assert_eq!(
        world.try_from("192.0.2.1", ada, PASSWORD).await,
        Outcome::Done
    );
    assert_eq!(
        world.try_from("192.0.2.1", ada, "wrong password").await,
        WRONG
    );
    assert_eq!(world.try_from("192.0.2.1", ada, PASSWORD).await, TOO_MANY);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn when_its_time_has_passed_counting_begins_anew(pool: PgPool) {
    let world = World::new(pool).await;
    world.account_of("ada@example.com").await;
    let ada = "ada@example.com";
    assert_eq!(
        world.try_from("192.0.2.1", ada, "wrong password").await,
        WRONG
    );
    world.all_have_tried(1_000_000).await;
    assert_eq!(world.try_from("192.0.2.1", ada, PASSWORD).await, TOO_MANY);
    let later = "UPDATE sign_in_attempts SET ends_at_millis = now_millis()";
    world.sql(later, &[]).await;
    assert_eq!(
        world.try_from("192.0.2.1", ada, "wrong password").await,
        WRONG
    );
    let most = "SELECT max(attempts)::bigint FROM sign_in_attempts";
    assert_eq!(world.number(most, &[]).await, 1);
    assert_eq!(
        world.try_from("192.0.2.1", ada, PASSWORD).await,
        Outcome::Done
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_project_does_not_pay_for_anothers_attempts(pool: PgPool) {
    let world = World::new(pool).await;
    let other = world.another_project().await;
    assert_eq!(
        world.try_from("192.0.2.1", "a@example.com", PASSWORD).await,
        WRONG
    );
    world.all_have_tried(50).await;
    assert_eq!(
        world.try_from("192.0.2.1", "a@example.com", PASSWORD).await,
        TOO_MANY
    );
    assert_eq!(
        other.try_from("192.0.2.1", "a@example.com", PASSWORD).await,
        WRONG
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn new_accounts_from_one_address_are_limited(pool: PgPool) {
    let world = World::new(pool).await;
    assert_eq!(
        world.sign_up_from("192.0.2.1", "a@example.com").await,
        Outcome::Done
    );
    world.all_have_tried(99).await;
    assert_eq!(
        world.sign_up_from("192.0.2.1", "b@example.com").await,
        Outcome::Done
    );
    assert_eq!(
        world.sign_up_from("192.0.2.1", "c@example.com").await,
        TOO_MANY
    );
    assert_eq!(
        world.sign_up_from("192.0.2.2", "c@example.com").await,
        Outcome::Done
    );
    assert_eq!(
        world.try_from("192.0.2.1", "a@example.com", PASSWORD).await,
        Outcome::Done
    );
    assert_eq!(world.number("SELECT count(*) FROM users", &[]).await, 3);
}
