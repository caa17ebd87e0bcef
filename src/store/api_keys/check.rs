//! Checking a key: one statement reads all that decides, with the database's time.

use latchkey_model::{expiry::Millis, key_status::KeyStatus, owner::OwnerKind};

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    api_key::{ApiKey, CheckFailure},
    caller::Caller,
    digest::Digest,
};

key_row! {
    struct CheckRow {
        denial: Option<Denial>,
        now: Millis,
        allow_user_api_keys: Option<bool>,
        allow_team_api_keys: Option<bool>,
    }
}

/// The statement, for a server without a token or for any caller. For the former, the caller's kind
/// is a literal and the parameters are plain values, so Postgres simplifies and caches the plan.
/// For any caller, the parameter is a composite value, and Postgres plans the statement each time,
/// which takes several times as long as the lookup.
macro_rules! checked {
    ($columns:tt, $gate:tt, $project:tt, $($argument:tt)*) => {
        sqlx::query_as!(
            CheckRow,
            r#"SELECT COALESCE(l.denial, a.denial) AS "denial: Denial", now_millis() AS "now!", p.allow_user_api_keys AS "allow_user_api_keys?",
                p.allow_team_api_keys AS "allow_team_api_keys?", "# + $columns + r#"
            FROM restore_gate() l CROSS JOIN "# + $gate + r#" a
            LEFT JOIN projects p ON p.project_id = "# + $project + r#"
            LEFT JOIN api_keys k ON l.denial IS NULL AND a.denial IS NULL AND a.is_privileged AND k.project_id = "# + $project + r#"
                AND k.digest = $2"#,
            $($argument)*
        )
    };
}

impl Store {
    /// Returns the key and the time at which it was valid, or why it is not.
    pub async fn check_key(
        &self,
        caller: &Caller,
        kind: OwnerKind,
        digest: Digest,
    ) -> Result<Result<(ApiKey, Millis), CheckFailure>, Error> {
        let row = if caller.is_server_alone() {
            with_key_columns!(checked!(
                "caller_gate(ROW($1::uuid, 'server', $3::bytea, NULL, NULL, NULL)::caller)",
                "$1::uuid",
                caller.project().uuid(),
                digest.as_bytes(),
                caller.digest(),
            ))
            .fetch_one(self.checks.read().on_behalf_of(caller))
            .await?
        } else {
            with_key_columns!(checked!(
                "caller_gate($1::caller)",
                "$1.project_id",
                CallerParameter::from(caller) as _,
                digest.as_bytes(),
            ))
            .fetch_one(self.checks.read().on_behalf_of(caller))
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
        let Some(key) = row.into_key() else {
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
