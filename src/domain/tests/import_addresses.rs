//! Importing email addresses: each signs in one person.

use latchkey_domain::import::{Choices, Kind, Remark, Source};
use sqlx::PgPool;
use uuid::Uuid;

use crate::import_rules::ids;
use crate::stack_auth::StackAuth;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_address_signs_in_one_person(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let older = source.user_with(r#""createdAt""#, "'2020-01-01'").await;
    let verified = source.user_with(r#""createdAt""#, "'2021-01-01'").await;
    let not_by_it = source.user("C").await;
    source
        .email(older, "Same@example.com", "'TRUE', 'TRUE', false")
        .await;
    source
        .email(verified, "same@example.com", "'TRUE', 'TRUE', true")
        .await;
    source
        .email(not_by_it, "same@EXAMPLE.com", "'TRUE', NULL, true")
        .await;
    let several = source.user("D").await;
    source
        .email(several, "d@example.com", "'TRUE', 'TRUE', true")
        .await;
    source
        .email(several, "d2@example.com", "NULL, 'TRUE', true")
        .await;
    let not_primary = source.user("E").await;
    source
        .email(not_primary, "e@example.com", "NULL, 'TRUE', true")
        .await;
    source
        .email(not_primary, "ignored@example.com", "NULL, NULL, true")
        .await;
    let no_address = source.user("F").await;
    source
        .email(no_address, "not an address", "'TRUE', 'TRUE', true")
        .await;
    let here_already = source.user("G").await;
    source
        .email(here_already, "g@example.com", "'TRUE', 'TRUE', true")
        .await;
    // Somebody has made an account here between two runs.
    source
        .domain
        .import_project(
            &mut Source::open(&source.address()).await.expect("a source"),
            &Source::open(&source.address())
                .await
                .expect("a source")
                .projects()
                .await
                .expect("projects")[0],
            Choices::default(),
            |_, _| {},
        )
        .await
        .expect("an import")
        .expect("a project");
    let taken_here = source.user("H").await;
    source
        .email(taken_here, "h@example.com", "'TRUE', 'TRUE', true")
        .await;
    source
        .sql(
            "INSERT INTO users (project_id, user_id, primary_email) VALUES ($1, $1, 'h@example.com')",
            &[source.project.uuid()],
        )
        .await;
    let again = source.import().await;
    assert_eq!(ids(&again, Kind::Users, Remark::EmailTaken), [taken_here]);
    let signs_in = async |user: Uuid| -> (Option<String>, bool) {
        sqlx::query_as(
            "SELECT primary_email, primary_email_auth_enabled FROM users WHERE user_id = $1",
        )
        .bind(user)
        .fetch_one(&source.pool)
        .await
        .expect("the user")
    };
    let same = Some("same@example.com".to_owned());
    assert_eq!(signs_in(older).await, (same.clone(), false));
    assert_eq!(signs_in(verified).await, (same.clone(), true));
    assert_eq!(signs_in(not_by_it).await, (same, false));
    assert_eq!(
        signs_in(several).await,
        (Some("d@example.com".to_owned()), true)
    );
    assert_eq!(
        signs_in(not_primary).await,
        (Some("e@example.com".to_owned()), true)
    );
    assert_eq!(signs_in(no_address).await, (None, false));
    assert_eq!(
        signs_in(taken_here).await,
        (Some("h@example.com".to_owned()), false)
    );
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
