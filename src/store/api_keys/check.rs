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
    api_key::{ApiKey, Refusal},
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

/// The statement, for callers of one kind or of any. Where the kind stands in its text, Postgres leaves
/// out all that is about other kinds and keeps the plan; otherwise it plans anew each time, which takes
/// several times as long as the look-up.
macro_rules! checked {
    ($gate:tt, $caller:expr, $digest:expr) => {
        sqlx::query_as!(
            CheckRow,
            r#"SELECT a.denial AS "denial: Denial", now_millis() AS "now!", p.allow_user_api_keys AS "allow_user_api_keys?",
                p.allow_team_api_keys AS "allow_team_api_keys?",
                k.api_key_id AS "api_key_id?", k.owner_user_id AS "owner_user_id?",
                k.owner_team_id AS "owner_team_id?", k.description AS "description?", k.is_public AS "is_public?",
                k.last_four AS "last_four?", k.created_at_millis AS "created_at_millis?",
                k.expires_at_millis AS "expires_at_millis?", k.revoked_at_millis AS "revoked_at_millis?"
            FROM "# + $gate + r#" a
            LEFT JOIN projects p ON p.project_id = $1.project_id
            LEFT JOIN api_keys k ON a.denial IS NULL AND a.is_privileged AND k.project_id = $1.project_id
                AND k.digest = $2"#,
            CallerParameter::from($caller) as _,
            $digest.as_bytes(),
        )
    };
}

impl Store {
    /// The key and the time at which it worked, or why it does not.
    pub async fn check_key(
        &self,
        caller: &Caller,
        kind: OwnerKind,
        digest: Digest,
    ) -> Result<Result<(ApiKey, Millis), Refusal>, Error> {
        let row = if caller.is_server_alone() {
            checked!(
                "caller_gate(ROW(($1::caller).project_id, 'server', $1.digest, NULL, NULL, NULL)::caller)",
                caller,
                digest
            )
            .fetch_one(&self.pool)
            .await?
        } else {
            checked!("caller_gate($1::caller)", caller, digest)
                .fetch_one(&self.pool)
                .await?
        };
        authorize(row.denial)?;
        let on = match kind {
            OwnerKind::User => row.allow_user_api_keys,
            OwnerKind::Team => row.allow_team_api_keys,
        };
        if on != Some(true) {
            return Err(Error::KeysOff(kind));
        }
        let now = row.now;
        let Some(found) = read_row!(row) else {
            return Ok(Err(Refusal::Unknown));
        };
        let key = ApiKey::try_from(found)?;
        Ok(match key.status(now) {
            _ if key.owner.kind() != kind => Err(Refusal::WrongKind(key.owner.kind())),
            KeyStatus::Valid => Ok((key, now)),
            KeyStatus::Revoked => Err(Refusal::Revoked),
            KeyStatus::Expired => Err(Refusal::Expired),
        })
    }
}
