//! Ending any key of the project, for whoever administers it.

use latchkey_model::id::ApiKeyId;

use super::{super::Store, allowed};
use crate::Error;
use latchkey_model::caller::Caller;

impl Store {
    /// The first revocation stands, as with [`Store::change_key`].
    pub async fn revoke_any_key(&self, caller: &Caller, key: ApiKeyId) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM project_gate($1, $2, $3, $4, $5, $6)
            ), target AS (
                SELECT k.project_id, k.api_key_id, k.revoked_at_millis, g.actor_user_id
                FROM gate g JOIN api_keys k ON k.project_id = $1 AND k.api_key_id = $7
                WHERE g.refusal IS NULL
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
            SELECT refusal, EXISTS (SELECT FROM target) AS "found!" FROM gate"#,
            key.uuid(),
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        if row.found {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }
}
