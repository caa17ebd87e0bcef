//! Keys that stay where they are on a list after they are revoked, and what the list says of them.

use latchkey_model::{
    api_key::{KeyPage, KeyScope},
    id::ApiKeyId,
    key_list::{Direction, KeyListView, SortKey, StatusFilter},
    key_status::KeyStatus,
};
use sqlx::PgPool;

use crate::{
    key_rows::{HOUR, Row, all, keys_in_every_status},
    list_bounds::revoked_keys,
    list_plan::{explained, explaining},
    outcome::{Outcome, outcome},
    project_admin::Ground,
    world::World,
};

/// What must not move: which keys are listed, in which order, and the counts.
fn shape(page: &KeyPage) -> (Vec<ApiKeyId>, i64, i64, i64) {
    let ids = page.keys.iter().map(|key| key.id).collect();
    (ids, page.matching, page.inactive, page.total)
}

fn every_view() -> Vec<KeyListView> {
    let mut views = Vec::new();
    for status in StatusFilter::ALL {
        for sort in SortKey::ALL {
            for direction in Direction::ALL {
                for inactive in [false, true] {
                    for search in ["", "o"] {
                        views.push(KeyListView {
                            search: search.to_owned(),
                            status: *status,
                            inactive,
                            sort: *sort,
                            direction: *direction,
                            ..KeyListView::default()
                        });
                    }
                }
            }
        }
    }
    views
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_that_stays_moves_nothing_in_any_view(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    let mut before = Vec::new();
    for view in every_view() {
        before.push(shape(&world.list(&owner, &view).await));
    }
    let keys = world.list(&owner, &all()).await.keys;
    let revoked: Vec<_> = keys
        .into_iter()
        .filter(|key| ["soon", "never", "expired"].contains(&key.description.as_str()))
        .map(|key| key.id)
        .collect();
    assert_eq!(revoked.len(), 3);
    for key in &revoked {
        let done = world
            .domain
            .revoke_key(&owner.caller, KeyScope::Own, *key)
            .await;
        assert_eq!(outcome(&done), Outcome::Done);
    }
    for (view, before) in every_view().into_iter().zip(before) {
        let staying = KeyListView {
            staying: revoked.clone(),
            ..view.clone()
        };
        let page = world.list(&owner, &staying).await;
        assert_eq!(shape(&page), before, "{view:?}");
        for key in page.keys {
            let is_revoked = key.status(page.now) == KeyStatus::Revoked;
            assert!(is_revoked || !revoked.contains(&key.id), "{view:?}");
        }
    }
    assert_eq!(
        world.shown(&owner, &KeyListView::default()).await,
        ["Later"],
        "at the next visit"
    );
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn only_the_keys_of_the_list_stay_and_those_that_were_revoked_count_as_such(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = keys_in_every_status(&world).await;
    let other = world.user("eve").await;
    let foreign = world.key(&other.caller, KeyScope::Own, "Foreign").await.id;
    let done = world
        .domain
        .revoke_key(&other.caller, KeyScope::Own, foreign)
        .await;
    assert_eq!(outcome(&done), Outcome::Done);
    let view = KeyListView {
        staying: vec![foreign],
        ..KeyListView::default()
    };
    assert_eq!(world.shown(&owner, &view).await, ["soon", "Later", "never"]);
    assert_eq!(world.shown(&other, &view).await, ["Foreign"]);
    let limit = world.list(&other, &view).await.limit.expect("a limit");
    assert_eq!(limit.valid, 0, "another can be created in its place");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_key_stays_however_many_newer_ones_were_revoked(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    let put = async |description, created| {
        let row = Row {
            description,
            created,
            ..Row::default()
        };
        world.put(&user, &row).await
    };
    let key = put("Laptop", -2 * HOUR).await;
    put("Server", -3 * HOUR).await;
    revoked_keys(&world, &user, 10_500).await;
    let before = shape(&world.list(&user, &KeyListView::default()).await);
    let done = world
        .domain
        .revoke_key(&user.caller, KeyScope::Own, key)
        .await;
    assert_eq!(outcome(&done), Outcome::Done);
    let view = KeyListView {
        staying: vec![key],
        ..KeyListView::default()
    };
    let page = world.list(&user, &view).await;
    assert_eq!(shape(&page), before);
    assert_eq!(world.shown(&user, &view).await, ["Laptop", "Server"]);
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn a_list_says_who_revoked_a_key_as_far_as_it_is_known(pool: PgPool) {
    let ground = Ground::new(pool).await;
    let world = &ground.world;
    let own = world
        .key(&ground.owner.caller, KeyScope::Own, "Own")
        .await
        .id;
    let done = world
        .domain
        .revoke_key(&ground.owner.caller, KeyScope::Own, own)
        .await;
    assert_eq!(outcome(&done), Outcome::Done);
    let done = world
        .domain
        .revoke_any_key(&ground.admin.caller, ground.users.id)
        .await;
    assert_eq!(outcome(&done), Outcome::Done);
    // A second revocation, by somebody else, changes nothing.
    let again = world.domain.revoke_any_key(&ground.admin.caller, own).await;
    assert_eq!(outcome(&again), Outcome::Done);
    let revoked = Row {
        description: "By nobody",
        created: -HOUR,
        revoked: Some(-10),
        ..Row::default()
    };
    world.put(&ground.owner, &revoked).await;
    let said = |page: KeyPage| -> Vec<_> {
        page.keys
            .into_iter()
            .map(|key| (key.description, key.revoked_by))
            .collect()
    };
    let by = |name: &str| Some(name.to_owned());
    let expected = [
        ("Own".to_owned(), by("Grace")),
        ("Laptop".to_owned(), by("Root")),
        ("By nobody".to_owned(), None),
    ];
    assert_eq!(said(world.list(&ground.owner, &all()).await), expected);
    let everything = said(ground.inventory(&all()).await);
    for key in expected {
        assert!(everything.contains(&key), "{key:?} in {everything:?}");
    }
    let warehouse = ("Warehouse".to_owned(), None);
    assert!(everything.contains(&warehouse), "{everything:?}");
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn who_revoked_a_key_is_looked_up_by_an_index(pool: PgPool) {
    let world = World::new(pool).await;
    let user = world.user("ada").await;
    revoked_keys(&world, &user, 2_000).await;
    let events = "INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
        SELECT $1, $2, CASE WHEN n % 2 = 0 THEN 'api_key.revoked' ELSE 'api_key.created' END, api_key_id
        FROM api_keys, generate_series(1, 10) AS n";
    let ids = [world.project.uuid(), user.id.uuid()];
    world.sql(events, &ids).await;
    world.sql("ANALYZE", &[]).await;
    let watched = explaining(&world);
    let plans = explained(8, async || {
        let page = watched.list(&user, &all()).await;
        let by: Vec<_> = page.keys.into_iter().map(|key| key.revoked_by).collect();
        assert_eq!(by, vec![Some("ada".to_owned()); 10]);
    })
    .await;
    assert_eq!(plans.len(), 8, "a page is one statement");
    for steps in plans {
        let read = steps
            .iter()
            .find(|step| step.table.as_deref() == Some("audit_events"));
        let read = read.expect("a step");
        assert_eq!(
            read.index.as_deref(),
            Some("audit_events_of_revocations"),
            "{steps:#?}"
        );
    }
    watched.domain.close().await;
}
