//! Making keys: what a form may say, and that one form makes one key.

use latchkey_domain::{
    Error,
    api_keys::{CreatedKey, NewKey},
};
use latchkey_domain::{Field, Invalid};
use latchkey_model::{api_key::KeyScope, caller::Caller, line::InvalidLine};
use latchkey_model::{
    expiry::{DAY_MILLIS, Expiry, LATEST_MILLIS, Millis},
    key_list::KeyListView,
    key_text,
    owner::{KeyOwner, OwnerKind},
};
use sqlx::PgPool;

use crate::{
    outcome::{Outcome, VALID, invalid_line, outcome},
    world::World,
};

pub const KEYS: &str = "SELECT count(*) FROM api_keys";
pub const MADE: &str = "SELECT count(*) FROM audit_events WHERE action = 'api_key.created'";

impl World {
    pub async fn create(&self, caller: &Caller, new: NewKey) -> Result<CreatedKey, Error> {
        self.domain.create_key(caller, KeyScope::Own, new).await
    }

    /// What the database holds of the only key: description and end.
    pub async fn only_key(&self) -> (String, Option<Millis>) {
        sqlx::query_as("SELECT description, expires_at_millis FROM api_keys")
            .fetch_one(&self.pool)
            .await
            .expect("one key")
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_new_key_works_and_is_listed(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    for (keys, owner) in [
        (KeyScope::Own, KeyOwner::User(user.id)),
        (KeyScope::OfTeam(team), KeyOwner::Team(team)),
    ] {
        let made = world.key(&user.caller, keys, " CI ").await;
        let text = made.secret.expose();
        let parts = key_text::read(text).expect("a key");
        assert_eq!(
            (parts.id, parts.kind, parts.is_public),
            (made.id, owner.kind(), false)
        );
        let checked = world
            .domain
            .check_key(&world.server, owner.kind(), text)
            .await
            .expect("an answer")
            .expect("a valid key");
        assert_eq!((checked.id, checked.owner), (made.id, owner));

        let page = world
            .domain
            .list_keys(&user.caller, keys, &KeyListView::default())
            .await
            .expect("a page");
        let [listed] = &page.keys[..] else {
            panic!("{page:?}")
        };
        assert_eq!(listed.id, made.id);
        assert_eq!(listed.description, "CI");
        assert_eq!(listed.last_four, text[text.len() - 4..]);
        assert_eq!(listed.created_by.as_deref(), Some("ada"));
        assert_eq!(
            (listed.expires_at, listed.revoked_at, listed.last_used_at),
            (None, None, None)
        );
        assert!(!listed.is_public && listed.created_at <= page.now);
        assert_eq!(world.audit(made.id.uuid()).await, ["api_key.created"]);
    }
    let actor =
        "SELECT count(*) FROM audit_events WHERE action = 'api_key.created' AND actor_user_id = $1";
    assert_eq!(world.number(actor, &[user.id.uuid()]).await, 2);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn descriptions_are_kept_as_typed(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let longest = "é".repeat(255);
    for (typed, kept) in [
        ("  CI/CD\t", "CI/CD"),
        (
            "<script>alert(1)</script> &amp; \"x\"",
            "<script>alert(1)</script> &amp; \"x\"",
        ),
        ("'; DROP TABLE api_keys; --", "'; DROP TABLE api_keys; --"),
        ("👩‍💻 ❤️ 🏳️‍🌈", "👩‍💻 ❤️ 🏳️‍🌈"),
        ("مفتاح الإنتاج", "مفتاح الإنتاج"),
        ("می‌خواهم", "می‌خواهم"),
        (longest.as_str(), longest.as_str()),
    ] {
        let made = world.key(&user.caller, KeyScope::Own, typed).await;
        assert_eq!(world.only_key().await.0, kept);
        world
            .domain
            .rename_key(&user.caller, KeyScope::Own, made.id, "other")
            .await
            .expect(typed);
        world
            .domain
            .rename_key(&user.caller, KeyScope::Own, made.id, typed)
            .await
            .expect(typed);
        assert_eq!(world.only_key().await.0, kept);
        world.sql("DELETE FROM api_keys", &[]).await;
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn descriptions_that_are_empty_long_or_deceive_are_refused(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "key").await.id;
    let before = world.dump().await;
    let long = "x".repeat(256);
    for (typed, why) in [
        ("", InvalidLine::Empty),
        (" \u{3000}\t", InvalidLine::Empty),
        (long.as_str(), InvalidLine::TooLong { max: 255 }),
        ("nul\0", InvalidLine::Invisible),
        ("line\nbreak", InvalidLine::Invisible),
        ("over\u{202e}ride", InvalidLine::Invisible),
        ("iso\u{2066}late", InvalidLine::Invisible),
        ("zero\u{200b}width", InvalidLine::Invisible),
        ("bom\u{feff}x", InvalidLine::Invisible),
    ] {
        let refusal = invalid_line(Field::Description, why);
        assert_eq!(
            outcome(&world.create(&user.caller, world.form(typed)).await),
            refusal,
            "{typed:?}"
        );
        let renamed = world
            .domain
            .rename_key(&user.caller, KeyScope::Own, key, typed)
            .await;
        assert_eq!(outcome(&renamed), refusal, "{typed:?}");
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_ends_when_the_form_says(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let now = world.number("SELECT now_millis()", &[]).await;
    for (expires, end) in [
        (Expiry::Never, None),
        (Expiry::At(now + 60_000), Some(now + 60_000)),
        (Expiry::At(LATEST_MILLIS), Some(LATEST_MILLIS)),
    ] {
        let made = world
            .create(
                &user.caller,
                NewKey {
                    expires,
                    ..world.form("key")
                },
            )
            .await
            .expect("a key");
        assert_eq!(world.only_key().await.1, end);
        assert_eq!(world.check(made.secret.expose()).await, VALID);
        world.sql("DELETE FROM api_keys", &[]).await;
    }
    let new = NewKey {
        expires: Expiry::After(30 * DAY_MILLIS),
        ..world.form("key")
    };
    world.create(&user.caller, new).await.expect("a key");
    let month =
        "SELECT count(*) FROM api_keys WHERE expires_at_millis - created_at_millis = 2592000000";
    assert_eq!(world.number(month, &[]).await, 1);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_end_in_the_past_or_beyond_all_dates_is_refused(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let now = world.number("SELECT now_millis()", &[]).await;
    let before = world.dump().await;
    for (expires, why) in [
        (Expiry::At(now), Invalid::InThePast),
        (Expiry::At(0), Invalid::InThePast),
        (Expiry::At(-1), Invalid::InThePast),
        (Expiry::At(-LATEST_MILLIS), Invalid::InThePast),
        (Expiry::At(i64::MIN), Invalid::InThePast),
        (Expiry::After(0), Invalid::InThePast),
        (Expiry::After(-1), Invalid::InThePast),
        (Expiry::After(i64::MIN), Invalid::InThePast),
        (Expiry::At(LATEST_MILLIS + 1), Invalid::Expiry),
        (Expiry::At(i64::MAX), Invalid::Expiry),
        (Expiry::After(LATEST_MILLIS), Invalid::Expiry),
        (Expiry::After(i64::MAX), Invalid::Expiry),
    ] {
        let refused = world
            .create(
                &user.caller,
                NewKey {
                    expires,
                    ..world.form("key")
                },
            )
            .await;
        assert_eq!(
            outcome(&refused),
            Outcome::Invalid(Field::Expires, why),
            "{expires:?}"
        );
    }
    assert_eq!(world.dump().await, before);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_key_is_its_own(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let mut secrets = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let made = world.key(&user.caller, KeyScope::Own, "the same").await;
        assert_eq!(
            key_text::read(made.secret.expose()).map(|parts| parts.kind),
            Some(OwnerKind::User)
        );
        secrets.insert(made.secret.expose()[3..48].to_owned());
    }
    assert_eq!(secrets.len(), 50);
    assert_eq!(world.number(KEYS, &[]).await, 50);
}
