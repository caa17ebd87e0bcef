//! A whole key that was pasted into a search is found by its digest, by who may list it.

use latchkey_domain::{Denied, Error};
use latchkey_model::{
    api_key::KeyScope,
    digest::Digest,
    key_list::{KeyListView, PastedKey},
};
use sqlx::PgPool;

use crate::{project_admin::Ground, world::World};

fn digest_of(secret: &str) -> Digest {
    Digest::of(secret)
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn only_ones_own_key_is_found(pool: PgPool) {
    let world = World::new(pool).await;
    let (ada, eve) = (world.user("ada").await, world.user("eve").await);
    let team = world.team("T").await;
    let admin = world.member("grace", team, &["team_admin"]).await;
    let member = world.member("bob", team, &[]).await;
    let own = world.key(&ada.caller, KeyScope::Own, "own").await;
    let theirs = world
        .key(&admin.caller, KeyScope::OfTeam(team), "theirs")
        .await;
    let (own_digest, their_digest) = (
        digest_of(own.secret.expose()),
        digest_of(theirs.secret.expose()),
    );
    let find = async |person: &crate::world::Person, keys, digest| {
        world.domain.find_key(&person.caller, keys, digest).await
    };
    let (found, unknown) = (PastedKey::Found, PastedKey::Unknown);
    for (person, keys, digest, expected) in [
        (&ada, KeyScope::Own, own_digest, found(own.id)),
        (&ada, KeyScope::Own, their_digest, unknown),
        (&ada, KeyScope::Own, digest_of("nothing"), unknown),
        (&eve, KeyScope::Own, own_digest, unknown),
        (
            &admin,
            KeyScope::OfTeam(team),
            their_digest,
            found(theirs.id),
        ),
        (&admin, KeyScope::OfTeam(team), own_digest, unknown),
        (&admin, KeyScope::Own, their_digest, unknown),
    ] {
        assert_eq!(
            find(person, keys, digest).await.expect("an answer"),
            expected
        );
    }
    for person in [&member, &eve] {
        for digest in [their_digest, digest_of("nothing")] {
            let refused = find(person, KeyScope::OfTeam(team), digest).await;
            assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn an_administrator_finds_any_key_of_the_project_and_nobody_else_does(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let other = world.another_project().await;
    let stranger = other.user("eve").await;
    let elsewhere = other
        .key(&stranger.caller, KeyScope::Own, "elsewhere")
        .await;
    let member = world.user("bob").await;
    let key = world.key(&member.caller, KeyScope::Own, "bob's").await;
    let find = async |caller, digest| world.domain.find_any_key(caller, digest).await;
    let (here, there) = (
        digest_of(key.secret.expose()),
        digest_of(elsewhere.secret.expose()),
    );
    assert_eq!(
        find(&ground.admin.caller, here).await.expect("an answer"),
        PastedKey::Found(key.id)
    );
    assert_eq!(
        find(&ground.admin.caller, there).await.expect("an answer"),
        PastedKey::Unknown
    );
    let refused = find(&member.caller, here).await;
    assert!(
        matches!(
            refused,
            Err(Error::NotFound(_) | Error::Denied(Denied::PermissionRequired { .. }))
        ),
        "{refused:?}"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_list_shows_the_one_key_whatever_its_status(pool: PgPool) {
    let world = World::new(pool).await;
    let (ada, eve) = (world.user("ada").await, world.user("eve").await);
    let key = world.key(&ada.caller, KeyScope::Own, "old").await;
    let foreign = world.key(&eve.caller, KeyScope::Own, "hers").await;
    world.key(&ada.caller, KeyScope::Own, "other").await;
    world
        .domain
        .revoke_key(&ada.caller, KeyScope::Own, key.id)
        .await
        .expect("revoked");
    for (pasted, expected) in [
        (PastedKey::Found(key.id), &["old"][..]),
        (PastedKey::Found(foreign.id), &[]),
        (PastedKey::Unknown, &[]),
    ] {
        let view = KeyListView {
            pasted: Some(pasted),
            ..KeyListView::default()
        };
        let page = world.list(&ada, &view).await;
        let shown: Vec<_> = page
            .keys
            .iter()
            .map(|key| key.description.as_str())
            .collect();
        assert_eq!(shown, expected);
        assert_eq!(page.matching, i64::try_from(expected.len()).expect("few"));
        assert_eq!(page.total, 2);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_is_found_as_lists_show_it(pool: PgPool) {
    let world = World::new(pool).await;
    let ada = world.user("ada").await;
    let key = world.key(&ada.caller, KeyScope::Own, "mine").await;
    let end = &key.key.last_four;
    for search in [end.clone(), format!("sk_…{end}"), format!("`sk_...{end}`")] {
        let view = KeyListView {
            search,
            ..KeyListView::default()
        };
        assert_eq!(world.shown(&ada, &view).await, ["mine"], "{}", view.search);
    }
}
