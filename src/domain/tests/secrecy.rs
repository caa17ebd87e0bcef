//! A secret is seen once: it is in no table, in no log and in no error.

use std::fmt::{Debug, Display};

use latchkey_domain::{
    accounts::Credentials,
    api_keys::{CreatedKey, NewKey},
    demo::DEMO_PASSWORD,
    operator::KeySet,
    secret::{PlainKey, ProjectKey, SessionToken},
};
use latchkey_model::{api_key::KeyScope, caller::Caller, digest::Digest, key_list::KeyListView};
use sqlx::PgPool;

use crate::{
    accounts::credentials,
    captured_log::Log,
    outcome::{EMAIL_TAKEN, Outcome, REVOKED, outcome},
    world::{ALL_ON, World, caller, server},
};

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Fails where a text holds one of the secrets, in clear or in hexadecimal digits.
fn assert_none(secrets: &[String], place: &str, text: &str) {
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "{place} holds {secret}");
        let hex = hex(secret.as_bytes());
        assert!(
            !text.to_lowercase().contains(&hex),
            "{place} holds {secret} in hexadecimal"
        );
    }
}

/// Everything one can do here, well and badly; returns all secrets that took part.
async fn a_busy_day(world: &World) -> Vec<String> {
    let domain = &world.domain;
    let mut secrets = Vec::new();
    let mut key_set = |keys: &KeySet| {
        for key in [
            &keys.publishable_client_key,
            &keys.secret_server_key,
            &keys.super_secret_admin_key,
        ] {
            secrets.push(key.expose().split_once('_').expect("a prefix").1.to_owned());
        }
    };
    let (project, keys) = domain
        .create_project("Busy", ALL_ON)
        .await
        .expect("a project");
    key_set(&keys);
    let keys = domain.rotate_keys(project).await.expect("new keys");
    key_set(&keys);
    let busy = World {
        project,
        server: server(project, &keys),
        ..world.clone()
    };

    let passwords = [
        "canary-of-an-operator",
        "canary-of-a-sign-up",
        "canary-that-is-wrong",
        "canary-taken",
    ];
    secrets.extend(passwords.map(str::to_owned));
    secrets.push(DEMO_PASSWORD.to_owned());
    domain.demo().await.expect("the demo");
    domain
        .create_user(
            project,
            "made@example.com",
            passwords[0].to_owned(),
            Some("Made"),
        )
        .await
        .expect("a user");
    let callers = sign_in_all_day(&busy, passwords, &mut secrets).await;

    keys_all_day(&busy, &callers[0], &mut secrets).await;
    domain.viewer(&callers[0]).await.expect("somebody");
    domain
        .rename_user(&callers[0], "Me")
        .await
        .expect("renamed");
    domain.sign_out(&callers[2]).await.expect("signed out");
    secrets
}

/// Everything one can do to sign in; returns who did.
async fn sign_in_all_day(
    world: &World,
    passwords: [&str; 4],
    secrets: &mut Vec<String>,
) -> Vec<Caller> {
    let (domain, project) = (&world.domain, world.project);
    let mut callers = Vec::new();
    for (email, password, former) in [
        ("new@example.com", passwords[1], None),
        ("made@example.com", passwords[0], None),
        ("new@example.com", passwords[1], Some(1)),
    ] {
        let former: Option<Caller> = former.map(|at: usize| callers[at]);
        let new_account = callers.is_empty();
        let credentials = Credentials {
            former,
            ..credentials(email, password)
        };
        let token = if new_account {
            domain.sign_up(project, credentials).await
        } else {
            domain.sign_in(project, credentials).await
        };
        let token = token.expect("a session").token;
        secrets.push(token.expose().to_owned());
        callers.push(caller(project, token.expose()));
    }
    let refused = domain
        .sign_in(project, credentials("made@example.com", passwords[2]))
        .await;
    assert_eq!(outcome(&refused), Outcome::WrongCredentials);
    let refused = domain
        .sign_up(project, credentials("made@example.com", passwords[3]))
        .await;
    assert_eq!(outcome(&refused), EMAIL_TAKEN);
    callers
}

/// Everything one can do with keys.
async fn keys_all_day(world: &World, me: &Caller, secrets: &mut Vec<String>) {
    let domain = &world.domain;
    let team = domain.create_team(me, "Team", None).await.expect("a team");
    for keys in [KeyScope::Own, KeyScope::OfTeam(team)] {
        let form = world.form("key");
        for retry in [false, true, true] {
            let new = NewKey {
                description: form.description.clone(),
                retry,
                ..form
            };
            let made = domain.create_key(me, keys, new).await.expect("a key");
            let text = made.secret.expose();
            secrets.push(text[3..48].to_owned());
            domain
                .check_key(&world.server, keys.kind(), text)
                .await
                .expect("an answer")
                .expect("a valid key");
            domain
                .list_keys(me, keys, &KeyListView::default())
                .await
                .expect("a page");
        }
        let key = world.key(me, keys, "another").await;
        secrets.push(key.secret.expose()[3..48].to_owned());
        domain
            .rename_key(me, keys, key.id, "renamed")
            .await
            .expect("renamed");
        domain.revoke_key(me, keys, key.id).await.expect("revoked");
        assert_eq!(world.check(key.secret.expose()).await, REVOKED);
        let search = KeyListView {
            search: key.secret.expose().to_owned(),
            ..KeyListView::default()
        };
        domain.list_keys(me, keys, &search).await.expect("a page");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_table_holds_a_secret(pool: PgPool) {
    let world = World::new(pool).await;
    let secrets = a_busy_day(&world).await;
    assert!(secrets.len() > 20);
    world.sql("ANALYZE", &[]).await;
    let dump = world.dump().await;
    assert!(dump.len() >= 13);
    for (table, rows) in &dump {
        assert_none(&secrets, table, &rows.join("\n"));
    }
    for view in [
        "SELECT a::text FROM pg_stat_activity a WHERE datname = current_database()",
        "SELECT s::text FROM pg_stats s WHERE schemaname = 'public'",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(view)
            .fetch_all(&world.pool)
            .await
            .expect(view);
        assert!(!rows.is_empty());
        assert_none(&secrets, view, &rows.join("\n"));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_search_of_the_tables_would_find_what_is_there(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "a canary").await;
    let keys = world.dump().await["api_keys"].join("\n");
    assert!(keys.contains("a canary"));
    let digest: Vec<u8> = sqlx::query_scalar("SELECT sha256(convert_to($1, 'UTF8'))")
        .bind(key.secret.expose())
        .fetch_one(&world.pool)
        .await
        .expect("a digest");
    assert!(keys.contains(&hex(&digest)), "the digest is what is stored");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_log_holds_a_secret_at_any_level(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let log = Log::default();
    let guard = log.start();
    let secrets = a_busy_day(&served).await;
    drop(guard);
    served.domain.close().await;
    let log = log.take();
    // The statements are in it, so the log was looked at.
    assert!(
        log.contains("INSERT INTO api_keys") && log.contains("INSERT INTO users"),
        "{log}"
    );
    assert_none(&secrets, "the log", &log);
    assert!(!log.contains("$argon2id$"));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_error_holds_a_secret(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    for broken in [
        "ALTER TABLE api_keys ADD CHECK (false) NOT VALID",
        "ALTER TABLE users ADD CHECK (false) NOT VALID",
        "ALTER TABLE sessions ADD CHECK (false) NOT VALID",
    ] {
        world.sql(broken, &[]).await;
    }
    let log = Log::default();
    let guard = log.start();
    let secrets = ["canary-password".to_owned()];
    let domain = &world.domain;
    for error in [
        domain
            .create_key(&user.caller, KeyScope::Own, world.form("key"))
            .await
            .err(),
        domain
            .sign_up(world.project, credentials("x@example.com", &secrets[0]))
            .await
            .err(),
        domain
            .create_user(world.project, "y@example.com", secrets[0].clone(), None)
            .await
            .err(),
    ] {
        let error = error.expect("a fault");
        let text = format!("{error} {error:?}");
        assert!(text.contains("23514"), "{text}");
        assert_none(&secrets, "the error", &text);
        // A whole key or token has 45 base32 characters in a row.
        let longest = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.starts_with('x') && word.len() >= 45);
        assert_eq!(longest.count(), 0, "{text}");
        let shown = error.to_string();
        assert!(!shown.contains("Failing row"), "{shown}");
    }
    drop(guard);
    assert_none(&secrets, "the log", &log.take());
}

/// Compiles only for a type that does not implement the trait: otherwise there are two candidates.
macro_rules! assert_lacks {
    ($trait:path: $($type:ty),+) => {$({
        trait Candidate<Of> {
            fn one() {}
        }
        impl<T: ?Sized> Candidate<()> for T {}
        impl<T: ?Sized + $trait> Candidate<u8> for T {}
        <$type as Candidate<_>>::one();
    })+};
}

#[test]
fn secrets_cannot_be_printed_copied_or_serialised() {
    assert_lacks!(Debug: PlainKey, SessionToken, ProjectKey, CreatedKey, KeySet, Credentials, Digest, Caller);
    assert_lacks!(Display: PlainKey, SessionToken, ProjectKey, CreatedKey, KeySet, Credentials, Digest, Caller);
    assert_lacks!(Clone: PlainKey, SessionToken, ProjectKey, CreatedKey, KeySet, Credentials);
    assert_lacks!(serde::Serialize: PlainKey, SessionToken, ProjectKey, CreatedKey, KeySet, Credentials, Digest, Caller);
}
