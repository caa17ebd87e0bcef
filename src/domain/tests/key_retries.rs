//! A form for a new key that is sent again.

use latchkey_domain::api_keys::NewKey;
use latchkey_model::api_key::KeyScope;
use latchkey_model::{
    expiry::{Expiry, LATEST_MILLIS},
    key_list::KeyListView,
    key_text,
};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{
    key_creation::{KEYS, MADE},
    outcome::{KEY_NOT_FOUND, Outcome, REVOKED, UNKNOWN, VALID, outcome, times},
    world::{World, again},
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_form_sent_twice_makes_one_key(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let form = world.form("CI");
    let first = world
        .create(&user.caller, again(&form, false))
        .await
        .expect("a key");
    let before = world.dump().await;
    let second = NewKey {
        description: "other".to_owned(),
        ..again(&form, false)
    };
    assert_eq!(
        outcome(&world.create(&user.caller, second).await),
        Outcome::AlreadyCreated
    );
    assert_eq!(world.dump().await, before);
    assert_eq!(world.check(first.secret.expose()).await, VALID);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_form_sent_32_times_at_once_makes_one_key(pool: PgPool) {
    let world = World::new(pool).await;
    let served = world.as_served();
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    for keys in [KeyScope::Own, KeyScope::OfTeam(team)] {
        let form = world.form("CI");
        let mut storm = JoinSet::new();
        for _ in 0..32 {
            let (domain, new) = (served.domain.clone(), again(&form, false));
            storm.spawn(async move { domain.create_key(&user.caller, keys, new).await });
        }
        let answers = storm.join_all().await;
        let valid = answers
            .iter()
            .flatten()
            .map(|made| made.secret.expose())
            .collect::<Vec<_>>();
        assert_eq!(valid.len(), 1);
        assert_eq!(world.check(valid[0]).await, VALID);
        let outcomes: Vec<_> = answers.iter().map(outcome).collect();
        let refused = times(&outcomes, Outcome::AlreadyCreated);
        assert_eq!(refused, 31, "{outcomes:?}");
    }
    assert_eq!(
        (world.number(KEYS, &[]).await, world.number(MADE, &[]).await),
        (2, 2)
    );
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_token_belongs_to_its_user_and_project(pool: PgPool) {
    let world = World::new(pool).await;
    let other = world.another_project().await;
    let (ada, eve, foreigner) = (
        world.user("ada").await,
        world.user("eve").await,
        other.user("zoe").await,
    );
    let form = world.form("CI");
    for caller in [&ada.caller, &eve.caller, &foreigner.caller] {
        world
            .create(caller, again(&form, false))
            .await
            .expect("a key of one's own");
    }
    assert_eq!(world.number(KEYS, &[]).await, 3);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn after_a_lost_answer_the_same_key_gets_a_new_secret(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let form = world.form("CI");
    let lost = world
        .create(&user.caller, again(&form, false))
        .await
        .expect("a key");
    let new = NewKey {
        description: "changed meanwhile".to_owned(),
        expires: Expiry::At(LATEST_MILLIS),
        ..again(&form, true)
    };
    let kept = world.create(&user.caller, new).await.expect("a key");
    assert_eq!(world.check(lost.secret.expose()).await, UNKNOWN);
    assert_eq!(world.check(kept.secret.expose()).await, VALID);
    assert_eq!(
        world.only_key().await,
        ("changed meanwhile".to_owned(), Some(LATEST_MILLIS))
    );
    let page = world
        .domain
        .list_keys(&user.caller, KeyScope::Own, &KeyListView::default())
        .await
        .expect("a page");
    assert_eq!(
        page.keys.iter().map(|key| key.id).collect::<Vec<_>>(),
        [kept.id]
    );
    assert_eq!(
        page.keys[0].last_four,
        key_text::last_four(kept.secret.expose())
    );
    // Every secret that ever worked is on record.
    assert_eq!(world.audit(lost.id.uuid()).await, ["api_key.created"]);
    assert_eq!(world.audit(kept.id.uuid()).await, ["api_key.created"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_retry_of_what_never_arrived_makes_the_key(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let made = world
        .create(&user.caller, again(&world.form("CI"), true))
        .await
        .expect("a key");
    assert_eq!(world.check(made.secret.expose()).await, VALID);
    assert_eq!(world.number(MADE, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn retries_at_once_leave_one_key_and_one_secret_that_works(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let served = world.as_served();
    let form = world.form("CI");
    let mut storm = JoinSet::new();
    for _ in 0..16 {
        let (domain, new) = (served.domain.clone(), again(&form, true));
        storm.spawn(async move { domain.create_key(&user.caller, KeyScope::Own, new).await });
    }
    let answers = storm.join_all().await;
    let outcomes: Vec<_> = answers.iter().map(outcome).collect();
    assert_eq!(outcomes, [Outcome::Done; 16]);
    let mut valid = 0;
    for made in answers.iter().flatten() {
        valid += usize::from(world.check(made.secret.expose()).await == VALID);
    }
    assert_eq!(valid, 1);
    assert_eq!(world.number(KEYS, &[]).await, 1);
    served.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_was_used_revoked_or_is_anothers_is_never_replaced(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let (used, revoked, own, of_team) = (
        world.form("used"),
        world.form("revoked"),
        world.form("own"),
        world.form("team's"),
    );
    let used_key = world
        .create(&user.caller, again(&used, false))
        .await
        .expect("a key");
    let revoked_key = world
        .create(&user.caller, again(&revoked, false))
        .await
        .expect("a key");
    world
        .create(&user.caller, again(&own, false))
        .await
        .expect("a key");
    world
        .domain
        .create_key(&user.caller, KeyScope::OfTeam(team), again(&of_team, false))
        .await
        .expect("a key");
    let use_it = "INSERT INTO api_key_uses VALUES ($1, $2, now_millis())";
    world
        .sql(use_it, &[world.project.uuid(), used_key.id.uuid()])
        .await;
    world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, revoked_key.id)
        .await
        .expect("revoked");

    let before = world.dump().await;
    for (form, keys) in [
        (used, KeyScope::Own),
        (revoked, KeyScope::Own),
        (own, KeyScope::OfTeam(team)),
        (of_team, KeyScope::Own),
    ] {
        let refused = world
            .domain
            .create_key(&user.caller, keys, again(&form, true))
            .await;
        assert_eq!(
            outcome(&refused),
            Outcome::AlreadyCreated,
            "{}",
            form.description
        );
    }
    assert_eq!(world.dump().await, before);
    assert_eq!(world.check(used_key.secret.expose()).await, VALID);
    assert_eq!(world.check(revoked_key.secret.expose()).await, REVOKED);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_retry_needs_the_same_right_as_the_first_try(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    let form = world.form("CI");
    let made = world
        .domain
        .create_key(&user.caller, KeyScope::OfTeam(team), again(&form, false))
        .await
        .expect("a key");
    world
        .sql(
            "DELETE FROM team_permission_grants WHERE user_id = $1",
            &[user.id.uuid()],
        )
        .await;
    let before = world.dump().await;
    let refused = world
        .domain
        .create_key(&user.caller, KeyScope::OfTeam(team), again(&form, true))
        .await;
    assert_eq!(outcome(&refused), KEY_NOT_FOUND);
    assert_eq!(world.dump().await, before);
    assert_eq!(world.check(made.secret.expose()).await, VALID);
}
