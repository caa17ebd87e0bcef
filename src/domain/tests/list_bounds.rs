//! However many keys there are, a list reads a bounded number of them, by an index, whatever the
//! statistics of the table say.

use std::time::Duration;

use latchkey_model::{
    api_key::KeyScope,
    key_list::{Direction, KeyListView, SortKey, StatusFilter},
};
use sqlx::PgPool;

use latchkey_domain::{Domain, clock::Clock, secret::MasterKey};
use latchkey_store::{Connections, testing::patient};
use sqlx::Connection as _;

use crate::{
    list_plan::{Step, explained, explaining, many_keys, of_keys},
    outcome::{Outcome, outcome},
    world::{Person, World},
};

/// How many keys of an owner a list looks at.
const NEWEST: i64 = 10_000;

/// Each of these steps reads keys by an index, and no more than this.
fn read_by_index(steps: &[Step], most: i64) {
    for step in of_keys(steps) {
        assert!(step.kind.starts_with("Index"), "{step:?} of {steps:#?}");
        assert!(step.rows <= most, "{step:?} of {steps:#?}");
    }
    let large = |step: &Step| step.kind.contains("Sort") && step.rows > most;
    assert!(!steps.iter().any(large), "{steps:#?}");
}

/// Keys that were revoked as soon as they were created, newer than all others.
pub async fn revoked_keys(world: &World, owner: &Person, keys: u32) {
    let statement = format!(
        "INSERT INTO api_keys (
            project_id, api_key_id, owner_user_id, description, digest, last_four, created_at_millis,
            revoked_at_millis
        )
        SELECT $1, new_id(), $2, 'gone ' || n, sha256(n::text::bytea), '0000', now_millis() + n, now_millis()
        FROM generate_series(1, {keys}) AS n"
    );
    let ids = [world.project.uuid(), owner.id.uuid()];
    world.sql(&statement, &ids).await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn every_view_of_many_keys_reads_a_bounded_number_of_them(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.member("ada", team, &["team_admin"]).await;
    many_keys(&world, user.id, team).await;
    let watched = explaining(&world);
    let mut views = Vec::new();
    for status in StatusFilter::ALL {
        for inactive in [false, true] {
            for search in ["", "zzzz", "key 7"] {
                views.push(KeyListView {
                    search: search.to_owned(),
                    pasted: None,
                    status: *status,
                    inactive,
                    sort: SortKey::Description,
                    direction: Direction::Descending,
                    page: 200,
                    size: 50,
                    ..KeyListView::default()
                });
            }
        }
    }
    for view in views {
        for keys in [KeyScope::Own, KeyScope::OfTeam(team)] {
            let plans = explained(1, async || {
                let page = watched
                    .domain
                    .list_keys(&user.caller, keys, &view)
                    .await
                    .expect("a page");
                assert!(page.matching <= NEWEST, "{view:?}");
                assert_eq!(page.partial, Some(NEWEST), "{view:?}");
            })
            .await;
            for steps in plans {
                read_by_index(&steps, NEWEST + 1);
            }
        }
    }
    watched.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_page_of_ten_keys_reads_ten_beside_an_owner_with_most_of_all_keys(pool: PgPool) {
    let world = World::new(pool).await;
    let team = world.team("T").await;
    let user = world.user("ada").await;
    let other = world.user("bob").await;
    for n in 0..10 {
        world
            .key(&other.caller, KeyScope::Own, &format!("Key {n}"))
            .await;
    }
    many_keys(&world, user.id, team).await;
    let watched = explaining(&world);
    for search in ["", "key"] {
        let view = KeyListView {
            search: search.to_owned(),
            ..KeyListView::default()
        };
        let plans = explained(8, async || {
            let page = watched
                .domain
                .list_keys(&other.caller, KeyScope::Own, &view)
                .await
                .expect("a page");
            assert_eq!((page.keys.len(), page.total, page.partial), (10, 10, None));
        })
        .await;
        assert_eq!(plans.len(), 8, "a page is one statement");
        for steps in plans {
            read_by_index(&steps, 10);
        }
    }
    watched.domain.close().await;
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_valid_key_is_shown_and_found_however_many_newer_ones_were_revoked(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let key = world.key(&user.caller, KeyScope::Own, "Still valid").await;
    revoked_keys(&world, &user, 10_500).await;
    for (search, status) in [
        ("", StatusFilter::Any),
        ("", StatusFilter::Valid),
        ("still", StatusFilter::Any),
        ("STILL VALID", StatusFilter::Valid),
    ] {
        let view = KeyListView {
            search: search.to_owned(),
            status,
            ..KeyListView::default()
        };
        let page = world.list(&user, &view).await;
        let ids: Vec<_> = page.keys.iter().map(|key| key.id).collect();
        assert_eq!(ids, [key.id], "{view:?}");
        assert_eq!((page.matching, page.partial), (1, None), "{view:?}");
    }
    let all = KeyListView {
        inactive: true,
        ..KeyListView::default()
    };
    let page = world.list(&user, &all).await;
    assert_eq!((page.matching, page.partial), (NEWEST, Some(NEWEST)));
    let last = KeyListView {
        page: 1_000_000,
        ..all
    };
    assert!(world.list(&user, &last).await.keys.is_empty());
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_search_that_takes_too_long_ends_and_says_so(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let mut settings = patient();
    settings.lists.deadline = Duration::from_millis(300);
    let options = (*world.pool.connect_options()).clone();
    let connections = Connections::new(options.clone(), &settings);
    let domain = Domain::new(connections, MasterKey::new("test"), Clock::System);
    let mut connection = sqlx::PgConnection::connect_with(&options)
        .await
        .expect("a connection");
    sqlx::raw_sql("BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        .execute(&mut connection)
        .await
        .expect("a lock");
    for (search, expected) in [("x", Outcome::SearchTooSlow), ("", Outcome::Unavailable)] {
        let view = KeyListView {
            search: search.to_owned(),
            ..KeyListView::default()
        };
        let listed = domain.list_keys(&user.caller, KeyScope::Own, &view).await;
        assert_eq!(outcome(&listed), expected, "{search}");
    }
    connection.close().await.expect("closed");
    domain.close().await;
}
