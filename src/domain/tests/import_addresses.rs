//! Importing email addresses: each signs in one person.

use latchkey_domain::import::{Kind, Remark};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{import_rules::ids, stack_auth::StackAuth};

/// By which address somebody signs in here; `false` where they only have it.
async fn signs_in(source: &StackAuth, user: Uuid) -> (Option<String>, bool) {
    sqlx::query_as("SELECT primary_email, primary_email_auth_enabled FROM users WHERE user_id = $1")
        .bind(user)
        .fetch_one(&source.pool)
        .await
        .expect("the user")
}

fn by(email: &str, signs_in: bool) -> (Option<String>, bool) {
    (Some(email.to_owned()), signs_in)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_address_signs_in_one_person(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let older = source.user_with(r#""createdAt""#, "'2020-01-01'").await;
    let verified = source.user_with(r#""createdAt""#, "'2021-01-01'").await;
    let not_by_it = source.user("C").await;
    for (user, email, flags) in [
        (older, "Same@example.com", "'TRUE', 'TRUE', false"),
        (verified, "same@example.com", "'TRUE', 'TRUE', true"),
        (not_by_it, "same@EXAMPLE.com", "'TRUE', NULL, true"),
    ] {
        source.email(user, email, flags).await;
    }
    source.import().await;
    let same = "same@example.com";
    assert_eq!(signs_in(&source, older).await, by(same, false));
    assert_eq!(signs_in(&source, verified).await, by(same, true));
    assert_eq!(signs_in(&source, not_by_it).await, by(same, false));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_several_addresses_of_a_person_one_signs_in(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let several = source.user("D").await;
    let not_primary = source.user("E").await;
    let no_address = source.user("F").await;
    for (user, email, flags) in [
        (several, "d@example.com", "'TRUE', 'TRUE', true"),
        (several, "d2@example.com", "NULL, 'TRUE', true"),
        (not_primary, "e@example.com", "NULL, 'TRUE', true"),
        (not_primary, "ignored@example.com", "NULL, NULL, true"),
        (no_address, "not an address", "'TRUE', 'TRUE', true"),
    ] {
        source.email(user, email, flags).await;
    }
    source.import().await;
    let (d, e) = (by("d@example.com", true), by("e@example.com", true));
    assert_eq!(signs_in(&source, several).await, d);
    assert_eq!(signs_in(&source, not_primary).await, e);
    assert_eq!(signs_in(&source, no_address).await, (None, false));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_address_that_somebody_here_signs_in_by_stays_theirs(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let here_already = source.user("G").await;
    let flags = "'TRUE', 'TRUE', true";
    source.email(here_already, "g@example.com", flags).await;
    source.import().await;
    // Somebody has made an account here between two runs.
    let taken_here = source.user("H").await;
    source.email(taken_here, "h@example.com", flags).await;
    source
        .sql(
            "INSERT INTO users (project_id, user_id, primary_email) VALUES ($1, $1, 'h@example.com')",
            &[source.project.uuid()],
        )
        .await;
    let again = source.import().await;
    assert_eq!(ids(&again, Kind::Users, Remark::EmailTaken), [taken_here]);
    let (g, h) = (by("g@example.com", true), by("h@example.com", false));
    assert_eq!(signs_in(&source, here_already).await, g);
    assert_eq!(signs_in(&source, taken_here).await, h);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn addresses_that_differ_in_more_than_the_source_can_tell_still_sign_in_one_person(
    pool: PgPool,
) {
    let source = StackAuth::new(pool).await;
    let mut users = Vec::new();
    // A tab is not trimmed by the source's own functions, but it is here.
    for address in ["x@example.com", "x@example.com\t"] {
        let user = source.user("X").await;
        source.email(user, address, "'TRUE', 'TRUE', true").await;
        users.push(user);
    }
    let plain = source.user("Plain").await;
    let report = source.import().await;
    assert_eq!(report.of(Kind::Users).imported, 3);
    let taken = ids(&report, Kind::Users, Remark::EmailTaken);
    assert_eq!(taken.len(), 1);
    assert!(users.contains(&taken[0]) && taken[0] != plain);
}
