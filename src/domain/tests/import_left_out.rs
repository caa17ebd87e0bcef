//! Importing: what cannot be stored is reported and left out.

use latchkey_domain::import::{Counts, Kind, Remark};
use sqlx::PgPool;
use uuid::Uuid;

use crate::import_rules::ids;
use crate::stack_auth::{KeyOwner, StackAuth};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_that_cannot_work_here_are_reported_and_left_out(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let team = source.team("Team").await;
    let owner = KeyOwner::User(user);
    let good = source.plain_key(owner).await;
    let secret = |key: &str, change: &str| {
        format!(r#"UPDATE stack."ProjectApiKey" SET {change} WHERE id = '{key}'"#)
    };
    let mut unreadable = Vec::new();
    for change in [
        r#""secretApiKey" = 'not a key'"#,
        r#""secretApiKey" = left("secretApiKey", 101) || CASE right("secretApiKey", 1) WHEN '0' THEN '1' ELSE '0' END"#,
        r#""secretApiKey" = upper("secretApiKey")"#,
        r#""secretApiKey" = ' ' || "secretApiKey""#,
    ] {
        let key = source.plain_key(owner).await;
        source.sql(&secret(&key.id.to_string(), change), &[]).await;
        unreadable.push(key.id);
    }
    let nobodys = source.plain_key(owner).await;
    source
        .sql(
            &secret(&nobodys.id.to_string(), r#""projectUserId" = NULL"#),
            &[],
        )
        .await;
    let both = source.plain_key(owner).await;
    source
        .sql(
            &secret(&both.id.to_string(), &format!(r#""teamId" = '{team}'"#)),
            &[],
        )
        .await;
    let orphan = source.plain_key(KeyOwner::User(Uuid::nil())).await;
    let long = source.plain_key(owner).await;
    source
        .sql(
            &secret(&long.id.to_string(), "description = repeat('é', 1001)"),
            &[],
        )
        .await;
    let report = source.import().await;
    let keys = |remark| ids(&report, Kind::ApiKeys, remark);
    let mut found = keys(Remark::KeyUnreadable);
    found.sort_unstable();
    unreadable.sort_unstable();
    assert_eq!(found, unreadable);
    let mut found = keys(Remark::KeyWithoutOwner);
    found.sort_unstable();
    let mut expected = [nobodys.id, both.id];
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(keys(Remark::OwnerMissing), [orphan.id]);
    assert_eq!(keys(Remark::DescriptionShortened), [long.id]);
    assert_eq!(
        report.of(Kind::ApiKeys),
        Counts {
            read: 9,
            imported: 2,
            already_here: 0,
            left_out: 7
        }
    );
    let world = source.world(report.keys.as_ref().expect("keys"));
    assert_eq!(world.check(&good.secret).await, "valid");
    assert_eq!(world.check(&long.secret).await, "valid");
    let lengths = "SELECT max(char_length(description))::bigint FROM api_keys";
    assert_eq!(world.number(lengths, &[]).await, 1000);

    // The same secret under another id, or another secret under the same id, is another key.
    source
        .sql(&secret(&long.id.to_string(), "id = gen_random_uuid()"), &[])
        .await;
    let other = source.plain_key(owner).await;
    let id = good.id;
    source
        .sql(
            &format!(r#"DELETE FROM stack."ProjectApiKey" WHERE id = '{id}'"#),
            &[],
        )
        .await;
    source
        .sql(
            &secret(
                &other.id.to_string(),
                &format!(r#"id = '{id}', "manuallyRevokedAt" = now()"#),
            ),
            &[],
        )
        .await;
    let before = world.dump().await;
    let report = source.import().await;
    assert_eq!(world.dump().await, before);
    assert_eq!(ids(&report, Kind::ApiKeys, Remark::KeyTaken).len(), 2);
    assert_eq!(world.check(&good.secret).await, "valid");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn memberships_and_permissions_of_nobody_are_left_out(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let team = source.team("Team").await;
    source.join(Uuid::nil(), user, &["team_admin"]).await;
    source.join(team, Uuid::nil(), &[]).await;
    source.join(team, user, &["team_admin"]).await;
    let report = source.import().await;
    assert_eq!(report.of(Kind::Memberships).imported, 1);
    assert_eq!(report.of(Kind::Permissions).imported, 1);
    let mut missing = ids(&report, Kind::Memberships, Remark::OwnerMissing);
    missing.sort_unstable();
    assert_eq!(missing, [Uuid::nil(), user]);
    assert_eq!(
        ids(&report, Kind::Permissions, Remark::OwnerMissing),
        [user]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_row_that_the_database_refuses_does_not_take_the_others_with_it(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    source
        .sql(
            "ALTER TABLE users ADD CONSTRAINT nobody_is_bob CHECK (display_name <> 'Bob')",
            &[],
        )
        .await;
    source.user("Ada").await;
    let bob = source.user("Bob").await;
    source.user("Cleo").await;
    let key = source.plain_key(KeyOwner::User(bob)).await;
    let report = source.import().await;
    assert_eq!(report.of(Kind::Users).imported, 2);
    let rule = Remark::Refused("nobody_is_bob".to_owned());
    assert_eq!(ids(&report, Kind::Users, rule), [bob]);
    assert_eq!(ids(&report, Kind::ApiKeys, Remark::OwnerMissing), [key.id]);
}
