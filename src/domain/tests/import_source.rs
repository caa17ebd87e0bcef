//! The database that is imported: what it must be, how it is read, and what stays in it.

use std::{cell::Cell, time::Duration};

use latchkey_domain::import::{Choices, ImportError, Kind, Source};
use sqlx::{ConnectOptions as _, PgPool};

use crate::{
    captured_log::Log,
    proxy::Proxy,
    stack_auth::{KeyOwner, StackAuth},
};
use crate::{
    import::{a_company, all_new},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_secret_of_the_source_is_stored_or_logged(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let keys = a_company(&source, 600).await;
    let served = source.as_served();
    let log = Log::default();
    let guard = log.start();
    let report = served.import().await;
    let told = format!("{:?}", report.remarks);
    drop(guard);
    let world = source.world(&report.keys.expect("keys"));
    let mut haystacks = vec![
        ("the report".to_owned(), told),
        ("the log".to_owned(), log.take()),
    ];
    assert!(haystacks[1].1.contains("INSERT INTO api_keys"));
    for (table, rows) in world.dump().await {
        haystacks.push((table, rows.join("\n")));
    }
    assert!(haystacks.len() >= 15);
    for key in &keys {
        let random = &key.secret[3..48];
        let hex = random
            .bytes()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        for (place, text) in &haystacks {
            assert!(!text.contains(random), "{place} holds a key");
            assert!(!text.contains(&hex), "{place} holds a key in hexadecimal");
        }
    }
    let digests = &world.dump().await["api_keys"].join("\n");
    assert!(
        digests.contains(&keys[0].id.to_string()),
        "it was looked at"
    );
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_database_that_is_not_as_expected_is_refused_with_everything_that_differs(pool: PgPool) {
    let source = StackAuth::new(pool.clone()).await;
    a_company(&source, 10).await;
    let world = World::new(pool).await;
    let before = world.dump().await;
    let role = format!("reader_{}", source.tenancy.simple());
    for statement in [
        r#"ALTER TABLE stack."Team" RENAME TO "Teams""#.to_owned(),
        r#"ALTER TABLE stack."ProjectUser" DROP COLUMN "isAnonymous""#.to_owned(),
        r#"ALTER TABLE stack."ProjectApiKey" ALTER COLUMN "expiresAt" TYPE bigint USING 0"#
            .to_owned(),
        r#"ALTER TABLE stack."TeamMember" ALTER COLUMN "isSelected" TYPE int USING 1"#.to_owned(),
        format!("CREATE ROLE {role}"),
        format!("GRANT USAGE ON SCHEMA stack TO {role}"),
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA stack TO {role}"),
        format!(r#"REVOKE SELECT ON stack."PasswordAuthMethod" FROM {role}"#),
    ] {
        source.sql(&statement, &[]).await;
    }
    let opened = Source::open(&source.address()).await;
    let Err(refused) = opened else {
        panic!("it was accepted");
    };
    assert!(matches!(refused, ImportError::Schema(_)));
    let differing = [
        "\n  \"ProjectApiKey\".\"expiresAt\": it is bigint, and should be a timestamp",
        "\n  \"ProjectUser\".\"isAnonymous\": there is no such column",
        "\n  \"Team\": there is no such table, or this role does not see it",
        "\n  \"TeamMember\".\"isSelected\": it is integer, and should be an enum, text or boolean",
    ];
    let text = refused.to_string();
    for line in differing {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(text.lines().count(), 1 + differing.len(), "{text}");

    let as_role = format!("{}&options=-crole%3D{role}", source.address());
    let Err(refused) = Source::open(&as_role).await else {
        panic!("it was accepted");
    };
    let text = refused.to_string();
    assert!(
        text.contains("\"PasswordAuthMethod\".\"passwordHash\": this role may not read it"),
        "{text}"
    );
    source.sql(&format!("DROP OWNED BY {role}"), &[]).await;
    source.sql(&format!("DROP ROLE {role}"), &[]).await;
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_without_the_password() {
    for address in [
        "postgres://user:canary@127.0.0.1:1/db",
        "postgres://user:canary@host:port/db",
        "user:canary",
        "",
    ] {
        let opened = tokio::time::timeout(Duration::from_secs(20), Source::open(address)).await;
        let Ok(Err(error)) = opened else {
            panic!("{address}");
        };
        let text = format!("{error} {error:?}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_source_is_read_as_it_was_at_the_beginning(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    source.plain_key(KeyOwner::User(user)).await;
    let mut opened = Source::open(&source.address()).await.expect("a source");
    let projects = opened.projects().await.expect("projects");
    let late = source.user("Late").await;
    source.plain_key(KeyOwner::User(late)).await;
    let calls = Cell::new(0);
    let report = source
        .domain
        .import_project(&mut opened, &projects[0], Choices::default(), |_, _| {
            calls.set(calls.get() + 1);
        })
        .await
        .expect("an import")
        .expect("a project");
    assert_eq!(report.of(Kind::Users), all_new(1));
    assert_eq!(report.of(Kind::ApiKeys), all_new(1));
    assert_eq!(calls.get(), 2, "one batch of users and one of keys");
    assert_eq!(source.import().await.of(Kind::ApiKeys).imported, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_import_does_not_wait_for_ever_for_a_source_that_falls_silent(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    source.user("Ada").await;
    let options = (*source.pool.connect_options()).clone();
    let proxy = Proxy::before(&options).await;
    let mut address = proxy.options(&options).to_url_lossy();
    address.query_pairs_mut().append_pair("schema", "stack");
    let deadline = Duration::from_millis(300);
    let mut opened = Source::open_within(address.as_str(), deadline)
        .await
        .expect("a source");
    let projects = opened.projects().await.expect("projects");
    proxy.silence_all();
    let import =
        source
            .domain
            .import_project(&mut opened, &projects[0], Choices::default(), |_, _| {});
    let hangs = Duration::from_secs(8);
    let imported = tokio::time::timeout(hangs, import).await;
    assert!(imported.expect("an answer").is_err());
}
