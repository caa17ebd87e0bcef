//! Lists of keys: filters and search.

use latchkey_model::{
    key_list::{KeyListView, SortKey, StatusFilter},
    key_status::KeyStatus,
};
use sqlx::PgPool;

use crate::{
    key_rows::{Row, all, keys_in_every_status},
    world::World,
};

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_filter_shows_its_status(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    for (status, expected) in [
        (StatusFilter::Valid, &["soon", "Later", "never"][..]),
        (StatusFilter::ExpiresSoon, &["soon"]),
        (StatusFilter::Expired, &["expired"]),
        (StatusFilter::Revoked, &["revoked", "both"]),
    ] {
        // The toggle is about the unfiltered list alone.
        for inactive in [false, true] {
            let view = KeyListView {
                status,
                inactive,
                ..KeyListView::default()
            };
            let page = world.list(&owner, &view).await;
            assert_eq!(
                page.keys
                    .iter()
                    .map(|key| &key.description)
                    .collect::<Vec<_>>(),
                expected,
                "{status:?}"
            );
            assert_eq!(page.matching, i64::try_from(expected.len()).expect("few"));
            assert_eq!((page.inactive, page.total), (3, 6));
            for key in &page.keys {
                let wanted = match status {
                    StatusFilter::Expired => KeyStatus::Expired,
                    StatusFilter::Revoked => KeyStatus::Revoked,
                    _ => KeyStatus::Valid,
                };
                assert_eq!(key.status(page.now), wanted);
            }
        }
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_that_no_longer_work_are_hidden_and_counted_until_asked_for(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    let page = world.list(&owner, &KeyListView::default()).await;
    assert_eq!(
        (page.keys.len(), page.matching, page.inactive, page.total),
        (3, 3, 3, 6)
    );
    let page = world.list(&owner, &all()).await;
    assert_eq!(
        (page.keys.len(), page.matching, page.inactive, page.total),
        (6, 6, 3, 6)
    );
    let page = world
        .list(
            &owner,
            &KeyListView {
                search: "o".into(),
                ..KeyListView::default()
            },
        )
        .await;
    assert_eq!(
        (page.keys.len(), page.matching, page.inactive, page.total),
        (3, 3, 2, 6),
        "a search finds those that do not work as well"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_search_finds_part_of_the_description_or_of_the_end(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    for (search, expected) in [
        ("LATE", &["Later"][..]),
        ("e", &["Later", "never", "revoked", "expired"]),
        ("dd", &["never"]),
        ("DDDD", &["never"]),
        ("ddddd", &[]),
        ("nowhere", &[]),
    ] {
        let view = KeyListView {
            search: search.into(),
            ..all()
        };
        let page = world.list(&owner, &view).await;
        assert_eq!(
            page.keys
                .iter()
                .map(|key| &key.description)
                .collect::<Vec<_>>(),
            expected,
            "{search}"
        );
        assert_eq!(page.matching, i64::try_from(expected.len()).expect("few"));
        assert_eq!(page.total, 6);
    }
    let view = KeyListView {
        search: "e".into(),
        status: StatusFilter::Expired,
        sort: SortKey::Key,
        ..all()
    };
    assert_eq!(world.shown(&owner, &view).await, ["expired"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn what_is_special_to_sql_is_plain_text_to_a_search(pool: PgPool) {
    const ODD: [&str; 12] = [
        "50% off",
        "under_score",
        r"back\slash",
        "quote's",
        "double\"s",
        "semi;colon",
        "--dash",
        "$1 $4 $$",
        "日本語 ÄÖ",
        "100%",
        r"\%",
        r"end\",
    ];
    let world = World::new(pool).await;
    let owner = world.user("ada").await;
    for description in ODD {
        world
            .put(
                &owner,
                &Row {
                    description,
                    last_four: "zzzz",
                    ..Row::default()
                },
            )
            .await;
    }
    for (search, mut expected) in [
        ("%", vec!["50% off", "100%", r"\%"]),
        ("_", vec!["under_score"]),
        (r"\", vec![r"back\slash", r"\%", r"end\"]),
        (r"\%", vec![r"\%"]),
        ("'", vec!["quote's"]),
        ("\"", vec!["double\"s"]),
        ("' OR true --", vec![]),
        (";", vec!["semi;colon"]),
        ("--", vec!["--dash"]),
        ("$", vec!["$1 $4 $$"]),
        ("ÄÖ", vec!["日本語 ÄÖ"]),
        ("本", vec!["日本語 ÄÖ"]),
        ("%%", vec![]),
        ("d%h", vec![]),
        (".*", vec![]),
    ] {
        let view = KeyListView {
            search: search.into(),
            size: 25,
            ..all()
        };
        let mut shown = world.shown(&owner, &view).await;
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected, "{search}");
    }
    let exact = KeyListView { size: 25, ..all() };
    assert_eq!(world.shown(&owner, &exact).await.len(), ODD.len());
}
