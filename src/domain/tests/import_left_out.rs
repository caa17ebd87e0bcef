//! Importing: what cannot be stored is reported and left out.

use latchkey_domain::import::{Counts, Kind, Remark};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    import_rules::ids,
    outcome::VALID,
    stack_auth::{Issued, KeyOwner, StackAuth},
};

/// Changes a key at the source.
async fn change(source: &StackAuth, key: Uuid, change: &str) {
    let statement = format!(r#"UPDATE stack."ProjectApiKey" SET {change} WHERE id = $1"#);
    source.sql(&statement, &[key]).await;
}

/// A key of this owner that was changed at the source.
async fn changed_key(source: &StackAuth, owner: KeyOwner, how: &str) -> Issued {
    let key = source.plain_key(owner).await;
    change(source, key.id, how).await;
    key
}

fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_that_cannot_work_here_are_reported_and_left_out(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let owner = KeyOwner::User(source.user("Ada").await);
    let team = source.team("Team").await;
    let good = source.plain_key(owner).await;
    let mut unreadable = Vec::new();
    for change in [
        r#""secretApiKey" = 'not a key'"#,
        r#""secretApiKey" = left("secretApiKey", 101) || CASE right("secretApiKey", 1) WHEN '0' THEN '1' ELSE '0' END"#,
        r#""secretApiKey" = upper("secretApiKey")"#,
        r#""secretApiKey" = ' ' || "secretApiKey""#,
    ] {
        unreadable.push(changed_key(&source, owner, change).await.id);
    }
    let nobodys = changed_key(&source, owner, r#""projectUserId" = NULL"#).await;
    let both = changed_key(&source, owner, &format!(r#""teamId" = '{team}'"#)).await;
    let orphan = source.plain_key(KeyOwner::User(Uuid::nil())).await;
    let report = source.import().await;
    let keys = |remark| sorted(ids(&report, Kind::ApiKeys, remark));
    assert_eq!(keys(Remark::KeyUnreadable), sorted(unreadable));
    let without_owner = sorted(vec![nobodys.id, both.id]);
    assert_eq!(keys(Remark::KeyWithoutOwner), without_owner);
    assert_eq!(keys(Remark::OwnerMissing), [orphan.id]);
    let counts = Counts {
        read: 8,
        imported: 1,
        already_here: 0,
        left_out: 7,
    };
    assert_eq!(report.of(Kind::ApiKeys), counts);
    let world = source.world(report.keys.as_ref().expect("keys"));
    assert_eq!(world.check(&good.secret).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_description_that_is_too_long_is_shortened(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let owner = KeyOwner::User(source.user("Ada").await);
    let long = changed_key(&source, owner, "description = repeat('é', 1001)").await;
    let report = source.import().await;
    assert_eq!(
        ids(&report, Kind::ApiKeys, Remark::DescriptionShortened),
        [long.id]
    );
    let world = source.world(report.keys.as_ref().expect("keys"));
    assert_eq!(world.check(&long.secret).await, VALID);
    let lengths = "SELECT max(char_length(description))::bigint FROM api_keys";
    assert_eq!(world.number(lengths, &[]).await, 1000);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_same_secret_under_another_id_or_another_secret_under_the_same_is_another_key(
    pool: PgPool,
) {
    let source = StackAuth::new(pool).await;
    let owner = KeyOwner::User(source.user("Ada").await);
    let (good, renumbered) = (source.plain_key(owner).await, source.plain_key(owner).await);
    let world = source.world(&source.import().await.keys.expect("keys"));
    change(&source, renumbered.id, "id = gen_random_uuid()").await;
    let delete = r#"DELETE FROM stack."ProjectApiKey" WHERE id = $1"#;
    source.sql(delete, &[good.id]).await;
    let revoked = format!(r#"id = '{}', "manuallyRevokedAt" = now()"#, good.id);
    changed_key(&source, owner, &revoked).await;
    let before = world.dump().await;
    let report = source.import().await;
    assert_eq!(world.dump().await, before);
    assert_eq!(ids(&report, Kind::ApiKeys, Remark::KeyTaken).len(), 2);
    assert_eq!(world.check(&good.secret).await, VALID);
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
