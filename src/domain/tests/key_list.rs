//! Lists of keys: order, pages and what stands beside them.

use latchkey_model::api_key::KeyScope;
use latchkey_model::{
    key_list::{Direction, KeyListView, PAGE_SIZES, SortKey, StatusFilter},
    key_status::KeyStatus,
};
use sqlx::PgPool;

use crate::{
    key_rows::{HOUR, Row, all, keys_in_every_status},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn no_keys_are_an_empty_page(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    for view in [
        KeyListView::default(),
        all(),
        KeyListView {
            search: "x".into(),
            page: 7,
            ..all()
        },
    ] {
        let page = world.list(&owner, &view).await;
        assert!(page.keys.is_empty());
        assert_eq!((page.matching, page.inactive, page.total), (0, 0, 0));
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn one_key_is_shown_with_all_that_is_known_of_it(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("Ada").await;
    let row = Row {
        description: "CI",
        last_four: "6bb1",
        created: -HOUR,
        expires: Some(HOUR),
        used: Some(-HOUR / 2),
        ..Row::default()
    };
    let id = world.put(&owner, &row).await;
    let page = world.list(&owner, &KeyListView::default()).await;
    assert_eq!((page.matching, page.inactive, page.total), (1, 0, 1));
    let [key] = &page.keys[..] else {
        panic!("{page:?}")
    };
    assert_eq!(key.id, id);
    assert_eq!(
        (key.description.as_str(), key.last_four.as_str()),
        ("CI", "6bb1")
    );
    assert_eq!(key.created_by.as_deref(), Some("Ada"));
    assert_eq!(key.expires_at.expect("an end") - key.created_at, 2 * HOUR);
    assert_eq!(key.last_used_at.expect("a use") - key.created_at, HOUR / 2);
    assert_eq!(key.revoked_at, None);
    assert_eq!(key.status(page.now), KeyStatus::Valid);
    let now = world.number("SELECT now_millis()", &[]).await;
    assert!((key.created_at..=now).contains(&page.now));
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn whoever_made_a_key_is_named_by_name_or_else_by_address(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    world.put(&owner, &Row::default()).await;
    let made_by = async || {
        world.list(&owner, &KeyListView::default()).await.keys[0]
            .created_by
            .clone()
    };
    assert_eq!(made_by().await.as_deref(), Some("ada"));
    world.sql("UPDATE users SET display_name = NULL", &[]).await;
    assert_eq!(made_by().await.as_deref(), Some("ada@example.com"));
    world
        .sql("UPDATE users SET primary_email = NULL", &[])
        .await;
    assert_eq!(made_by().await, None);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn working_keys_come_first_and_newer_ones_before_older(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    assert_eq!(
        world.shown(&owner, &KeyListView::default()).await,
        ["soon", "Later", "never"]
    );
    let shown = world.shown(&owner, &all()).await;
    assert_eq!(
        shown,
        ["soon", "Later", "never", "revoked", "expired", "both"]
    );
    // Without a column there is nothing to turn around but which group comes first.
    let turned = KeyListView {
        direction: Direction::Descending,
        ..KeyListView::default()
    };
    assert_eq!(
        world.shown(&owner, &turned).await,
        ["soon", "Later", "never"]
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_of_one_millisecond_have_an_order_too(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    for _ in 0..30 {
        world.put(&owner, &Row::default()).await;
    }
    world
        .sql("UPDATE api_keys SET created_at_millis = 5", &[])
        .await;
    for sort in SortKey::ALL {
        let mut seen = Vec::new();
        for page in 1..=3 {
            let view = KeyListView {
                sort: *sort,
                page,
                ..KeyListView::default()
            };
            seen.extend(
                world
                    .list(&owner, &view)
                    .await
                    .keys
                    .into_iter()
                    .map(|key| key.id),
            );
        }
        assert_eq!(seen.len(), 30);
        assert!(seen.is_sorted_by(|a, b| a > b), "{sort:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_column_sorts_both_ways(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    // Ties run from newest to oldest either way.
    for (sort, up, down) in [
        (
            SortKey::Description,
            ["both", "expired", "Later", "never", "revoked", "soon"],
            ["soon", "revoked", "never", "Later", "expired", "both"],
        ),
        (
            SortKey::Key,
            ["Later", "revoked", "soon", "never", "expired", "both"],
            ["both", "expired", "never", "soon", "revoked", "Later"],
        ),
        (
            SortKey::Status,
            ["soon", "Later", "never", "expired", "revoked", "both"],
            ["revoked", "both", "expired", "soon", "Later", "never"],
        ),
        (
            SortKey::Created,
            ["both", "never", "expired", "Later", "revoked", "soon"],
            ["soon", "revoked", "Later", "expired", "never", "both"],
        ),
        (
            SortKey::Expires,
            ["both", "expired", "soon", "Later", "revoked", "never"],
            ["revoked", "never", "Later", "soon", "expired", "both"],
        ),
        (
            SortKey::LastUsed,
            ["revoked", "Later", "both", "expired", "never", "soon"],
            ["soon", "never", "expired", "revoked", "Later", "both"],
        ),
    ] {
        let view = KeyListView { sort, ..all() };
        assert_eq!(world.shown(&owner, &view).await, up, "{sort:?}");
        let view = KeyListView {
            direction: Direction::Descending,
            ..view
        };
        assert_eq!(world.shown(&owner, &view).await, down, "{sort:?}");
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn pages_follow_each_other_without_gap_or_overlap(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    let someone = world.user("someone else").await;
    let mut expected = Vec::new();
    for n in 0..53 {
        let revoked = (n % 5 == 0).then_some(-1);
        let id = world
            .put(
                &owner,
                &Row {
                    created: -n * HOUR,
                    revoked,
                    ..Row::default()
                },
            )
            .await;
        if revoked.is_none() {
            expected.push(id);
        }
    }
    world.put(&someone, &Row::default()).await;
    for size in PAGE_SIZES {
        let mut seen = Vec::new();
        for page in 1..=6 {
            let view = KeyListView {
                size,
                page,
                ..KeyListView::default()
            };
            let list = world.list(&owner, &view).await;
            assert_eq!(
                (list.matching, list.inactive, list.total),
                (42, 11, 53),
                "page {page} of {size}"
            );
            assert!(list.keys.len() <= usize::try_from(size).expect("small"));
            seen.extend(list.keys.into_iter().map(|key| key.id));
        }
        assert_eq!(seen, expected, "{size} a page");
    }
    let far = KeyListView {
        page: 1_000_000,
        size: 50,
        ..all()
    };
    let list = world.list(&owner, &far).await;
    assert!(list.keys.is_empty());
    assert_eq!(list.matching, 53);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_view_of_every_list_is_answered(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let owner = world.member("ada", team, &["team_admin"]).await;
    world.key(&owner.caller, KeyScope::Own, "own").await;
    world
        .key(&owner.caller, KeyScope::OfTeam(team), "team's")
        .await;
    for keys in [KeyScope::Own, KeyScope::OfTeam(team)] {
        for status in StatusFilter::ALL {
            for sort in SortKey::ALL {
                for direction in Direction::ALL {
                    for inactive in [false, true] {
                        for search in ["", "e"] {
                            let view = KeyListView {
                                search: search.to_owned(),
                                status: *status,
                                inactive,
                                sort: *sort,
                                direction: *direction,
                                ..KeyListView::default()
                            };
                            let page = world.domain.list_keys(&owner.caller, keys, &view).await;
                            let page = page.unwrap_or_else(|error| panic!("{view:?}: {error}"));
                            assert_eq!(page.total, 1, "{view:?}");
                            assert_eq!(
                                i64::try_from(page.keys.len()).expect("few"),
                                page.matching,
                                "{view:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}
