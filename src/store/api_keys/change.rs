//! Updating and revoking an API key.

use latchkey_model::id::ApiKeyId;

use super::row::KeyRow;
use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    api_key::{ApiKey, KeyChange, KeyLookup},
    caller::Caller,
    description::AppDescription,
};

impl Store {
    /// A second revocation keeps the time of the first.
    pub async fn change_key(
        &self,
        caller: &Caller,
        lookup: KeyLookup,
        key: ApiKeyId,
        change: &KeyChange,
    ) -> Result<Option<ApiKey>, Error> {
        let row = with_key_columns!(key_query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT g.*
                FROM (
                    SELECT CASE WHEN $3 OR $4::uuid IS NOT NULL THEN $4 ELSE (
                        SELECT f.owner_user_id FROM api_keys f WHERE f.project_id = ($1::caller).project_id AND f.api_key_id = $5
                    ) END AS owner
                ) o,
                key_gate($1, $2, $3, o.owner) g
            ), target AS (
                SELECT k.project_id, k.api_key_id, k.revoked_at_millis, g.actor_user_id
                FROM gate g
                JOIN api_keys k ON k.project_id = $1.project_id AND k.api_key_id = $5
                    AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                    AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id
                WHERE g.denial IS NULL
                FOR UPDATE OF k
            ), changed AS (
                UPDATE api_keys k SET
                    description = COALESCE($6, k.description),
                    revoked_at_millis = CASE WHEN $7 THEN COALESCE(k.revoked_at_millis, now_millis())
                        ELSE k.revoked_at_millis END
                FROM target t
                WHERE k.project_id = t.project_id AND k.api_key_id = t.api_key_id
                RETURNING k.*
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, actor_user_id, action, api_key_id
                FROM target, (VALUES ('api_key.renamed', $6::text IS NOT NULL), ('api_key.revoked', $7))
                    AS e (action, happens)
                WHERE e.happens AND (e.action <> 'api_key.revoked' OR revoked_at_millis IS NULL)
            )
            "#,
            r#"
            FROM gate g LEFT JOIN changed k ON true"#, CallerParameter::from(caller) as _,
            lookup.kind().as_str(),
            lookup.own(),
            lookup.owner(),
            key.uuid(),
            change.description.as_ref().map(AppDescription::as_str),
            change.revoke,
        ))
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.into_key())
    }
}
