//! Reading keys, as the API shows them.

use latchkey_model::{id::ApiKeyId, owner::OwnerKind};

use super::{super::Store, KeyRow, allowed};
use crate::Error;
use latchkey_model::{
    api_key::{Among, ApiKey, Keys},
    caller::Caller,
};

impl Store {
    pub async fn key(&self, caller: &Caller, among: Among, key: ApiKeyId) -> Result<ApiKey, Error> {
        let row = asked_by!(
            caller,
            r#"SELECT g.refusal, k.api_key_id AS "api_key_id?", k.owner_user_id AS "owner_user_id?",
                k.owner_team_id AS "owner_team_id?", k.description AS "description?", k.is_public AS "is_public?",
                k.last_four AS "last_four?", k.created_at_millis AS "created_at_millis?",
                k.expires_at_millis AS "expires_at_millis?", k.revoked_at_millis AS "revoked_at_millis?"
            FROM (
                SELECT CASE WHEN $8 OR $9::uuid IS NOT NULL THEN $9 ELSE (
                    SELECT f.owner_user_id FROM api_keys f WHERE f.project_id = $1 AND f.api_key_id = $10
                ) END AS owner
            ) o
            CROSS JOIN LATERAL key_gate($1, $2, $3, $4, $5, $6, $7, $8, o.owner) g
            LEFT JOIN api_keys k ON g.refusal IS NULL AND k.project_id = $1 AND k.api_key_id = $10
                AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id"#,
            among.kind().as_str(),
            among.own(),
            among.owner(),
            key.uuid(),
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        read_row!(row).ok_or(Error::NotFound)?.try_into()
    }

    pub async fn may_see_keys(&self, caller: &Caller, kind: OwnerKind) -> Result<(), Error> {
        let refusal = asked_by!(
            caller,
            "SELECT refusal FROM key_gate($1, $2, $3, $4, $5, $6, $7, false, NULL)",
            kind.as_str(),
        )
        .fetch_one(&self.pool)
        .await?
        .refusal;
        allowed(refusal.as_deref())
    }

    pub async fn all_keys(&self, caller: &Caller, keys: Keys) -> Result<Vec<ApiKey>, Error> {
        let rows = asked_by!(
            caller,
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM key_gate($1, $2, $3, $4, $5, $6, $7, $8, $9)
            )
            SELECT g.refusal, k.api_key_id AS "api_key_id?", k.owner_user_id AS "owner_user_id?",
                k.owner_team_id AS "owner_team_id?", k.description AS "description?", k.is_public AS "is_public?",
                k.last_four AS "last_four?", k.created_at_millis AS "created_at_millis?",
                k.expires_at_millis AS "expires_at_millis?", k.revoked_at_millis AS "revoked_at_millis?"
            FROM gate g
            LEFT JOIN LATERAL (
                SELECT * FROM api_keys u
                WHERE $7 = 'user' AND g.refusal IS NULL AND u.project_id = $1 AND u.owner_user_id = g.owner_user_id
                UNION ALL
                SELECT * FROM api_keys t
                WHERE $7 = 'team' AND g.refusal IS NULL AND t.project_id = $1 AND t.owner_team_id = g.owner_team_id
            ) k ON true
            ORDER BY k.created_at_millis DESC, k.api_key_id DESC"#,
            keys.kind().as_str(),
            keys.own(),
            keys.owner(),
        )
        .fetch_all(&self.pool)
        .await?;
        allowed(rows.first().and_then(|row| row.refusal.as_deref()))?;
        rows.into_iter()
            .filter_map(|row| read_row!(row))
            .map(ApiKey::try_from)
            .collect()
    }
}
