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

use crate::accounts::PASSWORD;
use crate::outcome::{Outcome, outcome};
use crate::world::{World, caller};

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

    /// Waits until this many statements wait for a lock, or have ended without.
    async fn waiting<T>(&mut self, number: i64, tasks: &[&JoinHandle<T>]) {
        loop {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (
                    SELECT oid FROM pg_database WHERE datname = current_database()
                 ) OR NOT granted AND pid IN (
                    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                 )",
            )
            .fetch_one(&mut self.0)
            .await
            .expect("locks");
            if waiting >= number || tasks.iter().any(|task| task.is_finished()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn open(self) {
        self.0.close().await.expect("closed");
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

async fn begin(world: &World, beginning: Beginning, user: UserId) -> Result<Caller, Outcome> {
    if beginning == Beginning::SignIn {
        return world.sign_in(ADA, PASSWORD, None).await;
    }
    let started = world
        .domain
        .start_session(
            &world.server,
            user,
            SessionLifetime::Browser,
            beginning == Beginning::Impersonation,
        )
        .await;
    match started {
        Ok(started) => Ok(caller(world.project, started.token.expose())),
        Err(error) => Err((&error).into()),
    }
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
            let mut gate = Gate::close(&world).await;
            let racing = {
                let world = world.clone();
                tokio::spawn(async move { begin(&world, beginning, user).await.map(|_| ()) })
            };
            gate.waiting(1, &[&racing]).await;
            let ended = {
                let world = world.clone();
                tokio::spawn(async move { outcome(&end(&world, ending, user).await) })
            };
            gate.waiting(2, &[&ended]).await;
            gate.open().await;
            let began = racing.await.expect("an answer");
            assert_eq!(ended.await.expect("an answer"), Outcome::Done);
            assert!(
                !matches!(began, Err(Outcome::Unavailable)),
                "{ending:?} {beginning:?}: {began:?}"
            );
            assert!(!is_alive(&world, user).await, "{ending:?} {beginning:?}");
            assert!(world.viewer(&old).await.is_none());
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
                assert!(world.viewer(&session).await.is_none(), "round {round}");
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
