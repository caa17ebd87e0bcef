//! Checking a key: what works, what does not, and why.

use latchkey_domain::{Denied, Unauthenticated};
use latchkey_model::owner::OwnerKind;
use latchkey_model::{
    api_key::KeyScope,
    caller::{Caller, CallerKind, TokenSubject},
    project::SettingsChange,
    session_lifetime::SessionLifetime,
};
use sqlx::PgPool;

use crate::outcome::{
    EXPIRED, Outcome, REVOKED, TEAM_KEYS_OFF, UNKNOWN, USER_KEYS_OFF, VALID, check_outcome,
};
use crate::world::World;

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_works_until_it_is_revoked(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, key.id)
        .await
        .expect("revoked");
    assert_eq!(world.check(key.secret.expose()).await, REVOKED);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_works_until_its_time_has_come(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    for (end, answer) in [
        ("now_millis() + 60000", VALID),
        ("now_millis()", EXPIRED),
        ("0", EXPIRED),
        ("-8640000000000000", EXPIRED),
        ("8640000000000000", VALID),
        ("NULL", VALID),
    ] {
        world
            .sql(
                &format!("UPDATE api_keys SET expires_at_millis = {end}"),
                &[],
            )
            .await;
        assert_eq!(world.check(key.secret.expose()).await, answer, "{end}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn revoked_wins_over_expired(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    world
        .sql(
            "UPDATE api_keys SET expires_at_millis = 1, revoked_at_millis = 2",
            &[],
        )
        .await;
    assert_eq!(world.check(key.secret.expose()).await, REVOKED);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_teams_key_works_like_a_users(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let admin = world.member("ada", team, &["team_admin"]).await;
    let key = world
        .key(&admin.caller, KeyScope::OfTeam(team), "key")
        .await;
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    // It is the team's: whoever made it may go.
    world.sql("DELETE FROM users", &[]).await;
    assert_eq!(world.check(key.secret.expose()).await, VALID);
    world.sql("DELETE FROM teams", &[]).await;
    assert_eq!(world.check(key.secret.expose()).await, UNKNOWN);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_users_keys_end_with_the_user(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    world.sql("DELETE FROM users", &[]).await;
    assert_eq!(world.check(key.secret.expose()).await, UNKNOWN);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn another_projects_key_is_unknown(pool: PgPool) {
    let world = World::new(pool).await;
    let other = world.another_project().await;
    let user = other.user("ada").await;
    let key = other.key(&user.caller, KeyScope::Own, "key").await;
    assert_eq!(world.check(key.secret.expose()).await, UNKNOWN);
    assert_eq!(other.check(key.secret.expose()).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_well_formed_key_that_was_never_made_is_unknown(pool: PgPool) {
    let world = World::new(pool).await;
    let example = "sk_0123456789abcdefghjkmnpqrstvwxyz0123456789abc\
                   11111111222243338444555555555555user1574ck4u7h697e6bb1";
    assert_eq!(world.check(example).await, UNKNOWN);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_of_a_kind_that_is_switched_off_do_not_work(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let admin = world.member("ada", team, &["team_admin"]).await;
    let own = world.key(&admin.caller, KeyScope::Own, "own").await;
    let teams = world
        .key(&admin.caller, KeyScope::OfTeam(team), "team's")
        .await;
    for (user_keys, team_keys, answers) in [
        (false, true, [USER_KEYS_OFF, VALID]),
        (true, false, [VALID, TEAM_KEYS_OFF]),
        (false, false, [USER_KEYS_OFF, TEAM_KEYS_OFF]),
        (true, true, [VALID, VALID]),
    ] {
        let change = SettingsChange {
            allow_user_api_keys: Some(user_keys),
            allow_team_api_keys: Some(team_keys),
            ..SettingsChange::default()
        };
        world.configure(change).await;
        assert_eq!(
            [
                world.check(own.secret.expose()).await,
                world.check(teams.secret.expose()).await
            ],
            answers
        );
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_cannot_be_a_key_never_reaches_the_database(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await;
    let key = key.secret.expose();
    world.domain.close().await;
    let long = "x".repeat(1_000_000);
    let junk = [
        "",
        " ",
        "\0",
        "sk_",
        "not a key",
        "' OR true --",
        &key[..101],
        &key[1..],
        &format!("{key} "),
        &format!(" {key}"),
        &key.to_uppercase(),
        &key.replacen("sk_", "pk_", 1),
        &key.replacen("user1", "team1", 1),
        &"é".repeat(51),
        &long,
    ]
    .map(str::to_owned);
    let other = if key.ends_with('0') { '1' } else { '0' };
    let wrong_sum = format!("{}{other}", &key[..101]);
    for text in junk.iter().chain([&wrong_sum]) {
        assert_eq!(world.check(text).await, UNKNOWN);
    }
    assert_eq!(world.check(key).await, Outcome::Unavailable);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_server_that_asks_in_a_users_name_is_told_the_same(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let made = world.key(&user.caller, KeyScope::Own, "key").await;
    let started = world
        .domain
        .start_session(&world.server, user.id, SessionLifetime::Application, false)
        .await
        .expect("a session");
    let keys = world
        .domain
        .rotate_keys(world.project)
        .await
        .expect("new keys");
    let token = TokenSubject {
        session: started.session,
        user: user.id,
        ends_at: i64::MAX,
    };
    let key = keys.secret_server_key.digest();
    let with_token = Caller::program(world.project, CallerKind::Server, Some(key), Some(token));
    let check = async |caller: &Caller| {
        let text = made.secret.expose();
        let answer = world.domain.check_key(caller, OwnerKind::User, text).await;
        if let Ok(Ok(key)) = &answer {
            assert_eq!(key.id, made.id);
        }
        check_outcome(&answer)
    };
    assert_eq!(check(&with_token.without_token()).await, VALID);
    assert_eq!(check(&with_token).await, VALID);
    // The old key is wrong either way, and the token ends with its session.
    assert_eq!(
        check(&world.server).await,
        Outcome::Denied(Denied::Unauthenticated(Unauthenticated::ServerKeyWrong))
    );
    world
        .domain
        .end_session(&with_token, started.session)
        .await
        .expect("ended");
    assert_eq!(
        check(&with_token).await,
        Outcome::Denied(Denied::Unauthenticated(Unauthenticated::TokenExpired))
    );
    assert_eq!(check(&with_token.without_token()).await, VALID);
}
