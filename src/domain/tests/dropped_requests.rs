//! Requests that are dropped at any point: nothing that was answered is lost, and what was not
//! answered happened once or not at all.

use latchkey_domain::{
    Error,
    api_keys::{CreatedKey, NewKey},
};
use latchkey_model::{api_key::KeyScope, id::CreationToken, key_list::KeyListView};
use sqlx::PgPool;
use tokio::task::{JoinSet, yield_now};

use crate::{
    outcome::{Outcome, REVOKED, VALID, outcome},
    world::{Person, World},
};

const WORKERS: usize = 12;
const REQUESTS: usize = 40;

/// Waits for so many turns of the runtime, then drops the request.
async fn within<T>(turns: usize, request: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        answer = request => Some(answer),
        () = async {
            for _ in 0..turns {
                yield_now().await;
            }
        } => None,
    }
}

/// What may be so at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    Valid,
    Revoked,
    /// The request that revokes it was dropped.
    Either,
}

/// What one client has noted down.
#[derive(Default)]
struct Notes {
    keys: Vec<(CreatedKey, Known)>,
    /// Tokens of creations without an answer.
    lost: Vec<CreationToken>,
    dropped: usize,
}

async fn client(world: World, user: Person, number: usize) -> Notes {
    let mut notes = Notes::default();
    for request in 0..REQUESTS {
        // From at once to long after the answer; every fourth request is left in peace.
        let turns = if request % 4 == 3 {
            usize::MAX
        } else {
            (1 << ((number * 5 + request * 7) % 13)) - 1
        };
        let target = request / 3;
        match request % 3 {
            0 | 1 => {
                let form = world.form("storm");
                let token = form.token;
                match within(
                    turns,
                    world.domain.create_key(&user.caller, KeyScope::Own, form),
                )
                .await
                {
                    Some(made) => notes.keys.push((made.expect("a key"), Known::Valid)),
                    None => notes.lost.push(token),
                }
            }
            _ => {
                let Some((key, known)) = notes.keys.get_mut(target) else {
                    continue;
                };
                let revoke = world.domain.revoke_key(&user.caller, KeyScope::Own, key.id);
                *known = if let Some(revoked) = within(turns, revoke).await {
                    revoked.expect("revoked");
                    Known::Revoked
                } else {
                    notes.dropped += 1;
                    Known::Either
                };
            }
        }
    }
    notes.dropped += notes.lost.len();
    notes
}

/// The pool is whole: it answers as many as it has connections, several times over, and no
/// transaction is left open.
async fn every_connection_works(world: &World, served: &World, user: Person) {
    let mut after = JoinSet::new();
    for _ in 0..32 {
        let served = served.clone();
        after.spawn(async move {
            outcome(
                &served
                    .domain
                    .list_keys(&user.caller, KeyScope::Own, &KeyListView::default())
                    .await,
            )
        });
    }
    assert_eq!(after.join_all().await, [Outcome::Done; 32]);
    let within_transactions = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(world.number(within_transactions, &[]).await, 0);
}

/// Every key is what its client was answered, and every change is on record.
async fn what_was_answered_holds(world: &World, notes: &[Notes]) {
    for (key, known) in notes.iter().flat_map(|notes| &notes.keys) {
        let status = world.check(key.secret.expose()).await;
        match known {
            Known::Valid => assert_eq!(status, VALID),
            Known::Revoked => assert_eq!(status, REVOKED),
            Known::Either => assert!([VALID, REVOKED].contains(&status), "{status:?}"),
        }
    }
    let changes = "SELECT (SELECT count(*) FROM api_keys) + count(*) FROM api_keys WHERE revoked_at_millis IS NOT NULL";
    let events = "SELECT count(*) FROM audit_events WHERE action LIKE 'api_key.%'";
    assert_eq!(
        world.number(events, &[]).await,
        world.number(changes, &[]).await
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_was_answered_holds_whatever_was_dropped_around_it(pool: PgPool) {
    let world = World::new(pool).await;
    let unlimited = "UPDATE projects SET max_api_keys_per_owner = NULL";
    sqlx::query(unlimited)
        .execute(&world.pool)
        .await
        .expect("no limit");
    let user = world.user("ada").await;
    let served = world.as_served();
    let mut storm = JoinSet::new();
    for number in 0..WORKERS {
        storm.spawn(client(served.clone(), user, number));
    }
    let notes = storm.join_all().await;
    assert!(
        notes
            .iter()
            .all(|notes| notes.dropped > 0 && !notes.keys.is_empty())
    );

    every_connection_works(&world, &served, user).await;
    // Whatever is still on its way arrives before the pool is closed.
    served.domain.close().await;

    what_was_answered_holds(&world, &notes).await;

    // Whoever got no answer asks again, and has one key.
    for token in notes.iter().flat_map(|notes| &notes.lost) {
        let new = NewKey {
            token: *token,
            retry: true,
            ..world.form("asked again")
        };
        let made: Result<CreatedKey, Error> = world
            .domain
            .create_key(&user.caller, KeyScope::Own, new)
            .await;
        assert_eq!(
            world.check(made.expect("a key").secret.expose()).await,
            VALID
        );
        let keys = "SELECT count(*) FROM api_keys WHERE creation_token = $1";
        assert_eq!(world.number(keys, &[token.uuid()]).await, 1);
    }
    let asked: usize = notes
        .iter()
        .map(|notes| notes.keys.len() + notes.lost.len())
        .sum();
    let keys = world.number("SELECT count(*) FROM api_keys", &[]).await;
    assert_eq!(keys, i64::try_from(asked).expect("few"));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_sign_in_that_is_dropped_begins_one_session_or_none(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let password = "correct horse";
    let made = world
        .domain
        .create_user(world.project, "ada@example.com", password.to_owned(), None)
        .await;
    made.expect("an account");
    let mut answered = 0;
    for request in 0..16 {
        let turns = if request % 4 == 3 {
            usize::MAX
        } else {
            (1 << request) - 1
        };
        let credentials = crate::accounts::credentials("ada@example.com", password);
        if let Some(session) =
            within(turns, served.domain.sign_in(world.project, credentials)).await
        {
            session.unwrap_or_else(|error| panic!("{request}: {error:?}"));
            answered += 1;
        }
        // What a dropped request has counted would keep out the next.
        world
            .sql("UPDATE sign_in_attempts SET attempts = 0", &[])
            .await;
    }
    served.domain.close().await;
    let sessions = world.number("SELECT count(*) FROM sessions", &[]).await;
    assert!(
        (answered..=16).contains(&sessions),
        "{answered} answers, {sessions} sessions"
    );
    let events = "SELECT count(*) FROM audit_events WHERE action = 'session.started'";
    assert_eq!(world.number(events, &[]).await, sessions);
}
