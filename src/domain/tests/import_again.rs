//! A second import: what was changed here meanwhile stays.

use latchkey_domain::import::{Counts, Kind, Remark};
use latchkey_model::{
    caller::UserRef,
    id::{ApiKeyId, TeamId, UserId},
    project::SettingsChange,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    import::{a_company, about, all_here, one},
    outcome::{REVOKED, UNKNOWN, VALID},
    stack_auth::{KeyOwner, StackAuth},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_second_run_changes_nothing_that_was_changed_here(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let keys = a_company(&source, 50).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    world
        .sql(
            "UPDATE users SET display_name = 'Changed', primary_email = NULL, server_metadata = '{}'",
            &[],
        )
        .await;
    world
        .sql("UPDATE teams SET display_name = 'Changed'", &[])
        .await;
    world
        .sql(
            "UPDATE api_keys SET description = 'Changed', revoked_at_millis = COALESCE(revoked_at_millis, 7)",
            &[],
        )
        .await;
    world
        .configure(SettingsChange {
            allow_team_api_keys: Some(false),
            ..SettingsChange::default()
        })
        .await;
    let before = world.dump().await;
    let report = source.import().await;
    assert_eq!(world.dump().await, before);
    assert!(!report.is_new && report.keys.is_none() && report.assumed.is_empty());
    assert_eq!(report.of(Kind::ApiKeys), all_here(50));
    assert!(report.remarks.is_empty(), "{:?}", report.remarks);
    assert_eq!(world.revoked_at(ApiKeyId::new(keys[0].id)).await, Some(7));
}

/// When keys were revoked at the source: 2026-01-02, 03:04:05.678.
const REVOKED_AT: i64 = 1_767_323_045_678;

async fn revoke_at_the_source(source: &StackAuth, keys: &[Uuid]) {
    let revoke = r#"UPDATE stack."ProjectApiKey" SET "manuallyRevokedAt" = '2026-01-02 03:04:05.678' WHERE id = $1"#;
    for key in keys {
        source.sql(revoke, &[*key]).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_second_run_takes_over_what_is_new_and_what_was_revoked(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let owner = KeyOwner::User(user);
    let (stays, ends) = (source.plain_key(owner).await, source.plain_key(owner).await);
    let ended_here = source.plain_key(owner).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    world
        .sql(
            "UPDATE api_keys SET revoked_at_millis = 7 WHERE api_key_id = $1",
            &[ended_here.id],
        )
        .await;
    revoke_at_the_source(&source, &[ends.id, ended_here.id]).await;
    let fresh = source.plain_key(owner).await;
    let told = source.dry_run().await;
    assert_eq!(world.check(&ends.secret).await, VALID);
    let report = source.import().await;
    assert_eq!(told.remarks, report.remarks);
    assert_eq!(
        about(&report, Kind::ApiKeys, Remark::RevocationTakenOver),
        one(ends.id)
    );
    assert_eq!(
        report.of(Kind::ApiKeys),
        Counts {
            read: 4,
            imported: 1,
            already_here: 3,
            left_out: 0
        }
    );
    for (key, answer) in [
        (&stays, VALID),
        (&fresh, VALID),
        (&ends, REVOKED),
        (&ended_here, REVOKED),
    ] {
        assert_eq!(world.check(&key.secret).await, answer);
    }
    assert_eq!(
        world.revoked_at(ApiKeyId::new(ends.id)).await,
        Some(REVOKED_AT)
    );
    assert_eq!(
        world.revoked_at(ApiKeyId::new(ended_here.id)).await,
        Some(7)
    );
    assert_eq!(
        world.audit(ends.id).await,
        ["api_key.imported", "api_key.revoked"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_revocation_that_is_taken_back_at_the_source_stays_here(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let owner = KeyOwner::User(source.user("Ada").await);
    let key = source.plain_key(owner).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    revoke_at_the_source(&source, &[key.id]).await;
    source.import().await;
    let taken_back = r#"UPDATE stack."ProjectApiKey" SET "manuallyRevokedAt" = NULL"#;
    source.sql(taken_back, &[]).await;
    let report = source.import().await;
    assert!(report.remarks.is_empty());
    assert_eq!(world.check(&key.secret).await, REVOKED);
}

async fn take_out(world: &World, team: Uuid, user: Uuid) {
    let user = UserRef::Id(UserId::new(user));
    let removed = world
        .domain
        .remove_member(&world.server, TeamId::new(team), user)
        .await;
    removed.expect("taken out");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_was_deleted_or_taken_away_here_does_not_come_back(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let (team, other_team) = (source.team("Team").await, source.team("Other").await);
    let user = async |name| {
        let user = source.user(name).await;
        for team in [team, other_team] {
            source.join(team, user, &["team_admin"]).await;
        }
        user
    };
    let (deleted, taken_out) = (user("deleted").await, user("taken-out").await);
    let (stripped, untouched) = (user("stripped").await, user("untouched").await);
    let key_of_deleted = source.plain_key(KeyOwner::User(deleted)).await;
    let key_of_team = source.plain_key(KeyOwner::Team(other_team)).await;
    let kept = source.plain_key(KeyOwner::User(untouched)).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    let domain = &world.domain;
    let who = |user: Uuid| UserRef::Id(UserId::new(user));
    let at = TeamId::new(team);
    domain
        .delete_user(&world.server, who(deleted))
        .await
        .expect("deleted");
    take_out(&world, team, taken_out).await;
    domain
        .revoke_permission(&world.server, at, who(stripped), "team_admin")
        .await
        .expect("taken back");
    domain
        .delete_team(&world.server, TeamId::new(other_team))
        .await
        .expect("deleted");
    let before = world.dump().await;
    let told = source.dry_run().await;
    let report = source.import().await;
    assert_eq!(world.dump().await, before);
    assert_eq!(told.counts, report.counts);
    assert_eq!(told.remarks, report.remarks);
    for kind in Kind::ALL {
        assert_eq!(report.of(kind).imported, 0, "{kind:?}");
    }
    assert_eq!(
        about(&report, Kind::Users, Remark::RemovedHere),
        one(deleted)
    );
    assert_eq!(
        about(&report, Kind::Teams, Remark::RemovedHere),
        one(other_team)
    );
    let members = about(&report, Kind::Memberships, Remark::RemovedHere);
    assert_eq!(members.count, 6, "{members:?}");
    assert_eq!(about(&report, Kind::ApiKeys, Remark::RemovedHere).count, 2);
    assert_eq!(world.check(&key_of_deleted.secret).await, UNKNOWN);
    assert_eq!(world.check(&key_of_team.secret).await, UNKNOWN);
    assert_eq!(world.check(&kept.secret).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_joins_at_the_source_after_being_taken_out_here_is_a_new_member(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let team = source.team("Team").await;
    let user = source.user("Ada").await;
    source.join(team, user, &["team_admin"]).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    take_out(&world, team, user).await;
    assert_eq!(source.import().await.of(Kind::Memberships).imported, 0);
    source
        .sql(
            r#"UPDATE stack."TeamMember" SET "createdAt" = (now() AT TIME ZONE 'UTC') + interval '1 hour'
            WHERE "projectUserId" = $1 AND "teamId" = $2"#,
            &[user, team],
        )
        .await;
    assert_eq!(source.import().await.of(Kind::Memberships).imported, 1);
}
