//! All API keys of the project, for its administrators: how many work, and revoking any of them.

use latchkey_model::id::ApiKeyId;

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{api_key::WorkingKeys, caller::Caller};

impl Store {
    /// Counts the keys that work, by the indexes of valid keys and no further than needed. Keys of a kind that the
    /// project does not allow do not work.
    pub async fn working_keys(&self, caller: &Caller) -> Result<WorkingKeys, Error> {
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT g.denial, now_millis() AS now,
                    g.denial IS NULL AND p.allow_user_api_keys AS user_keys_on,
                    g.denial IS NULL AND p.allow_team_api_keys AS team_keys_on
                FROM project_gate($1) g LEFT JOIN projects p ON p.project_id = $1.project_id
            )
            SELECT g.denial AS "denial: Denial", u.count AS "of_users!", t.count AS "of_teams!"
            FROM gate g
            CROSS JOIN LATERAL (SELECT count(*) FROM (
                SELECT FROM api_keys k
                WHERE g.user_keys_on AND k.project_id = $1.project_id AND k.owner_user_id IS NOT NULL
                    AND k.revoked_at_millis IS NULL AND COALESCE(k.expires_at_millis, 9223372036854775807) > g.now
                LIMIT $2::bigint + 1
            ) working) u
            CROSS JOIN LATERAL (SELECT count(*) FROM (
                SELECT FROM api_keys k
                WHERE g.team_keys_on AND k.project_id = $1.project_id AND k.owner_team_id IS NOT NULL
                    AND k.revoked_at_millis IS NULL AND COALESCE(k.expires_at_millis, 9223372036854775807) > g.now
                LIMIT $2::bigint + 1
            ) working) t"#,
            CallerParameter::from(caller) as _,
            WorkingKeys::MOST,
        )
        .fetch_one(self.lists.read().on_behalf_of(caller))
        .await?;
        authorize(row.denial)?;
        Ok(WorkingKeys {
            of_users: row.of_users,
            of_teams: row.of_teams,
        })
    }

    /// Returns whether the key had expired; `None` if there is no such key. A second revocation keeps the time of the
    /// first.
    pub async fn revoke_any_key(
        &self,
        caller: &Caller,
        key: ApiKeyId,
    ) -> Result<Option<bool>, Error> {
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM project_gate($1)
            ), target AS (
                SELECT k.project_id, k.api_key_id, k.revoked_at_millis, g.actor_user_id,
                    is_expired(k.expires_at_millis, COALESCE(k.revoked_at_millis, now_millis())) IS TRUE AS has_expired
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
            SELECT denial AS "denial: Denial", (SELECT has_expired FROM target) FROM gate"#, CallerParameter::from(caller) as _,
            key.uuid(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.has_expired)
    }
}
