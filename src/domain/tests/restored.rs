//! A restored database is locked until an operator decides; a database that was not restored is not.

use latchkey_domain::{
    long_list::LongList as _,
    restore::{Decided, Decision},
};
use latchkey_model::{api_key::KeyScope, caller::UserRef};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool};

use crate::{
    outcome::{Outcome, REVOKED, VALID, outcome},
    world::World,
};

/// Tables whose rows only note what happened, or must be writable for the program to start.
const UNGUARDED: [&str; 6] = [
    "_sqlx_migrations",
    "api_key_uses",
    "audit_events",
    "restore_decisions",
    "restore_mark",
    "signing_keys",
];

async fn is_locked(world: &World) -> bool {
    world.domain.is_locked().await.expect("an answer")
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn while_locked_no_key_is_accepted_nothing_changes_and_all_can_be_read(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    let text = key.secret.expose();
    assert_eq!(world.check(text).await, VALID);
    world.domain.lock_restored("a test").await.expect("locked");
    assert!(is_locked(&world).await);
    let before = world.dump().await;
    assert_eq!(world.check(text).await, Outcome::Locked);
    let domain = &world.domain;
    let create = domain
        .create_key(&user.caller, KeyScope::Own, world.form("another"))
        .await;
    let revoke = domain.revoke_key(&user.caller, KeyScope::Own, key.id).await;
    let delete = domain
        .delete_user(&world.server, UserRef::Id(user.id))
        .await;
    let project = domain
        .create_project("Another", crate::world::ALL_ON)
        .await
        .map(|_| ());
    for outcome in [
        outcome(&create),
        outcome(&revoke),
        outcome(&delete),
        outcome(&project),
    ] {
        assert_eq!(outcome, Outcome::Locked);
    }
    assert_eq!(world.dump().await, before);
    let keys = domain.all_keys(&user.caller, KeyScope::Own).next().await;
    assert_eq!(keys.expect("the list").len(), 1);
    let viewer = domain.viewer(&user.caller).await.expect("an answer");
    assert!(viewer.expect("a session").is_locked);
    domain.sign_out(&user.caller).await.expect("signed out");
    domain.purge_expired().await.expect("purged");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_table_that_decides_refuses_changes_while_locked(pool: PgPool) {
    let unguarded: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
             SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_while_locked' AND t.tgenabled = 'O'
         )
         ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .expect("the tables");
    assert_eq!(unguarded, UNGUARDED);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_working_key_of_the_dump_is_revoked_on_request_and_every_session_ends(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let [first, second] = ["first", "second"];
    let first = world.key(&user.caller, KeyScope::Own, first).await;
    let second = world.key(&user.caller, KeyScope::Own, second).await;
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, second.id)
        .await
        .expect("revoked");
    let before = world.revoked_at(second.id).await;
    world.domain.lock_restored("a test").await.expect("locked");
    let summary = world.domain.restore_summary().await.expect("a summary");
    assert!(summary.is_locked && summary.newest_at.is_some());
    assert_eq!((summary.working_keys, summary.sessions), (1, 1));
    let decided = world
        .domain
        .decide_restored(Decision::RevokeOlder, "ada@host")
        .await
        .expect("decided");
    assert_eq!(
        decided,
        Some(Decided {
            keys_revoked: 1,
            sessions_ended: 1
        })
    );
    for key in [&first, &second] {
        assert_eq!(world.check(key.secret.expose()).await, REVOKED);
    }
    assert_eq!(world.revoked_at(second.id).await, before, "kept");
    assert_eq!(
        world.audit(first.id.uuid()).await,
        ["api_key.created", "api_key.revoked"]
    );
    assert!(
        world
            .domain
            .viewer(&user.caller)
            .await
            .expect("an answer")
            .is_none()
    );
    let recorded = "SELECT count(*) FROM restore_decisions WHERE decided_by = 'ada@host' AND decision = 'revoke_older'
        AND keys_revoked = 1 AND sessions_ended = 1 AND at_millis > now_millis() - 60000";
    assert_eq!(world.number(recorded, &[]).await, 1);
    let user = world.session(user.id).await;
    let new = world.key(&user, KeyScope::Own, "new").await;
    assert_eq!(world.check(new.secret.expose()).await, VALID);
    let again = world
        .domain
        .decide_restored(Decision::RevokeOlder, "somebody")
        .await
        .expect("an answer");
    assert_eq!(again, None, "there is nothing to decide");
    assert_eq!(world.check(new.secret.expose()).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_accepted_works_as_it_is_and_one_of_several_decisions_counts(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    world.domain.lock_restored("a test").await.expect("locked");
    let accept = || world.domain.decide_restored(Decision::Accept, "ada");
    let (a, b, c) = tokio::join!(accept(), accept(), accept());
    let made = [a, b, c].map(|decided| decided.expect("an answer"));
    assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    let accepted = "SELECT count(*) FROM restore_decisions WHERE decision = 'accept'";
    assert_eq!(world.number(accepted, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn upkeep_of_the_database_does_not_lock_it(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let name: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(&pool)
        .await
        .expect("a name");
    for statement in [
        "VACUUM FULL",
        "VACUUM FREEZE restore_mark",
        "ANALYZE",
        "REINDEX TABLE restore_mark",
        "ALTER TABLE restore_mark SET (fillfactor = 50)",
        &format!("REINDEX DATABASE \"{name}\""),
    ] {
        pool.execute(AssertSqlSafe(statement.to_owned()))
            .await
            .expect(statement);
        assert!(!is_locked(&world).await, "{statement}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_row_that_was_loaded_again_a_second_one_and_a_missing_one_lock(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    pool.execute("CREATE TABLE saved AS SELECT * FROM restore_mark")
        .await
        .expect("saved");
    for (what, statement) in [
        ("missing", "DELETE FROM restore_mark"),
        (
            "loaded again",
            "BEGIN; DELETE FROM restore_mark; INSERT INTO restore_mark SELECT * FROM saved; COMMIT",
        ),
        (
            "of another table, by a transaction of the same number",
            "BEGIN; UPDATE restore_mark SET table_oid = '1'; UPDATE restore_mark SET row_xid = xmin; COMMIT",
        ),
        (
            "loaded into a schema that has one",
            "INSERT INTO restore_mark SELECT * FROM saved",
        ),
    ] {
        assert!(!is_locked(&world).await, "before: {what}");
        pool.execute(statement).await.expect(what);
        assert!(is_locked(&world).await, "{what}");
        let accepted = world.domain.decide_restored(Decision::Accept, "ada").await;
        assert!(accepted.expect("decided").is_some(), "{what}");
    }
    assert!(!is_locked(&world).await);
    let rows = world.number("SELECT count(*) FROM restore_mark", &[]).await;
    assert_eq!(rows, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_copy_of_the_database_is_locked_and_a_renamed_one_is_not(pool: PgPool) {
    let options = pool.connect_options();
    let name = options.get_database().expect("a name").to_owned();
    pool.close().await;
    let mut server = PgConnection::connect_with(&(*options).clone().database("postgres"))
        .await
        .expect("the server");
    // Postgres cuts long names, so the difference is at their beginning.
    let [copy, renamed] = ["copy", "renamed"].map(|prefix| format!("{prefix}_{}", &name[12..]));
    for statement in [
        format!("CREATE DATABASE \"{copy}\" TEMPLATE \"{name}\""),
        format!("ALTER DATABASE \"{name}\" RENAME TO \"{renamed}\""),
    ] {
        server
            .execute(AssertSqlSafe(statement))
            .await
            .expect("done");
    }
    for (database, expected) in [(&copy, true), (&renamed, false)] {
        let mut connection = PgConnection::connect_with(&(*options).clone().database(database))
            .await
            .expect("the database");
        let locked: bool = sqlx::query_scalar("SELECT denial IS NOT NULL FROM restore_gate()")
            .fetch_one(&mut connection)
            .await
            .expect("an answer");
        connection.close().await.ok();
        assert_eq!(locked, expected, "{database}");
    }
    for statement in [
        format!("DROP DATABASE \"{copy}\""),
        format!("ALTER DATABASE \"{renamed}\" RENAME TO \"{name}\""),
    ] {
        server
            .execute(AssertSqlSafe(statement))
            .await
            .expect("done");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn files_that_are_older_than_what_was_noted_lock_and_others_do_not(pool: PgPool) {
    let world = World::new(pool).await;
    let domain = &world.domain;
    let compare = async |noted: &str| domain.compare_files(noted).await.expect("an answer");
    let noted = compare("").await.note.expect("a position");
    world.user("ada").await;
    assert!(!compare(&noted).await.is_older, "it has gone on");
    let (system, _) = noted.split_once(' ').expect("two numbers");
    let later = |system: &str| format!("{system} {}\n", i64::MAX);
    let other = compare(&later("1")).await;
    assert!(!other.is_older, "another cluster");
    assert!(other.note.is_some_and(|note| note.starts_with(&later("1"))));
    assert!(!is_locked(&world).await);

    let locked = compare(&later(system)).await;
    assert!(locked.is_older && is_locked(&world).await);
    let noted = locked.note.expect("a position");
    assert!(
        noted.starts_with(later(system).trim_end()),
        "not back: {noted}"
    );
    domain
        .decide_restored(Decision::Accept, "Ada")
        .await
        .expect("a decision");
    assert!(!compare(&noted).await.is_older, "somebody has decided");
    assert!(!is_locked(&world).await);
    assert!(compare(&later(system)).await.is_older, "another copy");
}
