//! All keys of a project, for whoever administers it.

use latchkey_model::{
    api_key::KeyScope,
    key_list::{Direction, KeyListView, SortKey, StatusFilter},
};
use sqlx::PgPool;

use crate::{
    outcome::{Outcome, outcome},
    project_admin::Ground,
};

fn searching(text: &str) -> KeyListView {
    KeyListView {
        search: text.to_owned(),
        ..KeyListView::default()
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn the_inventory_names_owners_and_finds_by_them(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let other = world.another_project().await;
    let stranger = other.user("Grace").await;
    other
        .key(&stranger.caller, KeyScope::Own, "Elsewhere")
        .await;

    let page = ground.inventory(&KeyListView::default()).await;
    let seen: Vec<_> = page
        .keys
        .iter()
        .map(|key| {
            (
                key.description.as_str(),
                key.owner_name.as_deref(),
                key.owner_email.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Warehouse", Some("Compilers"), None),
            ("Laptop", Some("Grace"), Some("grace@example.com")),
        ]
    );
    assert_eq!((page.total, page.matching, page.inactive), (2, 2, 0));

    let last_four = page.keys[1].last_four.clone();
    for (text, found) in [
        ("lap", vec!["Laptop"]),
        (last_four.as_str(), vec!["Laptop"]),
        ("GRACE@", vec!["Laptop"]),
        ("grac", vec!["Laptop"]),
        ("compil", vec!["Warehouse"]),
        // The one who made it is not the one who owns it.
        ("ada@", vec![]),
        ("%", vec![]),
        ("elsewhere", vec![]),
    ] {
        let view = searching(text);
        assert_eq!(ground.shown(&view).await, found, "{text}");
        let matching = ground.inventory(&view).await.matching;
        assert_eq!(matching, i64::try_from(found.len()).expect("few"), "{text}");
    }
    for (direction, order) in [
        (Direction::Ascending, ["Warehouse", "Laptop"]),
        (Direction::Descending, ["Laptop", "Warehouse"]),
    ] {
        let view = KeyListView {
            sort: SortKey::Owner,
            direction,
            ..KeyListView::default()
        };
        assert_eq!(ground.shown(&view).await, order);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_view_of_the_inventory_is_answered(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let owner = &ground.owner.caller;
    for n in 0..23 {
        let key = world
            .key(owner, KeyScope::Own, &format!("Key {n}"))
            .await
            .id;
        if n % 4 == 0 {
            let revoked = world.domain.revoke_key(owner, KeyScope::Own, key).await;
            assert_eq!(outcome(&revoked), Outcome::Done);
        }
    }
    for status in StatusFilter::ALL {
        for sort in SortKey::ALL {
            for direction in Direction::ALL {
                for inactive in [false, true] {
                    for search in ["", "e"] {
                        let mut view = KeyListView {
                            search: search.to_owned(),
                            status: *status,
                            inactive,
                            sort: *sort,
                            direction: *direction,
                            ..KeyListView::default()
                        };
                        let mut ids = Vec::new();
                        let matching = ground.inventory(&view).await.matching;
                        for page in 1..=4 {
                            view.page = page;
                            let page = ground.inventory(&view).await;
                            assert_eq!((page.total, page.matching), (25, matching), "{view:?}");
                            ids.extend(page.keys.into_iter().map(|key| key.id.uuid()));
                        }
                        ids.sort();
                        ids.dedup();
                        let each_once = i64::try_from(ids.len()).expect("few");
                        assert_eq!(each_once, matching, "{view:?}");
                    }
                }
            }
        }
    }
}
