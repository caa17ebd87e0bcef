//! Users' own change of their password, and of where they are signed in.

use std::{net::IpAddr, time::Duration};

use latchkey_domain::{
    Denied, Error, Field, Invalid, Switch, own_password::PasswordChange, sessions::SESSIONS_SHOWN,
};
use latchkey_model::{
    account::InvalidPassword,
    caller::{Caller, UserRef},
    project::SettingsChange,
    session_lifetime::SessionLifetime,
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    accounts::{PASSWORD, credentials},
    outcome::{Outcome, SIGNED_OUT, outcome, times},
    world::{World, caller},
};

const ADA: &str = "ada@example.com";
const NEW: &str = "another horse";
const WRONG: Outcome = Outcome::Invalid(Field::CurrentPassword, Invalid::WrongPassword);

impl World {
    async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Outcome {
        let change = PasswordChange {
            current: current.to_owned(),
            new: new.to_owned(),
            source: IpAddr::from([192, 0, 2, 1]).into(),
            browser: None,
        };
        outcome(&self.domain.change_own_password(caller, change).await)
    }

    async fn signed_in(&self, password: &str) -> Caller {
        self.sign_in(ADA, password, None).await.expect("a session")
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_password_takes_the_place_of_the_old_and_ends_all_other_sessions(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    let elsewhere = world.signed_in(PASSWORD).await;
    let started = world
        .domain
        .start_session(&world.server, user, SessionLifetime::Application, false)
        .await
        .expect("a session");
    assert_eq!(
        world.change_password(&here, PASSWORD, NEW).await,
        Outcome::Done
    );
    assert!(world.viewer(&here).await.is_some(), "this one goes on");
    assert!(world.viewer(&elsewhere).await.is_none());
    let refresh = started.token.expose();
    assert!(world.domain.refresh(&world.server, refresh).await.is_err());
    assert_eq!(
        world.sign_in(ADA, PASSWORD, None).await.err(),
        Some(Outcome::WrongCredentials)
    );
    world.signed_in(NEW).await;
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'user.password_changed'";
    assert_eq!(world.number(audited, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_refused_changes_nothing_but_the_failures(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    let elsewhere = world.signed_in(PASSWORD).await;
    let short = Outcome::Invalid(
        Field::Password,
        Invalid::Password(InvalidPassword::TooShort),
    );
    let long = Outcome::Invalid(Field::Password, Invalid::Password(InvalidPassword::TooLong));
    for (current, new, expected) in [
        ("", NEW, WRONG),
        ("Correct horse", NEW, WRONG),
        (&"x".repeat(100_000), NEW, WRONG),
        (PASSWORD, "", short),
        (PASSWORD, "1234567", short),
        (PASSWORD, &"x".repeat(71), long),
    ] {
        assert_eq!(world.change_password(&here, current, new).await, expected);
    }
    assert!(world.viewer(&elsewhere).await.is_some());
    world.signed_in(PASSWORD).await;
    world.domain.sign_out(&here).await.expect("signed out");
    assert_eq!(
        world.change_password(&here, PASSWORD, NEW).await,
        SIGNED_OUT
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_cannot_be_used_to_guess_the_password(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    for _ in 0..15 {
        assert_eq!(world.change_password(&here, "a guess", NEW).await, WRONG);
    }
    assert_eq!(
        world.change_password(&here, PASSWORD, NEW).await,
        WRONG,
        "from there nobody may try any longer, not even with the right one"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_success_gives_back_what_was_counted(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    for (from, to) in [(PASSWORD, NEW), (NEW, PASSWORD)].repeat(8) {
        assert_eq!(world.change_password(&here, from, to).await, Outcome::Done);
    }
    assert_eq!(world.attempts().await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_many_changes_at_once_one_counts(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    let mut changes = JoinSet::new();
    for n in 0..6 {
        let world = world.clone();
        changes.spawn(async move {
            let new = format!("new password {n}");
            world.change_password(&here, PASSWORD, &new).await
        });
    }
    let outcomes = changes.join_all().await;
    assert_eq!(times(&outcomes, Outcome::Done), 1, "{outcomes:?}");
    assert_eq!(times(&outcomes, WRONG), 5, "{outcomes:?}");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_has_no_password_sets_one_where_the_project_allows_it(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    world
        .sql("UPDATE users SET primary_email = NULL", &[])
        .await;
    let off = Outcome::Denied(Denied::SwitchedOff(Switch::Passwords));
    assert_eq!(
        world.change_password(&user.caller, "", NEW).await,
        off,
        "there is no address to sign in by"
    );
    world
        .sql(
            "UPDATE users SET primary_email = 'ada@example.com', primary_email_auth_enabled = false, password_hash = NULL
             WHERE user_id = $1",
            &[user.id.uuid()],
        )
        .await;
    let switch = |credential_enabled| SettingsChange {
        credential_enabled: Some(credential_enabled),
        ..SettingsChange::default()
    };
    let configure = |on| world.domain.configure_project(world.project, switch(on));
    configure(false).await.expect("a project");
    assert_eq!(world.change_password(&user.caller, "", NEW).await, off);
    configure(true).await.expect("a project");
    assert_eq!(
        world.change_password(&user.caller, "", NEW).await,
        Outcome::Done
    );
    world.signed_in(NEW).await;
    assert_eq!(
        world.change_password(&user.caller, "", PASSWORD).await,
        WRONG,
        "from now on the current one is needed"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_other_sessions_end_and_nobody_else_s(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let bystander = world.user("grace").await;
    let here = world.signed_in(PASSWORD).await;
    let others = [
        world.signed_in(PASSWORD).await,
        world.signed_in(PASSWORD).await,
    ];
    let ended = world.domain.end_other_sessions(&here).await;
    assert_eq!(ended.expect("ended"), 2);
    for other in &others {
        assert!(world.viewer(other).await.is_none());
        assert_eq!(
            outcome(&world.domain.end_other_sessions(other).await),
            SIGNED_OUT
        );
    }
    assert!(world.viewer(&here).await.is_some());
    assert!(world.viewer(&bystander.caller).await.is_some());
    let again = world.domain.end_other_sessions(&here).await;
    assert_eq!(again.expect("nothing to end"), 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_session_remembers_from_where_it_began_and_when_it_was_used(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let mut sign_in = credentials(ADA, PASSWORD);
    sign_in.user_agent = Some(format!("Mozilla/5.0 \u{202e}(X11){}", "x".repeat(9000)));
    let token = world
        .domain
        .sign_in(world.project, sign_in)
        .await
        .expect("a session")
        .token;
    let here = caller(world.project, token.expose());
    world
        .sql(
            "UPDATE sessions SET created_at_millis = 1000, last_used_at_millis = 2000",
            &[],
        )
        .await;
    world.viewer(&here).await.expect("a page");
    world.domain.write_uses().await.expect("written");
    let own = world.domain.own_sessions(&here).await.expect("sessions");
    let [session] = own.sessions.as_slice() else {
        panic!("{:?}", own.sessions);
    };
    assert!(session.is_current && session.is_browser && !session.is_impersonation);
    assert_eq!(session.origin.address.as_deref(), Some("192.0.2.1"));
    let agent = session.origin.user_agent.as_deref().expect("a browser");
    assert!(agent.starts_with("Mozilla/5.0 (X11)x"), "{agent}");
    assert_eq!((agent.len(), session.created_at), (255, 1000));
    assert!(own.now - session.last_used_at < 60_000, "used just now");

    // Used within a minute again: nothing is written.
    let written = "SELECT sum(xmin::text::bigint)::bigint FROM sessions";
    let before = world.number(written, &[]).await;
    world.viewer(&here).await.expect("a page");
    world.domain.write_uses().await.expect("written");
    assert_eq!(world.number(written, &[]).await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_very_many_sessions_the_newest_are_listed(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    world
        .sql(
            "INSERT INTO sessions (project_id, session_id, user_id, token_digest, created_at_millis, expires_at_millis)
             SELECT project_id, new_id(), user_id, sha256(n::text::bytea), n, now_millis() + 1000000
             FROM users, generate_series(1, 1000) n WHERE user_id = $1",
            &[user.id.uuid()],
        )
        .await;
    let own = world.domain.own_sessions(&user.caller).await;
    let own = own.expect("sessions").sessions;
    assert_eq!(own.len(), SESSIONS_SHOWN as usize + 1);
    assert!(own.is_sorted_by(|a, b| a.created_at >= b.created_at));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_imported_password_is_changed_as_well(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    // “hunter22” by bcrypt, cost 4.
    let hash = bcrypt_of("hunter22");
    sqlx::query("UPDATE users SET password_hash = $1 WHERE user_id = $2")
        .bind(&hash)
        .bind(user.uuid())
        .execute(&world.pool)
        .await
        .expect("a password");
    assert_eq!(world.change_password(&here, PASSWORD, NEW).await, WRONG);
    assert_eq!(
        world.change_password(&here, "hunter22", NEW).await,
        Outcome::Done
    );
    let user = world.domain.user(&here, UserRef::Me).await.expect("a user");
    assert!(user.has_password);
    world.signed_in(NEW).await;
}

fn bcrypt_of(password: &str) -> String {
    bcrypt::hash(password, 4).expect("a hash")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_gets_no_turn_in_time_has_not_tried(pool: PgPool) {
    let world = World::new(pool).await;
    world.account(ADA).await;
    let here = world.signed_in(PASSWORD).await;
    assert_eq!(world.change_password(&here, "a guess", NEW).await, WRONG);
    let of_one = world.attempts().await;
    assert!(of_one > 0);
    // Two have their turn at once, and nobody waits.
    let impatient = World {
        domain: world
            .as_served()
            .domain
            .with_password_deadline(Duration::ZERO),
        ..world.clone()
    };
    let mut changes = JoinSet::new();
    for _ in 0..8 {
        let world = impatient.clone();
        changes.spawn(async move { world.change_password(&here, "a guess", NEW).await });
    }
    let outcomes = changes.join_all().await;
    assert!(times(&outcomes, Outcome::Busy) > 0, "{outcomes:?}");
    let tried = i64::try_from(1 + times(&outcomes, WRONG)).expect("few");
    assert_eq!(world.attempts().await, of_one * tried, "{outcomes:?}");
}

#[test]
fn an_error_names_no_password() {
    let error: Error = Error::invalid(Field::CurrentPassword, Invalid::WrongPassword);
    assert!(!format!("{error:?} {error}").contains(PASSWORD));
}
