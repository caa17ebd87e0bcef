//! A new password by a link.

use std::{net::IpAddr, time::Duration};

use latchkey_domain::{Field, Invalid, Subject, operator::NamedUser, random};
use latchkey_model::{
    account::InvalidPassword,
    caller::{Caller, UserRef},
    id::ProjectId,
    user::UserChange,
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    accounts::PASSWORD,
    outcome::{Outcome, outcome, times},
    world::World,
};

const ADA: &str = "ada@example.com";
const NEW: &str = "another horse";
const GONE: Outcome = Outcome::NotFound(Subject::PasswordReset);
const NO_USER: Outcome = Outcome::NotFound(Subject::User);

impl World {
    async fn reset_token(&self) -> String {
        let ada = NamedUser::Email(ADA.to_owned());
        let reset = self.domain.create_password_reset(self.project, &ada).await;
        reset.expect("a link").token.expose().to_owned()
    }

    async fn reset(&self, project: ProjectId, token: &str, password: &str) -> Outcome {
        let source = IpAddr::from([192, 0, 2, 1]).into();
        let reset = self
            .domain
            .reset_password(project, token, password.to_owned(), source);
        outcome(&reset.await)
    }

    async fn ada(&self) -> Caller {
        self.account(ADA).await;
        self.sign_in(ADA, PASSWORD, None).await.expect("a session")
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_link_sets_the_password_once_and_ends_every_session(pool: PgPool) {
    let world = World::new(pool).await;
    let session = world.ada().await;
    let token = world.reset_token().await;
    let shown = world.domain.password_reset(world.project, &token).await;
    assert_eq!(shown.expect("an address"), ADA);
    assert!(
        world.viewer(&session).await.is_some(),
        "opening it changes nothing"
    );
    assert_eq!(world.reset(world.project, &token, NEW).await, Outcome::Done);
    assert!(world.viewer(&session).await.is_none());
    assert_eq!(
        world.sign_in(ADA, PASSWORD, None).await.err(),
        Some(Outcome::WrongCredentials)
    );
    world.sign_in(ADA, NEW, None).await.expect("a session");
    assert_eq!(world.reset(world.project, &token, PASSWORD).await, GONE);
    world.sign_in(ADA, NEW, None).await.expect("still the same");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_link_no_longer_works_once_something_has_overtaken_it(pool: PgPool) {
    let world = World::new(pool).await;
    let session = world.ada().await;
    let user = world.domain.user(&session, UserRef::Me).await;
    let user = user.expect("a user").id;
    let first = world.reset_token().await;
    let second = world.reset_token().await;
    assert_eq!(world.reset(world.project, &first, NEW).await, GONE);
    let changed = UserChange {
        password: Some("changed by a server".to_owned()),
        ..UserChange::default()
    };
    let server = &world.server;
    let changing = world.domain.change_user(server, UserRef::Id(user), changed);
    changing.await.expect("changed");
    assert_eq!(world.reset(world.project, &second, NEW).await, GONE);
    for overtaken_by in [
        "UPDATE password_resets SET expires_at_millis = now_millis()",
        "UPDATE users SET primary_email_auth_enabled = false",
        "UPDATE users SET primary_email = NULL",
        "DELETE FROM users",
    ] {
        world
            .sql("UPDATE users SET primary_email_auth_enabled = true", &[])
            .await;
        let token = world.reset_token().await;
        world.sql(overtaken_by, &[]).await;
        let project = world.project;
        assert_eq!(
            world.reset(project, &token, NEW).await,
            GONE,
            "{overtaken_by}"
        );
        let shown = world.domain.password_reset(project, &token).await;
        assert_eq!(outcome(&shown), GONE, "{overtaken_by}");
        world
            .sql(
                "UPDATE users SET primary_email = 'ada@example.com' WHERE primary_email IS NULL",
                &[],
            )
            .await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn nothing_but_the_token_is_a_link(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let token = world.reset_token().await;
    let other = world.another_project().await;
    assert_eq!(world.reset(other.project, &token, NEW).await, GONE);
    for guess in [
        "",
        &token[1..],
        &random::secret_text(),
        &token.to_uppercase(),
        "\0",
        &"x".repeat(9999),
    ] {
        assert_eq!(
            world.reset(world.project, guess, NEW).await,
            GONE,
            "{guess:?}"
        );
    }
    let invalid = |why| Outcome::Invalid(Field::Password, Invalid::Password(why));
    for (password, why) in [
        ("1234567", InvalidPassword::TooShort),
        (&*"x".repeat(71), InvalidPassword::TooLong),
    ] {
        let outcome = world.reset(world.project, &token, password).await;
        assert_eq!(outcome, invalid(why));
    }
    assert_eq!(
        world.reset(world.project, &token, NEW).await,
        Outcome::Done,
        "none of that has used it up"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn only_who_signs_in_by_an_address_has_a_link(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let nobody = world.user("grace").await;
    world
        .sql(
            "UPDATE users SET primary_email_auth_enabled = false WHERE user_id = $1",
            &[nobody.id.uuid()],
        )
        .await;
    for user in [
        NamedUser::Id(nobody.id),
        NamedUser::Email("grace@example.com".to_owned()),
        NamedUser::Email("other@example.com".to_owned()),
    ] {
        let made = world.domain.create_password_reset(world.project, &user);
        assert_eq!(outcome(&made.await), NO_USER);
    }
    let user = NamedUser::Email("not an address".to_owned());
    let made = world.domain.create_password_reset(world.project, &user);
    assert_eq!(
        outcome(&made.await),
        Outcome::Invalid(Field::Email, Invalid::Email)
    );
    let rows = "SELECT count(*) FROM password_resets";
    assert_eq!(world.number(rows, &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_many_who_use_a_link_at_once_one_succeeds(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let token = world.reset_token().await;
    let mut uses = JoinSet::new();
    for n in 0..6 {
        let (world, token) = (world.clone(), token.clone());
        uses.spawn(async move {
            let password = format!("new password {n}");
            world.reset(world.project, &token, &password).await
        });
    }
    let outcomes = uses.join_all().await;
    assert_eq!(times(&outcomes, Outcome::Done), 1, "{outcomes:?}");
    assert_eq!(times(&outcomes, GONE), 5, "{outcomes:?}");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn without_a_link_nothing_is_hashed_and_with_one_a_lock_ends(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let before = world.domain.password_work();
    for _ in 0..50 {
        assert_eq!(world.reset(world.project, "a guess", NEW).await, GONE);
    }
    let after = world.domain.password_work();
    assert_eq!(after.argon2id, before.argon2id);
    for _ in 0..12 {
        assert!(world.sign_in(ADA, "wrong", None).await.is_err());
    }
    assert!(world.attempts().await > 0);
    let token = world.reset_token().await;
    let project = world.project;
    assert_eq!(world.reset(project, &token, NEW).await, Outcome::Done);
    world.sign_in(ADA, NEW, None).await.expect("a session");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn links_are_purged_and_stored_as_digests_alone(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let token = world.reset_token().await;
    let dump = format!("{:?}", world.dump().await);
    assert!(!dump.contains(&token));
    world.domain.purge_expired().await.expect("purged");
    let rows = "SELECT count(*) FROM password_resets";
    assert_eq!(world.number(rows, &[]).await, 1);
    world
        .sql("UPDATE password_resets SET expires_at_millis = 0", &[])
        .await;
    world.domain.purge_expired().await.expect("purged");
    assert_eq!(world.number(rows, &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_busy_server_does_not_use_up_the_link(pool: PgPool) {
    let world = World::new(pool).await;
    world.ada().await;
    let token = world.reset_token().await;
    let impatient = World {
        domain: world
            .as_served()
            .domain
            .with_password_deadline(Duration::ZERO),
        ..world.clone()
    };
    let mut uses = JoinSet::new();
    for _ in 0..8 {
        let (world, token) = (impatient.clone(), token.clone());
        uses.spawn(async move { world.reset(world.project, &token, NEW).await });
    }
    let outcomes = uses.join_all().await;
    assert!(times(&outcomes, Outcome::Busy) > 0, "{outcomes:?}");
    assert_eq!(times(&outcomes, Outcome::Done), 1, "{outcomes:?}");
}
