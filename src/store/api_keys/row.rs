//! The columns of a key that every statement about keys returns.

use latchkey_model::{
    api_key::ApiKey,
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    owner::KeyOwner,
};
use uuid::Uuid;

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

impl KeyRow {
    /// A key without an owner does not exist: a constraint of the table prevents it.
    pub fn into_key(self) -> Option<ApiKey> {
        let user = self.owner_user_id.map(UserId::new).map(KeyOwner::User);
        let team = self.owner_team_id.map(TeamId::new).map(KeyOwner::Team);
        Some(ApiKey {
            id: ApiKeyId::new(self.api_key_id),
            owner: user.or(team)?,
            owner_name: None,
            owner_email: None,
            description: self.description,
            is_public: self.is_public,
            last_four: self.last_four,
            created_at: self.created_at_millis,
            created_by: None,
            expires_at: self.expires_at_millis,
            revoked_at: self.revoked_at_millis,
            last_used_at: None,
        })
    }
}
