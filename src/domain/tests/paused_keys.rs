//! Keys that are paused, because the project does not allow keys of their kind: how many they are before, and how they
//! are listed.

use latchkey_model::{
    api_key::{KeyScope, WorkingKeys},
    key_list::{KeyListView, SortKey, StatusFilter},
    project::ProjectChange,
};
use sqlx::PgPool;

use crate::{
    key_rows::{HOUR, Row, all},
    outcome::{Outcome, PROJECT_NOT_FOUND, outcome},
    project_admin::{Ground, team_keys, user_keys},
};

/// A project with keys of many kinds; two of its user's work, and one of its team's.
async fn ground(pool: PgPool) -> Ground {
    let ground = Ground::new(pool).await;
    for (description, expires, revoked) in [
        ("Ends soon", Some(HOUR), None),
        ("Ended", Some(-HOUR), None),
        ("Leaked", None, Some(-HOUR)),
    ] {
        let row = Row {
            description,
            created: -2 * HOUR,
            expires,
            revoked,
            ..Row::default()
        };
        ground.world.put(&ground.owner, &row).await;
    }
    ground
}

impl Ground {
    async fn switch(&self, change: ProjectChange) {
        let done = self
            .world
            .domain
            .change_project(&self.admin.caller, &change)
            .await;
        assert_eq!(outcome(&done), Outcome::Done);
    }

    async fn working(&self) -> (i64, i64) {
        let working = self.world.domain.working_keys(&self.admin.caller).await;
        let WorkingKeys { of_users, of_teams } = working.expect("a count");
        (of_users, of_teams)
    }

    /// The descriptions of what is listed as paused.
    async fn paused(&self, view: &KeyListView) -> Vec<String> {
        let keys = self.inventory(view).await.keys;
        keys.into_iter()
            .filter(|key| key.is_paused)
            .map(|key| key.description)
            .collect()
    }

    async fn with_status(&self, status: StatusFilter) -> Vec<String> {
        let view = KeyListView {
            status,
            ..KeyListView::default()
        };
        let page = self.inventory(&view).await;
        let keys: Vec<_> = page.keys.into_iter().map(|key| key.description).collect();
        assert_eq!(page.matching, i64::try_from(keys.len()).expect("few"));
        keys
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn before_a_kind_is_switched_off_its_working_keys_are_counted(pool: PgPool) {
    let ground = ground(pool).await;
    let other = ground.world.another_project().await;
    let stranger = other.user("Eve").await;
    other
        .key(&stranger.caller, KeyScope::Own, "Elsewhere")
        .await;
    assert_eq!(ground.working().await, (2, 1));
    ground.switch(user_keys(false)).await;
    assert_eq!(ground.working().await, (0, 1), "those of users do not work");
    ground.switch(team_keys(false)).await;
    assert_eq!(ground.working().await, (0, 0));
    for caller in [
        &ground.owner.caller,
        &ground.team_admin.caller,
        &stranger.caller,
    ] {
        let refused = ground.world.domain.working_keys(caller).await;
        assert_eq!(outcome(&refused), PROJECT_NOT_FOUND);
    }
}

#[sqlx::test(migrator = "latchkey_store::MIGRATOR")]
async fn keys_of_a_kind_that_is_switched_off_are_paused_and_not_valid(pool: PgPool) {
    let ground = ground(pool).await;
    let nothing = Vec::<String>::new();
    assert_eq!(ground.paused(&all()).await, nothing);
    assert_eq!(ground.with_status(StatusFilter::Paused).await, nothing);
    let valid = ["Warehouse", "Laptop", "Ends soon"];
    assert_eq!(ground.with_status(StatusFilter::Valid).await, valid);

    ground.switch(user_keys(false)).await;
    let paused = ["Laptop", "Ends soon"];
    assert_eq!(ground.with_status(StatusFilter::Paused).await, paused);
    assert_eq!(ground.with_status(StatusFilter::Valid).await, ["Warehouse"]);
    assert_eq!(ground.with_status(StatusFilter::ExpiresSoon).await, nothing);
    assert_eq!(ground.with_status(StatusFilter::Expired).await, ["Ended"]);
    assert_eq!(ground.with_status(StatusFilter::Revoked).await, ["Leaked"]);
    let by_status = KeyListView {
        sort: SortKey::Status,
        ..all()
    };
    assert_eq!(
        ground.shown(&by_status).await,
        ["Warehouse", "Laptop", "Ends soon", "Ended", "Leaked"]
    );
    let standard = KeyListView::default();
    assert_eq!(
        ground.shown(&standard).await,
        valid,
        "they are not inactive"
    );
    assert_eq!(ground.paused(&standard).await, paused);

    ground.switch(team_keys(false)).await;
    assert_eq!(ground.paused(&standard).await, valid);
    assert_eq!(ground.with_status(StatusFilter::Valid).await, nothing);
    ground.switch(user_keys(true)).await;
    assert_eq!(ground.paused(&standard).await, ["Warehouse"]);
}
