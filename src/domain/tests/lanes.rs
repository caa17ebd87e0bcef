//! Nobody keeps others from being answered: checks have connections of their own, and one caller
//! takes only some of those for requests.

use std::time::Duration;

use latchkey_domain::long_list::LongList as _;
use latchkey_model::{
    account::DisplayName,
    api_key::KeyScope,
    team::{NewTeam, TeamCreator},
};
use latchkey_store::{PoolSettings, testing::patient};
use sqlx::PgPool;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    broken_connections::strict,
    outcome::{Outcome, VALID, outcome, times},
    world::{Person, World},
};

const HANGS: Duration = Duration::from_secs(8);

/// Statements of this database that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'latchkey' AND wait_event_type = 'Lock'";

impl World {
    /// So many requests of one person at once, that change something.
    fn changes(&self, person: Person, times: usize) -> JoinSet<Outcome> {
        let mut changes = JoinSet::new();
        for _ in 0..times {
            let world = self.clone();
            changes.spawn(async move { world.try_create(person, "new").await });
        }
        changes
    }

    /// So many teams that a server creates at once.
    fn teams_of_server(&self, times: usize) -> JoinSet<Outcome> {
        let mut requests = JoinSet::new();
        for _ in 0..times {
            let world = self.clone();
            requests.spawn(async move {
                let name = NewTeam::named(DisplayName::parse("Team").expect("a name"));
                let creator = TeamCreator::Caller;
                outcome(
                    &world
                        .domain
                        .create_team_as(&world.server, name, creator)
                        .await,
                )
            });
        }
        requests
    }
}

/// Keeps whoever creates a key waiting until it is dropped.
async fn lock(world: &World) -> sqlx::PgConnection {
    locked(world, "audit_events IN EXCLUSIVE MODE").await
}

async fn locked(world: &World, table: &'static str) -> sqlx::PgConnection {
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect_with(&world.options())
        .await
        .expect("a connection");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("BEGIN; LOCK TABLE {table}")))
        .execute(&mut connection)
        .await
        .expect("a lock");
    connection
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn checks_are_answered_while_requests_have_taken_all_their_connections(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let key = world.key(&ada.caller, KeyScope::Own, "the key").await;
    let settings = PoolSettings {
        queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    // Connecting takes longer than the queue.
    assert_eq!(served.checks(&key, 8).await, [VALID; 8]);
    let lock = lock(&world).await;
    let mut changes = JoinSet::new();
    for name in ["bob", "eve"] {
        let person = world.user(name).await;
        for _ in 0..4 {
            let served = served.clone();
            changes.spawn(async move { served.try_create(person, "new").await });
        }
    }
    world.until(WAITING, 8).await;
    assert_eq!(served.checks(&key, 16).await, [VALID; 16]);
    assert!(served.domain.ready().await.is_ok());
    // The queue is short.
    let viewer = timeout(HANGS, served.domain.viewer(&ada.caller)).await;
    assert_eq!(outcome(&viewer.expect("an answer")), Outcome::Unavailable);
    // Lists of keys have connections of their own.
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    drop(lock);
    assert_eq!(changes.join_all().await, [Outcome::Done; 8]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_person_has_four_statements_at_once_and_others_have_theirs(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let settings = PoolSettings {
        caller_queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    let lock = lock(&world).await;
    let first = served.changes(ada, 4);
    world.until(WAITING, 4).await;
    let more = timeout(HANGS, served.changes(ada, 12).join_all())
        .await
        .expect("answers");
    assert_eq!(more, [Outcome::CallerBusy; 12]);
    assert_eq!(served.try_list(ada).await, Outcome::CallerBusy);
    assert_eq!(served.try_list(bob).await, Outcome::Done);
    // A server is not a person.
    let servers = served
        .domain
        .all_keys(&world.server, KeyScope::OfUser(ada.id))
        .next()
        .await;
    assert!(servers.is_ok());
    drop(lock);
    assert_eq!(first.join_all().await, [Outcome::Done; 4]);
    // Whoever can wait a little is served.
    let served = world.by(world.options(), &patient());
    assert_eq!(
        served.changes(ada, 16).join_all().await,
        [Outcome::Done; 16]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_person_has_one_list_at_once_and_everything_else_beside_it(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let settings = PoolSettings {
        caller_queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    let lock = locked(&world, "api_keys IN ACCESS EXCLUSIVE MODE").await;
    let first = tokio::spawn({
        let served = served.clone();
        async move { served.try_list(ada).await }
    });
    world.until(WAITING, 1).await;
    assert_eq!(served.try_list(ada).await, Outcome::CallerBusy);
    assert!(served.domain.viewer(&ada.caller).await.is_ok());
    drop(lock);
    assert_eq!(first.await.expect("no panic"), Outcome::Done);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_projects_servers_leave_connections_to_others_and_wait_as_for_the_database(
    pool: PgPool,
) {
    let world = World::new(pool).await;
    let other = world.another_project().await;
    let ada = world.user("ada").await;
    let settings = PoolSettings {
        queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    let lock = lock(&world).await;
    let first = served.teams_of_server(6);
    world.until(WAITING, 6).await;
    // As when the database is busy, and never as a person with too many requests.
    let more = timeout(HANGS, served.teams_of_server(24).join_all())
        .await
        .expect("answers");
    assert_eq!(more, [Outcome::Unavailable; 24]);
    world.until(WAITING, 6).await;
    // Meanwhile a person, another project and the pages are answered.
    let viewer = timeout(HANGS, served.domain.viewer(&ada.caller)).await;
    assert_eq!(outcome(&viewer.expect("an answer")), Outcome::Done);
    let of_other = timeout(HANGS, served.domain.current_project(&other.server)).await;
    assert_eq!(outcome(&of_other.expect("an answer")), Outcome::Done);
    drop(lock);
    assert_eq!(first.join_all().await, [Outcome::Done; 6]);
    // More than fit at once are served one after the other.
    assert_eq!(
        served.teams_of_server(24).join_all().await,
        [Outcome::Done; 24]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_projects_servers_wait_for_one_another_as_long_as_they_are_answered(pool: PgPool) {
    let world = World::new(pool).await;
    world
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$",
            &[],
        )
        .await;
    world
        .sql(
            "CREATE TRIGGER slow BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION slow()",
            &[],
        )
        .await;
    let settings = PoolSettings {
        queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    // Six at once: the last ones wait for nearly two seconds.
    assert_eq!(
        served.teams_of_server(60).join_all().await,
        [Outcome::Done; 60]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_person_whose_requests_are_dropped_has_no_more_statements_running(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let settings = PoolSettings {
        caller_queue: Duration::from_millis(300),
        ..patient()
    };
    let served = world.by(world.options(), &settings);
    let lock = lock(&world).await;
    let mut first = served.changes(ada, 4);
    world.until(WAITING, 4).await;
    first.abort_all();
    while first.join_next().await.is_some() {}
    // Their statements still run.
    assert_eq!(served.try_list(ada).await, Outcome::CallerBusy);
    drop(lock);
    let again = async { while served.try_list(ada).await != Outcome::Done {} };
    timeout(HANGS, again).await.expect("they end");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_statement_that_waits_for_a_lock_ends_at_its_deadline_on_the_server_too(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let served = world.by(world.options(), &strict());
    let lock = lock(&world).await;
    let changes = timeout(HANGS, served.changes(ada, 4).join_all())
        .await
        .expect("answers");
    assert_eq!(times(&changes, Outcome::Unavailable), 4);
    world.until(WAITING, 0).await;
    drop(lock);
    assert_eq!(world.number("SELECT count(*) FROM api_keys", &[]).await, 0);
    assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
}
