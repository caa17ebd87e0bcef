//! Importing a Stack Auth database: everything arrives, once, however often it is interrupted, and
//! what was changed here meanwhile stays.

use std::{cell::Cell, time::Duration};

use latchkey_domain::import::{
    About, Choices, Counts, ImportError, Kind, ProjectReport, Remark, Source,
};
use latchkey_model::{
    api_key::KeyScope, caller::UserRef, project::SettingsChange, user::UserChange,
};
use latchkey_model::{
    id::{ApiKeyId, TeamId, UserId},
    key_list::KeyListView,
};
use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::world::{World, caller, said};
use crate::{
    accounts::credentials,
    secrecy::Log,
    stack_auth::{Issued, KeyOwner, KeyRow, NEVER, StackAuth},
};

const PASSWORD: &str = "U*U and more";

fn all_new(count: u64) -> Counts {
    Counts {
        read: count,
        imported: count,
        ..Counts::default()
    }
}

fn all_here(count: u64) -> Counts {
    Counts {
        read: count,
        already_here: count,
        ..Counts::default()
    }
}

fn about(report: &ProjectReport, kind: Kind, remark: Remark) -> About {
    report
        .remarks
        .get(&(kind, remark))
        .cloned()
        .unwrap_or_default()
}

fn one(id: Uuid) -> About {
    About {
        count: 1,
        ids: vec![id],
    }
}

/// Twenty people, five teams with four members each, and keys.
async fn a_company(source: &StackAuth, keys: usize) -> Vec<Issued> {
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
async fn equal_keys(source: &StackAuth) -> i64 {
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
            n if n % 13 == 0 => "Revoked",
            n if n % 11 == 0 && n % 5 != 0 => "Expired",
            _ => "valid",
        };
        assert_eq!(world.check(&key.secret).await, expected, "{number}");
    }
    assert_eq!(world.audit(keys[0].id).await, ["api_key.imported"]);
    let unaudited = "SELECT count(*) FROM api_keys k WHERE NOT EXISTS (
        SELECT FROM audit_events e WHERE e.subject_id = k.api_key_id AND e.action = 'api_key.imported')";
    assert_eq!(world.number(unaudited, &[]).await, 0);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_import_that_is_dropped_goes_on_where_it_was(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 10_000).await;
    let stop = Notify::new();
    let import = source.import_as(Choices::default(), |kind, report| {
        if kind == Kind::ApiKeys && report.of(kind).read >= 3000 {
            stop.notify_one();
        }
    });
    let finished = tokio::select! {
        biased;
        () = stop.notified() => false,
        _ = import => true,
    };
    assert!(!finished);
    let before = source.number("SELECT count(*) FROM api_keys").await;
    assert!((3000..10_000).contains(&before), "{before}");
    // Nobody can use half a project.
    assert_eq!(
        source.number("SELECT count(*) FROM project_key_sets").await,
        0
    );
    let report = source.import().await;
    assert!(!report.is_new && report.keys.is_some());
    assert_eq!(report.of(Kind::Users), all_here(20));
    let keys = report.of(Kind::ApiKeys);
    assert_eq!(keys.read, 10_000);
    // A statement that was under way when the import was dropped may still have been carried out.
    assert!(keys.already_here >= 3000 && keys.imported + keys.already_here == 10_000);
    assert_eq!(equal_keys(&source).await, 10_000);
    assert_eq!(source.number("SELECT count(*) FROM api_keys").await, 10_000);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_import_that_loses_its_database_goes_on_where_it_was(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 5000).await;
    let served = source.as_served();
    let halfway = Notify::new();
    let import = served.import_as(Choices::default(), |kind, report| {
        if kind == Kind::ApiKeys && report.of(kind).read == 1500 {
            halfway.notify_one();
        }
    });
    let cut = async {
        halfway.notified().await;
        source
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'latchkey'",
            )
            .await
    };
    let (stopped, cut) = tokio::join!(import, cut);
    assert!(cut > 0);
    let Err(stopped) = stopped else {
        panic!("it did not notice");
    };
    assert!(matches!(stopped, ImportError::Domain(_)), "{stopped}");
    let before = source.number("SELECT count(*) FROM api_keys").await;
    assert!((1000..5000).contains(&before), "{before}");
    let report = source.import().await;
    assert_eq!(
        report.of(Kind::ApiKeys).imported,
        5000 - before.unsigned_abs()
    );
    assert_eq!(equal_keys(&source).await, 5000);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn two_imports_at_once_bring_everything_once(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    a_company(&source, 2000).await;
    let (first, second) = tokio::join!(source.import(), source.import());
    assert_eq!(
        u8::from(first.keys.is_some()) + u8::from(second.keys.is_some()),
        1
    );
    for kind in Kind::ALL {
        let (first, second) = (first.of(kind), second.of(kind));
        assert_eq!(first.imported + second.imported, first.read, "{kind:?}");
        assert_eq!(first.left_out + second.left_out, 0, "{kind:?}");
    }
    assert_eq!(equal_keys(&source).await, 2000);
    assert_eq!(
        source.number("SELECT count(*) FROM project_key_sets").await,
        1
    );
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
    source
        .sql(
            r#"UPDATE stack."ProjectApiKey" SET "manuallyRevokedAt" = '2026-01-02 03:04:05.678' WHERE id IN ($1, $2)"#,
            &[ends.id, ended_here.id],
        )
        .await;
    let fresh = source.plain_key(owner).await;
    let told = source.dry_run().await;
    assert_eq!(world.check(&ends.secret).await, "valid");
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
        (&stays, "valid"),
        (&fresh, "valid"),
        (&ends, "Revoked"),
        (&ended_here, "Revoked"),
    ] {
        assert_eq!(world.check(&key.secret).await, answer);
    }
    let at_the_source = 1_767_323_045_678;
    assert_eq!(
        world.revoked_at(ApiKeyId::new(ends.id)).await,
        Some(at_the_source)
    );
    assert_eq!(
        world.revoked_at(ApiKeyId::new(ended_here.id)).await,
        Some(7)
    );
    assert_eq!(
        world.audit(ends.id).await,
        ["api_key.imported", "api_key.revoked"]
    );
    // A revocation that is taken back at the source is not taken back here.
    source
        .sql(
            r#"UPDATE stack."ProjectApiKey" SET "manuallyRevokedAt" = NULL"#,
            &[],
        )
        .await;
    let report = source.import().await;
    assert!(report.remarks.is_empty());
    assert_eq!(world.check(&ends.secret).await, "Revoked");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_was_deleted_or_taken_away_here_does_not_come_back(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let (team, other_team) = (source.team("Team").await, source.team("Other").await);
    let mut users = Vec::new();
    for name in ["deleted", "taken-out", "stripped", "untouched"] {
        let user = source.user(name).await;
        for team in [team, other_team] {
            source.join(team, user, &["team_admin"]).await;
        }
        users.push(user);
    }
    let [deleted, taken_out, stripped, untouched] = users[..] else {
        panic!("four users");
    };
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
    domain
        .remove_member(&world.server, at, who(taken_out))
        .await
        .expect("taken out");
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
    assert_eq!(world.check(&key_of_deleted.secret).await, "Unknown");
    assert_eq!(world.check(&key_of_team.secret).await, "Unknown");
    assert_eq!(world.check(&kept.secret).await, "valid");

    // Who joins at the source after being taken out here is a new member.
    source
        .sql(
            r#"UPDATE stack."TeamMember" SET "createdAt" = (now() AT TIME ZONE 'UTC') + interval '1 hour'
            WHERE "projectUserId" = $1 AND "teamId" = $2"#,
            &[taken_out, team],
        )
        .await;
    assert_eq!(source.import().await.of(Kind::Memberships).imported, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_end_here_when_they_would_have_ended_there(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let team = source.team("Team").await;
    let mut keys = Vec::new();
    for (expires, revoked, answer) in [
        (NEVER, NEVER, "valid"),
        ("now() + interval '200 years'", NEVER, "valid"),
        ("now() + interval '1 hour'", NEVER, "valid"),
        ("now() - interval '1 second'", NEVER, "Expired"),
        ("'1969-12-31 23:59:59.999'", NEVER, "Expired"),
        ("'-infinity'", NEVER, "Expired"),
        ("'4713-01-01 BC'", NEVER, "Expired"),
        ("'infinity'", NEVER, "valid"),
        ("'294276-12-31'", NEVER, "valid"),
        (NEVER, "now()", "Revoked"),
        ("now() - interval '1 day'", "now()", "Revoked"),
        (NEVER, "'infinity'", "Revoked"),
    ] {
        for owner in [KeyOwner::User(user), KeyOwner::Team(team)] {
            for is_public in [false, true] {
                let row = KeyRow {
                    owner,
                    is_public,
                    expires,
                    revoked,
                };
                keys.push((source.key(row).await, answer, expires));
            }
        }
    }
    let report = source.import().await;
    assert_eq!(report.of(Kind::ApiKeys), all_new(48));
    // Both infinities, and the year 294276.
    assert_eq!(
        about(&report, Kind::ApiKeys, Remark::EndBounded).count,
        3 * 4
    );
    let world = source.world(&report.keys.expect("keys"));
    for (key, answer, expires) in &keys {
        assert_eq!(world.check(&key.secret).await, *answer, "{expires}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_password_from_there_signs_in_here_and_is_hashed_anew(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let ada = source.user("Ada").await;
    source
        .email(ada, "ada@example.com", "'TRUE', 'TRUE', true")
        .await;
    let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
    source.password(ada, &hash).await;
    let slow = source.user("Slow").await;
    source
        .email(slow, "slow@example.com", "'TRUE', 'TRUE', true")
        .await;
    source
        .password(slow, &hash.replacen("$04$", "$31$", 1))
        .await;
    let report = source.import().await;
    assert_eq!(
        about(&report, Kind::Users, Remark::PasswordLeftOut),
        one(slow)
    );
    let world = source.world(&report.keys.expect("keys"));
    let sign_in = async |email: &str, password: &str| {
        let result = world
            .domain
            .sign_in(world.project, credentials(email, password))
            .await;
        (said(&result), result.ok())
    };
    let stored = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%'";
    assert_eq!(
        sign_in("ada@example.com", "wrong password").await.0,
        "WrongCredentials"
    );
    assert_eq!(world.number(stored, &[]).await, 0);
    let (_, signed_in) = sign_in(" ADA@example.com", PASSWORD).await;
    let token = signed_in.expect("a session").token;
    let me = caller(world.project, token.expose());
    let viewer = world.viewer(&me).await.expect("somebody");
    assert_eq!(viewer.user_id, UserId::new(ada));
    assert_eq!(world.number(stored, &[]).await, 1);
    assert_eq!(sign_in("ada@example.com", PASSWORD).await.0, "Ok");
    assert_eq!(
        sign_in("slow@example.com", PASSWORD).await.0,
        "WrongCredentials"
    );

    // A password that was changed here is not changed back.
    let change = UserChange {
        password: Some("changed here".to_owned()),
        ..UserChange::default()
    };
    world
        .domain
        .change_user(&world.server, UserRef::Id(UserId::new(ada)), change)
        .await
        .expect("changed");
    source.import().await;
    assert_eq!(sign_in("ada@example.com", "changed here").await.0, "Ok");
    assert_eq!(
        sign_in("ada@example.com", PASSWORD).await.0,
        "WrongCredentials"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn members_may_do_here_what_they_might_do_there(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let team = source.team("Team").await;
    let mut users = Vec::new();
    for permissions in [
        &["team_admin"][..],
        &["$manage_api_keys"],
        &["team_member"],
        &["key_manager", "$of_a_later_version"],
        &[],
    ] {
        let user = source.user("somebody").await;
        source.join(team, user, permissions).await;
        users.push(user);
    }
    source
        .sql(
            r#"INSERT INTO stack."TeamMemberDirectPermission" ("tenancyId", "projectUserId", "teamId", "permissionId")
            VALUES ($1, $2, $3, 'Not A Name'), ($1, $2, $3, 'key_manager')"#,
            &[source.tenancy, users[4], team],
        )
        .await;
    let report = source.import().await;
    assert_eq!(
        report.undefined_permissions,
        [
            ("$of_a_later_version".to_owned(), 1),
            ("Not A Name".to_owned(), 1),
            ("key_manager".to_owned(), 2)
        ]
        .into()
    );
    assert_eq!(
        about(&report, Kind::Permissions, Remark::PermissionUnstorable),
        one(users[4])
    );
    assert_eq!(report.of(Kind::Permissions).imported, 6);
    let world = source.world(&report.keys.expect("keys"));
    world
        .configure(SettingsChange {
            allow_team_api_keys: Some(true),
            ..SettingsChange::default()
        })
        .await;
    let see = async |user: &Uuid| {
        let session = world.session(UserId::new(*user)).await;
        let keys = KeyScope::OfTeam(TeamId::new(team));
        let listed = world
            .domain
            .list_keys(&session, keys, &KeyListView::default())
            .await;
        said(&listed)
    };
    let expected = [
        "Ok",
        "Ok",
        "NotFound(ApiKey)",
        "NotFound(ApiKey)",
        "NotFound(ApiKey)",
    ];
    for (user, expected) in users.iter().zip(expected) {
        assert_eq!(see(user).await, expected);
    }
    // Once it is defined it counts.
    world
        .sql(
            "INSERT INTO permission_definitions VALUES ($1, 'key_manager')",
            &[world.project.uuid()],
        )
        .await;
    world
        .sql(
            "INSERT INTO permission_containments VALUES ($1, 'key_manager', '$manage_api_keys')",
            &[world.project.uuid()],
        )
        .await;
    assert_eq!(see(&users[3]).await, "Ok");
    assert_eq!(
        source.import().await.undefined_permissions.len(),
        2,
        "it is defined now"
    );
}

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
