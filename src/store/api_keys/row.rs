//! The columns of a key that every statement about keys returns.

use latchkey_model::{
    api_key::ApiKey,
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    owner::KeyOwner,
};
use uuid::Uuid;

use crate::error::Error;

/// A [`KeyRow`] out of an outer join: `None` where there is no key.
macro_rules! read_row {
    ($row:expr) => {{
        let row = $row;
        match (
            row.api_key_id,
            row.description,
            row.is_public,
            row.last_four,
            row.created_at_millis,
        ) {
            (
                Some(api_key_id),
                Some(description),
                Some(is_public),
                Some(last_four),
                Some(created),
            ) => Some(KeyRow {
                api_key_id,
                owner_user_id: row.owner_user_id,
                owner_team_id: row.owner_team_id,
                description,
                is_public,
                last_four,
                created_at_millis: created,
                expires_at_millis: row.expires_at_millis,
                revoked_at_millis: row.revoked_at_millis,
            }),
            _ => None,
        }
    }};
}

/// A key's row, without what only people see of it.
pub(super) struct KeyRow {
    pub api_key_id: Uuid,
    pub owner_user_id: Option<Uuid>,
    pub owner_team_id: Option<Uuid>,
    pub description: String,
    pub is_public: bool,
    pub last_four: String,
    pub created_at_millis: Millis,
    pub expires_at_millis: Option<Millis>,
    pub revoked_at_millis: Option<Millis>,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = Error;

    /// A key without an owner does not exist: a constraint of the table sees to that.
    fn try_from(row: KeyRow) -> Result<Self, Error> {
        let owner = match (row.owner_user_id, row.owner_team_id) {
            (Some(user), _) => KeyOwner::User(UserId::new(user)),
            (None, Some(team)) => KeyOwner::Team(TeamId::new(team)),
            (None, None) => return Err(Error::NotFound),
        };
        Ok(Self {
            id: ApiKeyId::new(row.api_key_id),
            owner,
            owner_name: None,
            owner_email: None,
            description: row.description,
            is_public: row.is_public,
            last_four: row.last_four,
            created_at: row.created_at_millis,
            created_by: None,
            expires_at: row.expires_at_millis,
            revoked_at: row.revoked_at_millis,
            last_used_at: None,
        })
    }
}
