//! What ends all sessions of a user, while one begins.

use std::time::Duration;

use latchkey_domain::Error;
use latchkey_domain::long_list::LongList as _;
use latchkey_model::{
    caller::{Caller, UserRef},
    id::UserId,
    session_lifetime::SessionLifetime,
    user::UserChange,
};
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::task::JoinHandle;

use crate::{
    accounts::PASSWORD,
    outcome::{Outcome, outcome},
    world::{World, caller},
};

const ADA: &str = "ada@example.com";

/// Holds back every session that is written, when its statement has done all else.
struct Gate(PgConnection);

impl Gate {
    async fn close(world: &World) -> Self {
        world
            .sql(
                "CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END $$",
                &[],
            )
            .await;
        world
            .sql(
                "CREATE TRIGGER gate BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION wait_at_gate()",
                &[],
            )
            .await;
        let mut connection = PgConnection::connect_with(&world.pool.connect_options())
            .await
            .expect("a connection");
        sqlx::query("SELECT pg_advisory_lock(7)")
            .execute(&mut connection)
            .await
            .expect("a lock");
        Self(connection)
    }

    async fn open(self) {
        self.0.close().await.expect("closed");
    }
}

/// Statements of this database that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Work in a task, which may be held back by a lock.
struct Task<T>(JoinHandle<T>, Option<T>);

impl<T: Send + 'static> Task<T> {
    fn start(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work), None)
    }

    /// Waits until so many statements wait for a lock, or this has ended without.
    async fn held_back(&mut self, world: &World, statements: i64) {
        tokio::select! {
            () = world.until(WAITING, statements) => {}
            result = &mut self.0 => self.1 = Some(result.expect("no panic")),
        }
    }

    async fn end(self) -> T {
        match self.1 {
            Some(result) => result,
            None => self.0.await.expect("no panic"),
        }
    }
}

/// A session that begins.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Beginning {
    SignIn,
    ByServer,
    Impersonation,
}

/// What ends all sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Password,
    Deletion,
}

/// What a session is used by.
enum Began {
    Page(Caller),
    RefreshToken(String),
}

impl Began {
    async fn works(&self, world: &World) -> bool {
        match self {
            Self::Page(caller) => world.viewer(caller).await.is_some(),
            Self::RefreshToken(token) => world.domain.refresh(&world.server, token).await.is_ok(),
        }
    }
}

async fn begin(world: &World, beginning: Beginning, user: UserId) -> Result<Began, Outcome> {
    let lifetime = match beginning {
        Beginning::SignIn => return Ok(Began::Page(world.sign_in(ADA, PASSWORD, None).await?)),
        Beginning::ByServer => SessionLifetime::Application,
        Beginning::Impersonation => SessionLifetime::Browser,
    };
    let is_impersonation = beginning == Beginning::Impersonation;
    let started = world
        .domain
        .start_session(&world.server, user, lifetime, is_impersonation)
        .await
        .map_err(|error| Outcome::from(&error))?;
    let token = started.token.expose();
    Ok(match beginning {
        Beginning::ByServer => Began::RefreshToken(token.to_owned()),
        _ => Began::Page(caller(world.project, token)),
    })
}

async fn end(world: &World, ending: Ending, user: UserId) -> Result<(), Error> {
    let who = UserRef::Id(user);
    match ending {
        Ending::Password => {
            let change = UserChange {
                password: Some("another password".to_owned()),
                ..UserChange::default()
            };
            world.domain.change_user(&world.server, who, change).await?;
            Ok(())
        }
        Ending::Deletion => world.domain.delete_user(&world.server, who).await,
    }
}

/// Whether a session can still be used, as a cookie or as a refresh token.
async fn is_alive(world: &World, user: UserId) -> bool {
    let valid = "SELECT count(*) FROM sessions s JOIN users u USING (project_id, user_id, credential_version)
        WHERE s.user_id = $1";
    let listed = world
        .domain
        .sessions(&world.server, UserRef::Id(user))
        .next()
        .await;
    let listed = listed.map_or(0, |sessions| sessions.len());
    assert_eq!(
        world.number(valid, &[user.uuid()]).await,
        i64::try_from(listed).unwrap_or(-1)
    );
    listed > 0
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_session_that_began_before_outlives_what_ends_all(pool: PgPool) {
    for ending in [Ending::Password, Ending::Deletion] {
        for beginning in [
            Beginning::SignIn,
            Beginning::ByServer,
            Beginning::Impersonation,
        ] {
            let world = World::new(pool.clone()).await;
            let user = world.account(ADA).await;
            let old = begin(&world, Beginning::SignIn, user)
                .await
                .expect("a session");
            let gate = Gate::close(&world).await;
            let mut racing = {
                let world = world.clone();
                Task::start(async move { begin(&world, beginning, user).await })
            };
            racing.held_back(&world, 1).await;
            let mut ended = {
                let world = world.clone();
                Task::start(async move { outcome(&end(&world, ending, user).await) })
            };
            ended.held_back(&world, 2).await;
            gate.open().await;
            let began = racing.end().await;
            assert_eq!(ended.end().await, Outcome::Done);
            match began {
                Ok(began) => assert!(!began.works(&world).await, "{ending:?} {beginning:?}"),
                Err(why) => assert_ne!(why, Outcome::Unavailable, "{ending:?} {beginning:?}"),
            }
            assert!(!is_alive(&world, user).await, "{ending:?} {beginning:?}");
            assert!(!old.works(&world).await);
            world.sql("DROP TRIGGER gate ON sessions", &[]).await;
            world.sql("DROP FUNCTION wait_at_gate", &[]).await;
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_changes_their_password_stays_signed_in_and_nobody_else(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.account(ADA).await;
    let refreshing = world
        .domain
        .start_session(&world.server, user, SessionLifetime::Application, false)
        .await
        .expect("a session");
    let other = world.sign_in(ADA, PASSWORD, None).await.expect("a session");
    end(&world, Ending::Password, user).await.expect("changed");
    assert!(world.viewer(&other).await.is_none());
    let refreshed = world
        .domain
        .refresh(&world.server, refreshing.token.expose())
        .await;
    assert!(refreshed.is_err());
    let new = world.sign_in(ADA, "another password", None).await;
    assert!(world.viewer(&new.expect("a session")).await.is_some());
}

async fn race(world: World, rounds: usize) {
    let user = world.account(ADA).await;
    for round in 0..rounds {
        // The failures of earlier rounds would refuse all sign-ins.
        world.sql("DELETE FROM sign_in_attempts", &[]).await;
        let begun = (0..6).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { begin(&world, Beginning::SignIn, user).await.ok() })
        });
        let begun: Vec<_> = begun.collect();
        let hash = "UPDATE users SET password_hash = $2 WHERE user_id = $1";
        let old: String = sqlx::query_scalar("SELECT password_hash FROM users WHERE user_id = $1")
            .bind(user.uuid())
            .fetch_one(&world.pool)
            .await
            .expect("a hash");
        tokio::time::sleep(Duration::from_millis(
            u64::try_from(round % 40).unwrap_or(0),
        ))
        .await;
        end(&world, Ending::Password, user).await.expect("changed");
        for session in begun {
            if let Some(session) = session.await.expect("an answer") {
                assert!(!session.works(&world).await, "round {round}");
            }
        }
        sqlx::query(hash)
            .bind(user.uuid())
            .bind(old)
            .execute(&world.pool)
            .await
            .expect("the old password");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
#[ignore = "slow: make soak"]
async fn of_a_thousand_password_changes_none_leaves_an_old_session(pool: PgPool) {
    race(World::new(pool).await, 1000).await;
}
