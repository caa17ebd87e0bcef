//! How many valid keys an owner can have, as far as people create them.

use latchkey_domain::api_keys::{NewKey, RequestedKey};
use latchkey_model::{
    api_key::{KeyChange, KeyLimit, KeyLookup, KeyScope},
    caller::{Caller, CallerKind, TokenSubject},
    description::AppDescription,
    expiry::{Expiry, Millis},
    key_list::KeyListView,
    patch::Patch,
    project::SettingsChange,
    session_lifetime::SessionLifetime,
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    outcome::{Outcome, VALID, outcome, times},
    world::{Person, World, again},
};

const WORKING: &str = "SELECT count(*) FROM api_keys
    WHERE revoked_at_millis IS NULL AND is_expired(expires_at_millis) IS NOT TRUE";

impl World {
    async fn limit(&self, limit: Patch<u32>) {
        self.configure(SettingsChange {
            max_api_keys_per_owner: limit,
            ..SettingsChange::default()
        })
        .await;
    }

    /// Valid keys that nobody created, for an owner who is a user or a team.
    async fn fill(&self, owner: &str, id: uuid::Uuid, keys: u32) {
        let statement = format!(
            "INSERT INTO api_keys (project_id, api_key_id, {owner}, description, digest, last_four)
             SELECT $1, new_id(), $2, 'key', sha256((new_id()::text)::bytea), '0000'
             FROM generate_series(1, {keys})"
        );
        self.sql(&statement, &[self.project.uuid(), id]).await;
    }

    async fn key_limit(&self, who: &Person, keys: KeyScope) -> Option<KeyLimit> {
        let page = self
            .domain
            .list_keys(&who.caller, keys, &KeyListView::default())
            .await;
        page.expect("a page").limit
    }
}

/// An application of this user.
pub async fn client(world: &World, user: &Person) -> Caller {
    let session = world
        .domain
        .start_session(&world.server, user.id, SessionLifetime::Application, false)
        .await
        .expect("a session");
    let token = TokenSubject {
        session: session.session,
        user: user.id,
        ends_at: Millis::MAX,
    };
    Caller::program(world.project, CallerKind::Client, None, Some(token))
}

fn requested(expires_at: Option<Millis>) -> RequestedKey {
    RequestedKey {
        description: AppDescription::parse("key".to_owned()).expect("a description"),
        expires_at,
        is_public: false,
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn people_create_no_more_than_a_hundred_valid_keys_for_an_owner(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let client = client(&world, &user).await;
    for (keys, column, owner) in [
        (KeyScope::Own, "owner_user_id", user.id.uuid()),
        (KeyScope::OfTeam(team), "owner_team_id", team.uuid()),
    ] {
        world.fill(column, owner, 98).await;
        world.key(&user.caller, keys, "by a page").await;
        let by_client = world
            .domain
            .request_key(&client, keys, requested(None))
            .await;
        assert_eq!(outcome(&by_client), Outcome::Done);
        let before = world.dump().await;
        let by_page = world
            .domain
            .create_key(&user.caller, keys, world.form("too many"))
            .await;
        assert_eq!(outcome(&by_page), Outcome::TooManyKeys(100));
        for expires_at in [None, Some(0)] {
            let by_client = world
                .domain
                .request_key(&client, keys, requested(expires_at))
                .await;
            assert_eq!(outcome(&by_client), Outcome::TooManyKeys(100));
        }
        assert_eq!(world.dump().await, before);
        let limit = world.key_limit(&user, keys).await.expect("a limit");
        assert_eq!((limit.most, limit.valid), (100, 100));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn servers_are_not_limited(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(1)).await;
    let team = world.team("T").await;
    let user = world.user("ada").await;
    for keys in [KeyScope::OfUser(user.id), KeyScope::OfTeam(team)] {
        for _ in 0..3 {
            let made = world
                .domain
                .request_key(&world.server, keys, requested(None))
                .await;
            assert_eq!(outcome(&made), Outcome::Done);
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_project_has_its_own_limit_or_none(pool: PgPool) {
    let world = World::new(pool).await;
    let other = world.another_project().await;
    let (user, foreigner) = (world.user("ada").await, other.user("zoe").await);
    world.limit(Patch::Set(0)).await;
    let refused = world.create(&user.caller, world.form("key")).await;
    assert_eq!(outcome(&refused), Outcome::TooManyKeys(0));
    other.key(&foreigner.caller, KeyScope::Own, "key").await;

    world.limit(Patch::Set(2)).await;
    for _ in 0..2 {
        world.key(&user.caller, KeyScope::Own, "key").await;
    }
    let refused = world.create(&user.caller, world.form("key")).await;
    assert_eq!(outcome(&refused), Outcome::TooManyKeys(2));

    world.fill("owner_user_id", user.id.uuid(), 200).await;
    world.limit(Patch::Clear).await;
    world.key(&user.caller, KeyScope::Own, "key").await;
    assert_eq!(world.key_limit(&user, KeyScope::Own).await, None);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn of_64_creations_at_once_exactly_as_many_succeed_as_there_is_room(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    for (keys, column, owner) in [
        (KeyScope::Own, "owner_user_id", user.id.uuid()),
        (KeyScope::OfTeam(team), "owner_team_id", team.uuid()),
    ] {
        world.fill(column, owner, 99).await;
        let mut storm = JoinSet::new();
        for _ in 0..64 {
            let (domain, new) = (served.domain.clone(), world.form("key"));
            storm.spawn(async move { domain.create_key(&user.caller, keys, new).await });
        }
        let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
        assert_eq!(times(&outcomes, Outcome::Done), 1, "{outcomes:?}");
        assert_eq!(
            times(&outcomes, Outcome::TooManyKeys(100)),
            63,
            "{outcomes:?}"
        );
    }
    assert_eq!(world.number(WORKING, &[]).await, 200);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_that_are_revoked_or_expired_make_room(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(2)).await;
    let user = world.user("ada").await;
    let first = world.key(&user.caller, KeyScope::Own, "first").await;
    let second = world.key(&user.caller, KeyScope::Own, "second").await;
    let full = async || outcome(&world.create(&user.caller, world.form("more")).await);
    assert_eq!(full().await, Outcome::TooManyKeys(2));
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, first.id)
        .await
        .expect("revoked");
    assert_eq!(full().await, Outcome::Done);
    assert_eq!(full().await, Outcome::TooManyKeys(2));
    world
        .sql(
            "UPDATE api_keys SET expires_at_millis = now_millis() WHERE api_key_id = $1",
            &[second.id.uuid()],
        )
        .await;
    assert_eq!(full().await, Outcome::Done);
    assert_eq!(full().await, Outcome::TooManyKeys(2));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn renaming_and_revoking_again_bring_no_key_beyond_the_limit(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(1)).await;
    let user = world.user("ada").await;
    let client = client(&world, &user).await;
    let first = world.key(&user.caller, KeyScope::Own, "first").await;
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, first.id)
        .await
        .expect("revoked");
    world.key(&user.caller, KeyScope::Own, "second").await;
    for revoke in [false, true] {
        let change = KeyChange {
            description: Some(AppDescription::parse("renamed".to_owned()).expect("a description")),
            revoke,
        };
        for (caller, lookup) in [
            (&user.caller, KeyLookup::Scope(KeyScope::Own)),
            (&client, KeyLookup::AnyUser),
        ] {
            let changed = world
                .domain
                .change_key(caller, lookup, first.id, change.clone())
                .await;
            assert_eq!(outcome(&changed), Outcome::Done);
            assert_eq!(world.number(WORKING, &[]).await, 1);
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_form_that_is_sent_again_at_the_limit_still_gets_its_key(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(1)).await;
    let user = world.user("ada").await;
    let form = world.form("CI");
    world
        .create(&user.caller, again(&form, false))
        .await
        .expect("a key");
    let twice = world.create(&user.caller, again(&form, false)).await;
    assert_eq!(outcome(&twice), Outcome::AlreadyCreated);
    let kept = world
        .create(&user.caller, again(&form, true))
        .await
        .expect("the same key");
    assert_eq!(world.check(kept.secret.expose()).await, VALID);
    assert_eq!(world.number(WORKING, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_form_sent_32_times_at_the_last_place_makes_one_key(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(1)).await;
    let served = world.as_served();
    let user = world.user("ada").await;
    let form = world.form("CI");
    let mut storm = JoinSet::new();
    for n in 0..32 {
        let (domain, new) = (served.domain.clone(), again(&form, n % 2 == 0));
        storm.spawn(async move { domain.create_key(&user.caller, KeyScope::Own, new).await });
    }
    let outcomes: Vec<_> = storm.join_all().await.iter().map(outcome).collect();
    assert_eq!(times(&outcomes, Outcome::TooManyKeys(1)), 0, "{outcomes:?}");
    assert_eq!(world.number(WORKING, &[]).await, 1);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn sending_an_old_form_again_brings_no_expired_key_back_beyond_the_limit(pool: PgPool) {
    let world = World::new(pool).await;
    world.limit(Patch::Set(1)).await;
    let user = world.user("ada").await;
    let form = world.form("old");
    let old = world
        .create(&user.caller, again(&form, false))
        .await
        .expect("a key");
    world
        .sql(
            "UPDATE api_keys SET expires_at_millis = 1 WHERE api_key_id = $1",
            &[old.id.uuid()],
        )
        .await;
    world.key(&user.caller, KeyScope::Own, "new").await;
    let retried = NewKey {
        expires: Expiry::Never,
        ..again(&form, true)
    };
    let refused = world.create(&user.caller, retried).await;
    assert_eq!(outcome(&refused), Outcome::TooManyKeys(1));
    assert_eq!(world.number(WORKING, &[]).await, 1);
}
