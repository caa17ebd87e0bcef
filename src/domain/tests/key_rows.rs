//! Keys that are put into the table in any status.

use latchkey_model::{
    api_key::{KeyPage, KeyScope},
    id::ApiKeyId,
    key_list::KeyListView,
    key_status::SOON_MILLIS,
};
use uuid::Uuid;

use crate::world::{Person, World};

/// A key to be put in the table; times in milliseconds from now.
#[derive(Default)]
pub struct Row {
    pub description: &'static str,
    pub last_four: &'static str,
    pub created: i64,
    pub expires: Option<i64>,
    pub revoked: Option<i64>,
    pub used: Option<i64>,
}

pub const HOUR: i64 = 3_600_000;

impl World {
    pub async fn put(&self, owner: &Person, row: &Row) -> ApiKeyId {
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

    pub async fn list(&self, owner: &Person, view: &KeyListView) -> KeyPage {
        self.domain
            .list_keys(&owner.caller, KeyScope::Own, view)
            .await
            .expect("a page")
    }

    /// The descriptions on a page, in its order.
    pub async fn shown(&self, owner: &Person, view: &KeyListView) -> Vec<String> {
        let page = self.list(owner, view).await;
        page.keys.into_iter().map(|key| key.description).collect()
    }
}

/// Keys in every status, each newer than the next.
pub async fn keys_in_every_status(world: &World) -> Person {
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

pub fn all() -> KeyListView {
    KeyListView {
        inactive: true,
        ..KeyListView::default()
    }
}
