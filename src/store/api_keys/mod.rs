//! `api_keys` and `api_key_uses`.

mod change;
mod check;
mod create;
mod inventory;
mod list;
mod new;
mod read;
mod uses;

use latchkey_model::{
    expiry::Millis,
    id::{ApiKeyId, TeamId, UserId},
    owner::Owner,
};
use uuid::Uuid;

pub use list::Listed;
pub use new::{Creation, NewKeyRow, Once};
pub use uses::Use;

use super::caller::{CallerParameter, Denial, authorize};
use crate::Error;
use latchkey_model::api_key::ApiKey;

/// A key's row, without what only people see of it.
struct KeyRow {
    api_key_id: Uuid,
    owner_user_id: Option<Uuid>,
    owner_team_id: Option<Uuid>,
    description: String,
    is_public: bool,
    last_four: String,
    created_at_millis: Millis,
    expires_at_millis: Option<Millis>,
    revoked_at_millis: Option<Millis>,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = Error;

    /// A key without an owner does not exist: a constraint of the table sees to that.
    fn try_from(row: KeyRow) -> Result<Self, Error> {
        let owner = match (row.owner_user_id, row.owner_team_id) {
            (Some(user), _) => Owner::User(UserId::new(user)),
            (None, Some(team)) => Owner::Team(TeamId::new(team)),
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
