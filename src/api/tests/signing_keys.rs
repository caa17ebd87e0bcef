//! The rotation of the keys that sign access tokens, and of the secret that seals them.

use axum::Router;
use latchkey_domain::{Domain, clock::Clock, secret::MasterKey};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    forge::parts,
    http::{Api, As, Login, ask},
    tokens::ME,
};

impl Api {
    /// The ids of the published keys, as one instance shows them.
    async fn published(&self, router: &Router) -> Vec<String> {
        let what = format!("GET /projects/{}/.well-known/jwks.json", self.project());
        let answer = ask(router, &As::default(), &what, ().into()).await.ok();
        let keys = answer["keys"].as_array().expect("keys").iter();
        keys.map(|key| key["kid"].as_str().expect("an id").to_owned())
            .collect()
    }

    async fn access_token(&self, router: &Router, login: &Login) -> String {
        let session = json!({ "user_id": login.id });
        let answer = ask(
            router,
            &self.server(),
            "POST /auth/sessions",
            session.into(),
        )
        .await;
        answer.ok()["access_token"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    async fn assert_accepted(&self, router: &Router, token: &str, why: &str) {
        let who = self.client().with("access-token", token);
        let answer = ask(router, &who, ME, ().into()).await;
        assert_eq!(answer.status, 200, "{why}: {answer:?}");
    }

    /// Lets time pass for the keys.
    async fn pass(&self, millis: i64) {
        let past =
            format!("UPDATE signing_keys SET created_at_millis = created_at_millis - {millis}");
        self.world.sql(&past, &[]).await;
    }

    fn domain(&self, master_key: MasterKey) -> Domain {
        Domain::new(self.world.pool.clone(), master_key, Clock::System)
    }
}

const MINUTE: i64 = 60_000;

fn kid(token: &str) -> Value {
    parts(token)[0]["kid"].clone()
}

async fn rotate(domain: &Domain) {
    let rotated = domain.rotate_signing_keys().await.expect("the database");
    rotated.expect("the secret");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_signing_key_signs_and_earlier_ones_verify_on_every_instance(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let running = api.with_clock(Clock::System);
    api.assert_accepted(&running, &ada.access, "before").await;

    rotate(&api.world.domain).await;
    api.pass(65 * MINUTE).await;
    let started = api.with_clock(Clock::System);
    let new = api.access_token(&started, &ada).await;
    assert_ne!(kid(&new), kid(&ada.access));
    for (router, instance) in [(&running, "running"), (&started, "started")] {
        api.assert_accepted(router, &ada.access, instance).await;
        api.assert_accepted(router, &new, instance).await;
        let published = api.published(router).await;
        let newest_first = [kid(&new), kid(&ada.access)];
        assert_eq!(json!(published), json!(newest_first), "{instance}");
    }
    let newly_signed = api.access_token(&running, &ada).await;
    assert_eq!(kid(&newly_signed), kid(&new), "the running one has noticed");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_has_kept_the_published_keys_for_an_hour_meets_no_token_of_another_key(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let signer = async || {
        let started = api.with_clock(Clock::System);
        let token = api.access_token(&started, &ada).await;
        (kid(&token), json!(api.published(&started).await))
    };
    let (first, kept) = signer().await;
    assert_eq!(kept, json!([first]), "the only key signs at once");
    rotate(&api.world.domain).await;
    // Kept just before the rotation, and again just before the hour has passed.
    for (passed, what) in [(0, "at once"), (59, "within the hour"), (5, "just before")] {
        api.pass(passed * MINUTE).await;
        let (now, published) = signer().await;
        assert_eq!(now, first, "{what}");
        assert!(kept.as_array().expect("keys").contains(&now), "{what}");
        assert_eq!(published.as_array().map(Vec::len), Some(2), "{what}");
    }
    let states = api.world.domain.signing_key_states().await.expect("keys");
    assert_eq!((states[0].signs, states[1].signs), (false, true));
    let from = states[0].signs_from_millis.expect("a time");
    assert_eq!(from - states[0].created_at_millis, 65 * MINUTE);

    api.pass(MINUTE).await;
    let (second, published) = signer().await;
    assert_ne!(second, first);
    assert_eq!(published, json!([second, first]));
    // Again and again in a short time.
    for _ in 0..3 {
        rotate(&api.world.domain).await;
    }
    assert_eq!(signer().await.0, second);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_earlier_key_is_deleted_once_its_tokens_have_ended(pool: PgPool) {
    let api = Api::new(pool).await;
    let domain = &api.world.domain;
    rotate(domain).await;
    domain.purge_expired().await.expect("the database");
    let states = domain.signing_key_states().await.expect("the database");
    assert_eq!(states.len(), 2);
    assert_eq!((states[0].signs, states[1].signs), (false, true));

    // The new one has signed for almost an hour.
    api.pass(124 * MINUTE).await;
    domain.purge_expired().await.expect("the database");
    let kept = domain.signing_key_states().await.expect("the database");
    assert_eq!((kept[0].signs, kept.len()), (true, 2));
    api.pass(MINUTE).await;
    domain.purge_expired().await.expect("the database");
    let left = domain.signing_key_states().await.expect("the database");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, states[0].id);
    domain.purge_expired().await.expect("the database");
    assert_eq!(
        domain.signing_keys().await.expect("keys").len(),
        1,
        "the last stays"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_secret_is_replaced_without_ending_a_token(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    let both = api.domain(MasterKey::with_former("new", ["test"]));
    assert!(both.check_secret().await.expect("the database").is_ok());
    let states = both.signing_key_states().await.expect("the database");
    assert!(
        states
            .iter()
            .all(|key| key.opens && !key.is_sealed_with_first)
    );

    rotate(&both).await;
    let alone = api.domain(MasterKey::new("new"));
    assert!(alone.check_secret().await.expect("the database").is_ok());
    let instance = api.instance(MasterKey::new("new"), Clock::System);
    api.assert_accepted(&instance, &ada.access, "the former secret is gone")
        .await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_wrong_secret_is_noticed_and_changes_nothing(pool: PgPool) {
    let api = Api::new(pool).await;
    let before = api.dump().await;
    let wrong = api.domain(MasterKey::new("wrong"));
    let checked = wrong.check_secret().await.expect("the database");
    let said = checked.expect_err("it is wrong").to_string();
    assert!(said.contains("LATCHKEY_SECRET"), "{said}");
    let rotated = wrong.rotate_signing_keys().await.expect("the database");
    assert!(rotated.is_err());
    assert_eq!(api.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_instance_that_does_not_have_the_new_secret_yet_goes_on(pool: PgPool) {
    let api = Api::new(pool).await;
    let ada = api.user("Ada").await;
    rotate(&api.domain(MasterKey::with_former("new", ["test"]))).await;
    // The other instance has sealed all keys anew; this one has the earlier key in memory.
    let issued = api.access_token(&api.router, &ada).await;
    api.assert_accepted(&api.router, &issued, "its own key")
        .await;
}
