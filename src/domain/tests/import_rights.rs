//! What people could do at the source they can do here: sign in, manage keys, until these end.

use latchkey_domain::import::{Kind, Remark};
use latchkey_model::{
    api_key::KeyScope, caller::UserRef, project::SettingsChange, user::UserChange,
};
use latchkey_model::{
    id::{TeamId, UserId},
    key_list::KeyListView,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::import::{about, all_new, one};
use crate::world::{caller, said};
use crate::{
    accounts::credentials,
    stack_auth::{KeyOwner, KeyRow, NEVER, StackAuth},
};

const PASSWORD: &str = "U*U and more";

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
