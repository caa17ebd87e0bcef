//! Importing a Stack Auth database: everything arrives, once.

use latchkey_domain::import::{About, Counts, Kind, ProjectReport, Remark};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    outcome::{EXPIRED, REVOKED, VALID},
    stack_auth::{Issued, StackAuth},
    world::World,
};

pub fn all_new(count: u64) -> Counts {
    Counts {
        read: count,
        imported: count,
        ..Counts::default()
    }
}

pub fn all_here(count: u64) -> Counts {
    Counts {
        read: count,
        already_here: count,
        ..Counts::default()
    }
}

pub fn about(report: &ProjectReport, kind: Kind, remark: Remark) -> About {
    report
        .remarks
        .get(&(kind, remark))
        .cloned()
        .unwrap_or_default()
}

pub fn one(id: Uuid) -> About {
    About {
        count: 1,
        ids: vec![id],
    }
}

/// Twenty people, five teams with four members each, and keys.
pub async fn a_company(source: &StackAuth, keys: usize) -> Vec<Issued> {
    let mut users = Vec::new();
    for number in 0..20 {
        let user = source.user(&format!("User {number}")).await;
        source
            .email(
                user,
                &format!("u{number}@example.com"),
                "'TRUE', 'TRUE', true",
            )
            .await;
        users.push(user);
    }
    let mut teams = Vec::new();
    for number in 0..5 {
        let team = source.team(&format!("Team {number}")).await;
        for (at, user) in users[number * 4..][..4].iter().enumerate() {
            let role = if at == 0 { "team_admin" } else { "team_member" };
            source.join(team, *user, &[role]).await;
        }
        teams.push(team);
    }
    source.many_keys(keys, &users, &teams).await
}

/// How many keys here are in every column what they are at the source.
pub async fn equal_keys(source: &StackAuth) -> i64 {
    source
        .number(
            r#"SELECT count(*) FROM public.api_keys k JOIN stack."ProjectApiKey" s ON s.id = k.api_key_id
            WHERE k.digest = sha256(convert_to(s."secretApiKey", 'UTF8')) AND k.last_four = right(s."secretApiKey", 4)
                AND k.description = s.description AND k.is_public = s."isPublic"
                AND k.owner_user_id IS NOT DISTINCT FROM s."projectUserId"
                AND k.owner_team_id IS NOT DISTINCT FROM s."teamId"
                AND to_timestamp(k.created_at_millis / 1000.0) = s."createdAt" AT TIME ZONE 'UTC'
                AND to_timestamp(k.expires_at_millis / 1000.0) IS NOT DISTINCT FROM s."expiresAt" AT TIME ZONE 'UTC'
                AND to_timestamp(k.revoked_at_millis / 1000.0)
                    IS NOT DISTINCT FROM s."manuallyRevokedAt" AT TIME ZONE 'UTC'"#,
        )
        .await
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn ten_thousand_keys_arrive_and_are_checked_here(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let keys = a_company(&source, 10_000).await;
    let report = source.import().await;
    assert!(report.is_new && report.remarks.is_empty() && report.undefined_permissions.is_empty());
    assert_eq!(report.of(Kind::Users), all_new(20));
    assert_eq!(report.of(Kind::Teams), all_new(5));
    assert_eq!(report.of(Kind::Memberships), all_new(20));
    assert_eq!(report.of(Kind::Permissions), all_new(20));
    assert_eq!(report.of(Kind::ApiKeys), all_new(10_000));
    assert_eq!(equal_keys(&source).await, 10_000);
    let world = source.world(&report.keys.expect("keys of the project"));
    // Rows are numbered from 1: every 13th is revoked, every 11th has ended unless it is a 5th.
    for (number, key) in (1..).zip(&keys).step_by(37) {
        let expected = match number {
            n if n % 13 == 0 => REVOKED,
            n if n % 11 == 0 && n % 5 != 0 => EXPIRED,
            _ => VALID,
        };
        assert_eq!(world.check(&key.secret).await, expected, "{number}");
    }
    assert_eq!(world.audit(keys[0].id).await, ["api_key.imported"]);
    let unaudited = "SELECT count(*) FROM api_keys k WHERE NOT EXISTS (
        SELECT FROM audit_events e WHERE e.subject_id = k.api_key_id AND e.action = 'api_key.imported')";
    assert_eq!(world.number(unaudited, &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_dry_run_tells_what_would_happen_and_writes_nothing(pool: PgPool) {
    let source = StackAuth::new(pool.clone()).await;
    a_company(&source, 700).await;
    let team = source.team("").await;
    let user = source.user("Zoe").await;
    source.join(team, user, &["custom", "team_admin"]).await;
    let world = World::new(pool).await;
    let before = world.dump().await;
    let told = source.dry_run().await;
    assert_eq!(world.dump().await, before);
    assert!(told.keys.is_none());
    let done = source.import().await;
    assert_eq!(told.counts, done.counts);
    assert_eq!(told.remarks, done.remarks);
    assert_eq!(told.undefined_permissions, done.undefined_permissions);
    assert_eq!(
        (told.is_new, told.settings, told.assumed),
        (done.is_new, done.settings, done.assumed)
    );
    let before = world.dump().await;
    let again = source.dry_run().await;
    assert_eq!(world.dump().await, before);
    assert_eq!(again.of(Kind::ApiKeys), all_here(700));
}
