//! Revoking any API key of the project, for its administrators.

use latchkey_model::id::ApiKeyId;

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::caller::Caller;

impl Store {
    /// Returns whether the key exists. A second revocation keeps the time of the first.
    pub async fn revoke_any_key(&self, caller: &Caller, key: ApiKeyId) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM project_gate($1)
            ), target AS (
                SELECT k.project_id, k.api_key_id, k.revoked_at_millis, g.actor_user_id
                FROM gate g JOIN api_keys k ON k.project_id = $1.project_id AND k.api_key_id = $2
                WHERE g.denial IS NULL
                FOR UPDATE OF k
            ), ended AS (
                UPDATE api_keys k SET revoked_at_millis = now_millis()
                FROM target t
                WHERE k.project_id = t.project_id AND k.api_key_id = t.api_key_id AND t.revoked_at_millis IS NULL
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, actor_user_id, 'api_key.revoked', api_key_id
                FROM target WHERE revoked_at_millis IS NULL
            )
            SELECT denial AS "denial: Denial", EXISTS (SELECT FROM target) AS "found!" FROM gate"#, CallerParameter::from(caller) as _,
            key.uuid(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.found)
    }
}
