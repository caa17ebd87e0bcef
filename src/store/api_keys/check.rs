//! Checking a key: one statement decides everything, by the database's clock.

use latchkey_model::{expiry::Millis, owner::OwnerKind, status::KeyStatus};
use uuid::Uuid;

use super::row::KeyRow;
use crate::error::Error;
use crate::{
    caller::{CallerParameter, Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    api_key::{ApiKey, CheckFailure},
    caller::Caller,
    digest::Digest,
};

/// A row of the statement below.
struct CheckRow {
    denial: Option<Denial>,
    now: Millis,
    allow_user_api_keys: Option<bool>,
    allow_team_api_keys: Option<bool>,
    api_key_id: Option<Uuid>,
    owner_user_id: Option<Uuid>,
    owner_team_id: Option<Uuid>,
    description: Option<String>,
    is_public: Option<bool>,
    last_four: Option<String>,
    created_at_millis: Option<Millis>,
    expires_at_millis: Option<Millis>,
    revoked_at_millis: Option<Millis>,
}

/// The statement, for a server without a token or for any caller. For the former the kind stands in the
/// text, so Postgres leaves out all that is about other kinds and keeps the plan, and reads plain parameters,
/// which takes less time than a composite one. For the latter it plans anew each time, which takes several
/// times as long as the look-up.
macro_rules! checked {
    ($gate:tt, $project:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            CheckRow,
            r#"SELECT a.denial AS "denial: Denial", now_millis() AS "now!", p.allow_user_api_keys AS "allow_user_api_keys?",
                p.allow_team_api_keys AS "allow_team_api_keys?",
                k.api_key_id AS "api_key_id?", k.owner_user_id AS "owner_user_id?",
                k.owner_team_id AS "owner_team_id?", k.description AS "description?", k.is_public AS "is_public?",
                k.last_four AS "last_four?", k.created_at_millis AS "created_at_millis?",
                k.expires_at_millis AS "expires_at_millis?", k.revoked_at_millis AS "revoked_at_millis?"
            FROM "# + $gate + r#" a
            LEFT JOIN projects p ON p.project_id = "# + $project + r#"
            LEFT JOIN api_keys k ON a.denial IS NULL AND a.is_privileged AND k.project_id = "# + $project + r#"
                AND k.digest = $2"#,
            $($argument),+
        )
    };
}

impl Store {
    /// The key and the time at which it was valid, or why it is not.
    pub async fn check_key(
        &self,
        caller: &Caller,
        kind: OwnerKind,
        digest: Digest,
    ) -> Result<Result<(ApiKey, Millis), CheckFailure>, Error> {
        let row = if caller.is_server_alone() {
            checked!(
                "caller_gate(ROW($1::uuid, 'server', $3::bytea, NULL, NULL, NULL)::caller)",
                "$1::uuid",
                caller.project().uuid(),
                digest.as_bytes(),
                caller.digest(),
            )
            .fetch_one(&self.pool)
            .await?
        } else {
            checked!(
                "caller_gate($1::caller)",
                "$1.project_id",
                CallerParameter::from(caller) as _,
                digest.as_bytes(),
            )
            .fetch_one(&self.pool)
            .await?
        };
        authorize(row.denial)?;
        let on = match kind {
            OwnerKind::User => row.allow_user_api_keys,
            OwnerKind::Team => row.allow_team_api_keys,
        };
        if on != Some(true) {
            return Err(Error::Denied(match kind {
                OwnerKind::User => Denial::UserKeysOff,
                OwnerKind::Team => Denial::TeamKeysOff,
            }));
        }
        let now = row.now;
        let Some(key) = read_row!(row).and_then(KeyRow::into_key) else {
            return Ok(Err(CheckFailure::Unknown));
        };
        Ok(match key.status(now) {
            _ if key.owner.kind() != kind => Err(CheckFailure::WrongKind(key.owner.kind())),
            KeyStatus::Valid => Ok((key, now)),
            KeyStatus::Revoked => Err(CheckFailure::Revoked),
            KeyStatus::Expired => Err(CheckFailure::Expired),
        })
    }
}
