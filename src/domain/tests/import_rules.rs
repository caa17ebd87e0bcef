//! Importing what does not fit here: each has its rule, and is reported.

use latchkey_domain::import::{Choices, Kind, ProjectReport, Remark, Source, Unimportable};
use latchkey_model::{caller::UserRef, id::UserId, project::SettingsChange, user::User};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    stack_auth::{KeyOwner, StackAuth},
    world::World,
};

/// Whom a remark is about.
pub fn ids(report: &ProjectReport, kind: Kind, remark: Remark) -> Vec<Uuid> {
    report
        .remarks
        .get(&(kind, remark))
        .map(|about| about.ids.clone())
        .unwrap_or_default()
}

impl World {
    async fn imported_user(&self, user: Uuid) -> User {
        self.domain
            .user(&self.server, UserRef::Id(UserId::new(user)))
            .await
            .expect("the user")
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_fits_arrives_to_the_letter(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source
        .user_with(
            r#""displayName", "profileImageUrl", "clientMetadata", "clientReadOnlyMetadata", "serverMetadata",
            "signedUpAt", "lastActiveAt", "createdAt""#,
            r#"'Ada 👩‍💻', 'https://example.com/ada.png', '{"a": [1, 2.50]}', 'null',
            '{"n": 123456789012345678901234567890}',
            '2024-02-29 23:59:59.999', '2026-01-02 03:04:05.678', '2020-01-01'"#,
        )
        .await;
    source
        .email(user, " Ada@Example.COM ", "'TRUE', NULL, true")
        .await;
    let team = source.team("Team").await;
    source.join(team, user, &["team_member"]).await;
    source
        .sql(
            r#"UPDATE stack."TeamMember" SET "isSelected" = 'TRUE', "createdAt" = '2024-03-01'"#,
            &[],
        )
        .await;
    let report = source.import().await;
    assert!(report.remarks.is_empty(), "{:?}", report.remarks);
    assert_eq!(report.display_name, "From elsewhere");
    let world = source.world(&report.keys.expect("keys"));
    let ada = world.imported_user(user).await;
    assert_eq!(ada.display_name.as_deref(), Some("Ada 👩‍💻"));
    assert_eq!(ada.primary_email.as_deref(), Some("ada@example.com"));
    assert!(ada.primary_email_verified && !ada.primary_email_auth_enabled && !ada.has_password);
    assert_eq!(
        ada.profile_image_url.as_deref(),
        Some("https://example.com/ada.png")
    );
    assert_eq!(ada.client_metadata, Some(json!({"a": [1, 2.50]})));
    assert_eq!(ada.client_read_only_metadata, None);
    assert_eq!(ada.signed_up_at_millis, 1_709_251_199_999);
    assert_eq!(ada.last_active_at_millis, 1_767_323_045_678);
    assert_eq!(ada.selected_team.map(|team| team.id.uuid()), Some(team));
    for exact in [
        r#"SELECT count(*) FROM users WHERE server_metadata::text = '{"n": 123456789012345678901234567890}'"#,
        "SELECT count(*) FROM memberships WHERE created_at_millis = 1709251200000",
    ] {
        assert_eq!(world.number(exact, &[]).await, 1, "{exact}");
    }
    let events = world.audit(world.project.uuid()).await;
    assert_eq!(events, ["project.imported", "project.keys_given"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whom_people_sign_in_to_by_default_stays_the_same(pool: PgPool) {
    let source = StackAuth::new(pool.clone()).await;
    let world = World::new(pool).await;
    source.import().await;
    let default = world.domain.default_project().await.expect("an answer");
    assert_eq!(default.map(|project| project.id), Some(world.project));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn names_pictures_and_metadata_that_do_not_fit_are_fitted(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let with =
        async |column: &str, value: &str| source.user_with(&format!("\"{column}\""), value).await;
    let long_name = with("displayName", "repeat('é', 300)").await;
    let deceptive = with("displayName", r"E'Ada\u202Eevil\u200B'").await;
    let empty = with("displayName", "'  '").await;
    let picture = with("profileImageUrl", "repeat('x', 2001)").await;
    let nul = with("serverMetadata", r#"'{"a": "\u0000", "b": 1}'"#).await;
    let anonymous = with("isAnonymous", "true").await;
    let unnamed = source.team(" ").await;
    let report = source.import().await;
    assert_eq!(report.of(Kind::Users).imported, 6);
    let world = source.world(report.keys.as_ref().expect("keys"));
    let users = |remark| ids(&report, Kind::Users, remark);
    let mut changed = users(Remark::NameChanged);
    changed.sort_unstable();
    // Both ids may be of the same millisecond.
    let mut expected = [long_name, deceptive];
    expected.sort_unstable();
    assert_eq!(changed, expected);
    assert_eq!(users(Remark::PictureLeftOut), [picture]);
    assert_eq!(users(Remark::MetadataLeftOut), [nul]);
    assert_eq!(users(Remark::Anonymous), [anonymous]);
    assert_eq!(ids(&report, Kind::Teams, Remark::TeamUnnamed), [unnamed]);
    assert_eq!(report.remarks.len(), 5);
    let name = async |user| world.imported_user(user).await.display_name;
    assert_eq!(name(long_name).await, Some("é".repeat(255)));
    assert_eq!(name(deceptive).await.as_deref(), Some("Adaevil"));
    assert_eq!(name(empty).await, None);
    let teams = "SELECT count(*) FROM teams WHERE display_name = 'Unnamed team'";
    assert_eq!(world.number(teams, &[]).await, 1);
}

/// Beside the project of the source: three that cannot be imported, and two other branches of it,
/// each with a user.
async fn other_projects_and_branches(source: &StackAuth) {
    source.user("Main").await;
    source
        .sql(
            r#"INSERT INTO stack."Project" (id, "displayName") VALUES
                ('internal', 'Dashboard'), ('my-project', 'No UUID'), ('01900000-0000-7000-8000-00000000abcd', 'Empty')"#,
            &[],
        )
        .await;
    source
        .sql(
            r#"INSERT INTO stack."Tenancy" VALUES ($1, 'internal', 'main', NULL), ($2, 'my-project', 'main', NULL),
                ($3, $4::text, 'preview', NULL), ($5, $4::text, 'main', $5)"#,
            &[
                Uuid::from_u128(1),
                Uuid::from_u128(2),
                Uuid::from_u128(3),
                source.project.uuid(),
                Uuid::from_u128(5),
            ],
        )
        .await;
    for other in [1, 2, 3, 5] {
        let branch = StackAuth {
            tenancy: Uuid::from_u128(other),
            ..source.clone()
        };
        branch.user("Of another branch").await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn only_projects_with_a_place_here_are_imported_and_only_their_main_branch(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    other_projects_and_branches(&source).await;
    let mut opened = Source::open(&source.address()).await.expect("a source");
    let projects = opened.projects().await.expect("projects");
    let importable: Vec<_> = projects
        .iter()
        .map(|project| (project.id(), project.importable()))
        .collect();
    for (id, expected) in [
        ("internal", Err(Unimportable::Internal)),
        ("my-project", Err(Unimportable::NotAUuid)),
        (
            "01900000-0000-7000-8000-00000000abcd",
            Err(Unimportable::NoMainBranch),
        ),
        (&source.project.to_string(), Ok(source.project)),
    ] {
        assert!(importable.contains(&(id, expected)), "{importable:?}");
    }
    for project in &projects {
        let report = source
            .domain
            .import_project(&mut opened, project, Choices::default(), |_, _| {})
            .await
            .expect("an import");
        assert_eq!(report.is_ok(), project.importable().is_ok());
        if let Ok(report) = report {
            assert_eq!(report.of(Kind::Users).read, 1);
            assert_eq!(report.other_branches, 2);
        }
    }
    assert_eq!(source.number("SELECT count(*) FROM projects").await, 1);
    assert_eq!(source.number("SELECT count(*) FROM users").await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn switches_are_as_given_and_else_as_working_keys_suggest(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let team = source.team("Team").await;
    source.plain_key(KeyOwner::User(user)).await;
    let revoked = source.plain_key(KeyOwner::Team(team)).await;
    source
        .sql(
            r#"UPDATE stack."ProjectApiKey" SET "manuallyRevokedAt" = now() WHERE id = $1"#,
            &[revoked.id],
        )
        .await;
    let told = source.dry_run().await;
    assert!(told.settings.allow_user_api_keys);
    assert!(!told.settings.allow_team_api_keys);
    assert_eq!(told.assumed.len(), 8);
    let choices = Choices {
        settings: SettingsChange {
            allow_user_api_keys: Some(false),
            sign_up_enabled: Some(false),
            ..SettingsChange::default()
        },
        dry_run: false,
    };
    let report = source
        .import_as(choices, |_, _| {})
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.assumed.len(), 6);
    let project = source
        .domain
        .project(source.project)
        .await
        .expect("an answer")
        .expect("the project");
    let settings = project.settings;
    assert!(!settings.allow_user_api_keys && !settings.allow_team_api_keys);
    assert!(!settings.sign_up_enabled && settings.credential_enabled && settings.allow_localhost);
}
