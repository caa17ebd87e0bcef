//! Lists of keys: order, search, filters, pages and what stands beside them.

use latchkey_model::api_key::{KeyPage, KeyScope};
use latchkey_model::{
    id::ApiKeyId,
    key_list::{Direction, KeyListView, PAGE_SIZES, SortKey, StatusFilter},
    status::{KeyStatus, SOON_MILLIS},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::world::{Person, World};

/// A key to be put in the table; times in milliseconds from now.
#[derive(Default)]
struct Row {
    description: &'static str,
    last_four: &'static str,
    created: i64,
    expires: Option<i64>,
    revoked: Option<i64>,
    used: Option<i64>,
}

const HOUR: i64 = 3_600_000;

impl World {
    async fn put(&self, owner: &Person, row: &Row) -> ApiKeyId {
        let last_four = if row.last_four.is_empty() {
            "0000"
        } else {
            row.last_four
        };
        let id: Uuid = sqlx::query_scalar(
            "WITH key AS (
                INSERT INTO api_keys (
                    project_id, api_key_id, owner_user_id, created_by_user_id, description, digest, last_four,
                    created_at_millis, expires_at_millis, revoked_at_millis
                )
                SELECT $1, id, $2, $2, $3, sha256(id::text::bytea), $4, now_millis() + $5, now_millis() + $6,
                    now_millis() + $7
                FROM new_id() AS id
                RETURNING project_id, api_key_id
            ), used AS (
                INSERT INTO api_key_uses SELECT project_id, api_key_id, now_millis() + $8 FROM key WHERE $8 IS NOT NULL
            )
            SELECT api_key_id FROM key",
        )
        .bind(self.project.uuid())
        .bind(owner.id.uuid())
        .bind(row.description)
        .bind(last_four)
        .bind(row.created)
        .bind(row.expires)
        .bind(row.revoked)
        .bind(row.used)
        .fetch_one(&self.pool)
        .await
        .expect("a key");
        ApiKeyId::new(id)
    }

    async fn list(&self, owner: &Person, view: &KeyListView) -> KeyPage {
        self.domain
            .list_keys(&owner.caller, KeyScope::Own, view)
            .await
            .expect("a page")
    }

    /// The descriptions on a page, in its order.
    async fn shown(&self, owner: &Person, view: &KeyListView) -> Vec<String> {
        let page = self.list(owner, view).await;
        page.keys.into_iter().map(|key| key.description).collect()
    }
}

/// Keys in every status, each newer than the next.
async fn keys_in_every_status(world: &World) -> Person {
    let owner = world.user("ada").await;
    for row in [
        Row {
            description: "soon",
            last_four: "cccc",
            created: -HOUR,
            expires: Some(SOON_MILLIS - HOUR),
            used: Some(-HOUR),
            ..Row::default()
        },
        Row {
            description: "revoked",
            last_four: "bbbb",
            created: -2 * HOUR,
            revoked: Some(-10),
            ..Row::default()
        },
        Row {
            description: "Later",
            last_four: "aaaa",
            created: -3 * HOUR,
            expires: Some(SOON_MILLIS + HOUR),
            ..Row::default()
        },
        Row {
            description: "expired",
            last_four: "eeee",
            created: -4 * HOUR,
            expires: Some(-HOUR),
            used: Some(-3 * HOUR),
            ..Row::default()
        },
        Row {
            description: "never",
            last_four: "dddd",
            created: -5 * HOUR,
            used: Some(-2 * HOUR),
            ..Row::default()
        },
        Row {
            description: "both",
            last_four: "ffff",
            created: -6 * HOUR,
            expires: Some(-2 * HOUR),
            revoked: Some(-10),
            ..Row::default()
        },
    ] {
        world.put(&owner, &row).await;
    }
    owner
}

fn all() -> KeyListView {
    KeyListView {
        inactive: true,
        ..KeyListView::default()
    }
}

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
        (1, 1, 2, 6)
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
