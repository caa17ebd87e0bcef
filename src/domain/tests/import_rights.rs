//! What people could do at the source they can do here: sign in, manage keys, until these end.

use latchkey_domain::{
    Error,
    accounts::SignedIn,
    import::{Kind, Remark},
};
use latchkey_model::{
    api_key::KeyScope, caller::UserRef, project::SettingsChange, user::UserChange,
};
use latchkey_model::{
    id::{TeamId, UserId},
    key_list::KeyListView,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    accounts::credentials,
    stack_auth::{KeyOwner, KeyRow, NEVER, StackAuth},
};
use crate::{
    import::{about, all_new, one},
    outcome::{EXPIRED, KEY_NOT_FOUND, Outcome, REVOKED, VALID, outcome},
    world::{World, caller},
};

const PASSWORD: &str = "U*U and more";

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_end_here_when_they_would_have_ended_there(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let user = source.user("Ada").await;
    let team = source.team("Team").await;
    let mut keys = Vec::new();
    for (expires, revoked, answer) in [
        (NEVER, NEVER, VALID),
        ("now() + interval '200 years'", NEVER, VALID),
        ("now() + interval '1 hour'", NEVER, VALID),
        ("now() - interval '1 second'", NEVER, EXPIRED),
        ("'1969-12-31 23:59:59.999'", NEVER, EXPIRED),
        ("'-infinity'", NEVER, EXPIRED),
        ("'4713-01-01 BC'", NEVER, EXPIRED),
        ("'infinity'", NEVER, VALID),
        ("'294276-12-31'", NEVER, VALID),
        (NEVER, "now()", REVOKED),
        ("now() - interval '1 day'", "now()", REVOKED),
        (NEVER, "'infinity'", REVOKED),
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

/// A hash of [`PASSWORD`], as the source stores it.
fn hash() -> String {
    bcrypt::hash(PASSWORD, 4).expect("a hash")
}

async fn person_with_password(source: &StackAuth, email: &str, hash: &str) -> Uuid {
    let user = source.user("Somebody").await;
    source.email(user, email, "'TRUE', 'TRUE', true").await;
    source.password(user, hash).await;
    user
}

async fn sign_in(world: &World, email: &str, password: &str) -> Result<SignedIn, Error> {
    let credentials = credentials(email, password);
    world.domain.sign_in(world.project, credentials).await
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_password_from_there_signs_in_here_and_is_hashed_anew(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let ada = person_with_password(&source, "ada@example.com", &hash()).await;
    let too_slow = hash().replacen("$04$", "$31$", 1);
    let slow = person_with_password(&source, "slow@example.com", &too_slow).await;
    let report = source.import().await;
    assert_eq!(
        about(&report, Kind::Users, Remark::PasswordLeftOut),
        one(slow)
    );
    let world = source.world(&report.keys.expect("keys"));
    let wrong = sign_in(&world, "ada@example.com", "wrong password").await;
    assert_eq!(outcome(&wrong), Outcome::WrongCredentials);
    let stored = "SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%'";
    assert_eq!(world.number(stored, &[]).await, 0);
    let signed_in = sign_in(&world, " ADA@example.com", PASSWORD).await;
    let token = signed_in.expect("a session").token;
    let me = caller(world.project, token.expose());
    let viewer = world.viewer(&me).await.expect("somebody");
    assert_eq!(viewer.user_id, UserId::new(ada));
    assert_eq!(world.number(stored, &[]).await, 1);
    let again = sign_in(&world, "ada@example.com", PASSWORD).await;
    assert!(again.is_ok());
    let slow = sign_in(&world, "slow@example.com", PASSWORD).await;
    assert_eq!(outcome(&slow), Outcome::WrongCredentials);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_password_that_was_changed_here_is_not_changed_back(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let ada = person_with_password(&source, "ada@example.com", &hash()).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
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
    let signed_in = sign_in(&world, "ada@example.com", "changed here").await;
    assert!(signed_in.is_ok());
    let old = sign_in(&world, "ada@example.com", PASSWORD).await;
    assert_eq!(outcome(&old), Outcome::WrongCredentials);
}

/// A team, and members of it who hold these permissions, the last of them two that the project does
/// not define, one of which cannot be stored.
async fn members_with_permissions(source: &StackAuth) -> (TeamId, [Uuid; 5]) {
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
    (TeamId::new(team), users.try_into().expect("five"))
}

/// What the list of the team's keys says to a user.
async fn list_keys(world: &World, team: TeamId, user: Uuid) -> Outcome {
    let session = world.session(UserId::new(user)).await;
    let (keys, view) = (KeyScope::OfTeam(team), KeyListView::default());
    outcome(&world.domain.list_keys(&session, keys, &view).await)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn permissions_that_are_not_defined_are_imported_and_reported(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let (_, users) = members_with_permissions(&source).await;
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
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn members_may_do_here_what_they_might_do_there(pool: PgPool) {
    let source = StackAuth::new(pool).await;
    let (team, users) = members_with_permissions(&source).await;
    let world = source.world(&source.import().await.keys.expect("keys"));
    world
        .configure(SettingsChange {
            allow_team_api_keys: Some(true),
            ..SettingsChange::default()
        })
        .await;
    let expected = [
        Outcome::Done,
        Outcome::Done,
        KEY_NOT_FOUND,
        KEY_NOT_FOUND,
        KEY_NOT_FOUND,
    ];
    for (user, expected) in users.iter().zip(expected) {
        assert_eq!(list_keys(&world, team, *user).await, expected);
    }
    // Once it is defined it counts.
    for statement in [
        "INSERT INTO permission_definitions VALUES ($1, 'key_manager')",
        "INSERT INTO permission_containments VALUES ($1, 'key_manager', '$manage_api_keys')",
    ] {
        world.sql(statement, &[world.project.uuid()]).await;
    }
    assert_eq!(list_keys(&world, team, users[3]).await, Outcome::Done);
    let undefined = source.import().await.undefined_permissions;
    assert_eq!(undefined.len(), 2, "it is defined now");
}
