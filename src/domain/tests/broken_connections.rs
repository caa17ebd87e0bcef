//! Connections to the database that break, fall silent, or are not answered: every request has its
//! answer by the deadline, and all is well as soon as the database is.

use std::time::Duration;

use latchkey_domain::{Domain, api_keys::CreatedKey, clock::Clock, secret::MasterKey};
use latchkey_model::{api_key::KeyScope, key_list::KeyListView};
use latchkey_store::{ConnectOptions, Connections, PoolSettings, testing::patient};
use sqlx::PgPool;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    outcome::{Outcome, VALID, outcome, times},
    proxy::{LOSE_ANSWER, Proxy},
    world::{Person, World},
};

/// Long enough for a statement on a busy machine, short enough to wait for.
const DEADLINE: Duration = Duration::from_millis(700);
/// Of a test that hangs.
const HANGS: Duration = Duration::from_secs(8);

/// The program's settings with a short deadline for checks and requests.
pub fn strict() -> PoolSettings {
    let mut settings = patient();
    settings.checks.deadline = DEADLINE;
    settings.requests.deadline = DEADLINE;
    settings.lists.deadline = DEADLINE;
    settings.background.deadline = DEADLINE;
    settings
}

impl World {
    /// The same project, by other connections.
    pub fn by(&self, options: ConnectOptions, settings: &PoolSettings) -> Self {
        let connections = Connections::new(options, settings);
        Self {
            domain: Domain::new(connections, MasterKey::new("test"), Clock::System),
            ..self.clone()
        }
    }

    pub fn options(&self) -> ConnectOptions {
        (*self.pool.connect_options()).clone()
    }

    /// Checks the key so often at once; what came out.
    pub async fn checks(&self, key: &CreatedKey, times: usize) -> Vec<Outcome> {
        let mut checks = JoinSet::new();
        for _ in 0..times {
            let (world, text) = (self.clone(), key.secret.expose().to_owned());
            checks.spawn(async move { world.check(&text).await });
        }
        checks.join_all().await
    }

    pub async fn try_list(&self, person: Person) -> Outcome {
        let view = KeyListView::default();
        outcome(
            &self
                .domain
                .list_keys(&person.caller, KeyScope::Own, &view)
                .await,
        )
    }

    pub async fn try_create(&self, person: Person, description: &str) -> Outcome {
        let form = self.form(description);
        outcome(
            &self
                .domain
                .create_key(&person.caller, KeyScope::Own, form)
                .await,
        )
    }
}

/// A project behind a proxy, with a key.
struct Ground {
    proxy: Proxy,
    world: World,
    served: World,
    ada: Person,
    key: CreatedKey,
}

async fn ground(pool: PgPool, settings: &PoolSettings) -> Ground {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let key = world.key(&ada.caller, KeyScope::Own, "the key").await;
    let proxy = Proxy::before(&world.options()).await;
    let served = world.by(proxy.options(&world.options()), settings);
    Ground {
        proxy,
        world,
        served,
        ada,
        key,
    }
}

/// As many connections as the lane of checks may have.
const ALL: usize = 8;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn connections_that_fell_silent_are_replaced_after_one_deadline(pool: PgPool) {
    let Ground {
        proxy,
        served,
        ada,
        key,
        ..
    } = ground(pool, &strict()).await;
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    proxy.silence();
    let first = timeout(HANGS, served.checks(&key, ALL))
        .await
        .expect("answers");
    assert!(
        first
            .iter()
            .all(|check| [VALID, Outcome::Unavailable].contains(check))
    );
    for _ in 0..3 {
        assert_eq!(served.checks(&key, 2 * ALL).await, [VALID; 2 * ALL]);
    }
    // The lane of requests finds out for itself.
    timeout(HANGS, served.try_list(ada))
        .await
        .expect("an answer");
    assert_eq!(served.try_list(ada).await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn connections_that_were_forgotten_while_they_were_idle_cost_nobody_an_answer(pool: PgPool) {
    let settings = PoolSettings {
        silence: Duration::ZERO,
        ..patient()
    };
    let Ground {
        proxy,
        served,
        ada,
        key,
        ..
    } = ground(pool, &settings).await;
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    proxy.silence();
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn connections_that_were_cut_cost_nobody_an_answer(pool: PgPool) {
    let Ground {
        proxy,
        world,
        served,
        ada,
        key,
    } = ground(pool, &patient()).await;
    for round in 0..3 {
        assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
        assert_eq!(served.try_list(ada).await, Outcome::Done);
        assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
        match round {
            0 => proxy.cut(),
            // As when the database is restarted.
            _ => {
                world
                    .number(
                        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'latchkey'",
                        &[],
                    )
                    .await;
            }
        }
        assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
        assert_eq!(served.checks(&key, 12).await, [VALID; 12]);
        assert_eq!(served.try_list(ada).await, Outcome::Done);
    }
    let keys = "SELECT count(*) FROM api_keys WHERE description = 'new'";
    assert_eq!(world.number(keys, &[]).await, 6);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_change_whose_answer_was_lost_is_not_made_twice(pool: PgPool) {
    let Ground {
        proxy: _proxy,
        world,
        served,
        ada,
        ..
    } = ground(pool, &patient()).await;
    // Each adds an event; a new key has an id of its own, so it would be refused the second time.
    let renamed = "SELECT count(*) FROM audit_events WHERE action = 'user.renamed'";
    let rename = async |name: &str| outcome(&served.domain.rename_user(&ada.caller, name).await);
    assert_eq!(rename("Ada").await, Outcome::Done);
    assert_eq!(rename(LOSE_ANSWER).await, Outcome::Unavailable);
    // The proxy leaves before the database has committed, perhaps.
    world.until(renamed, 2).await;
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    assert_eq!(rename("Ada").await, Outcome::Done);
    assert_eq!(world.number(renamed, &[]).await, 3);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whatever_the_database_does_every_request_is_answered_by_its_deadline(pool: PgPool) {
    // Whether the database is there is known sooner than what else the background does.
    let settings = PoolSettings {
        background: patient().background,
        ..strict()
    };
    let Ground {
        proxy,
        served,
        ada,
        key,
        ..
    } = ground(pool, &settings).await;
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    proxy.silence_all();
    // First those with a connection, then those that cannot get one.
    for _ in 0..2 {
        let answered = async {
            tokio::join!(
                served.checks(&key, 2 * ALL),
                served.try_list(ada),
                served.try_create(ada, "new")
            )
        };
        let (checks, list, create) = timeout(HANGS, answered).await.expect("answers");
        assert_eq!(times(&checks, Outcome::Unavailable), 2 * ALL);
        assert_eq!([list, create], [Outcome::Unavailable; 2]);
        let ready = timeout(Duration::from_secs(1), served.domain.ready()).await;
        assert!(ready.expect("an answer within a second").is_err());
    }
    proxy.restore();
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    assert!(served.domain.ready().await.is_ok());
    proxy.silence_all();
    timeout(HANGS, served.domain.close()).await.expect("an end");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_request_that_is_dropped_leaves_its_connection_in_order(pool: PgPool) {
    let Ground {
        proxy,
        served,
        ada,
        key,
        ..
    } = ground(pool, &patient()).await;
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    let before = proxy.connections();
    for turns in 0..60 {
        let requests = async {
            tokio::join!(
                served.check(key.secret.expose()),
                served.try_create(ada, "new")
            )
        };
        tokio::select! {
            biased;
            _ = requests => {}
            () = async {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    }
    assert_eq!(served.checks(&key, ALL).await, [VALID; ALL]);
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    // A storm of dropped requests opens no connections.
    assert!(
        proxy.connections() <= before + 4,
        "{before} {}",
        proxy.connections()
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_check_is_one_message_to_the_database(pool: PgPool) {
    let ground = ground(pool, &patient()).await;
    let check = async || ground.served.check(ground.key.secret.expose()).await;
    // The first one connects and prepares.
    assert_eq!(check().await, VALID);
    let before = ground.proxy.requests();
    for _ in 0..10 {
        assert_eq!(check().await, VALID);
    }
    assert_eq!(ground.proxy.requests() - before, 10);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_commit_that_waits_is_answered_by_the_deadline(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let served = world.by(world.options(), &strict());
    for statement in [
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER waits_at_commit AFTER INSERT ON api_keys
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()",
    ] {
        world.sql(statement, &[]).await;
    }
    let mut lock = world.pool.acquire().await.expect("a connection");
    sqlx::query("SELECT pg_advisory_lock(7)")
        .execute(&mut *lock)
        .await
        .expect("a lock");
    // The statement's own timeout on the server has ended when it commits.
    let waiting = timeout(HANGS, served.try_create(ada, "new")).await;
    assert_eq!(waiting, Ok(Outcome::Unavailable));
    assert_eq!(served.try_list(ada).await, Outcome::Done);
    sqlx::query("SELECT pg_advisory_unlock(7)")
        .execute(&mut *lock)
        .await
        .expect("the end");
    assert_eq!(served.try_create(ada, "new").await, Outcome::Done);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_connection_that_is_old_is_replaced(pool: PgPool) {
    let settings = PoolSettings {
        lifetime: Duration::ZERO,
        ..patient()
    };
    let ground = ground(pool, &settings).await;
    for connections in 1..=3 {
        let check = ground.served.check(ground.key.secret.expose()).await;
        assert_eq!((check, ground.proxy.connections()), (VALID, connections));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_connection_that_nobody_needs_is_closed(pool: PgPool) {
    let settings = PoolSettings {
        idle: Duration::from_millis(200),
        tend: Duration::from_millis(100),
        ..patient()
    };
    let ground = ground(pool, &settings).await;
    assert_eq!(ground.served.checks(&ground.key, ALL).await, [VALID; ALL]);
    timeout(HANGS, ground.proxy.all_closed())
        .await
        .expect("they are closed");
    assert_eq!(ground.served.checks(&ground.key, ALL).await, [VALID; ALL]);
}
