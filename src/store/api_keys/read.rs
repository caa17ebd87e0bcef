//! Reading keys for the API.

use latchkey_model::{id::ApiKeyId, owner::OwnerKind};

use super::row::KeyRow;
use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    api_key::{ApiKey, KeyLookup, KeyScope},
    caller::Caller,
};

impl Store {
    pub async fn key(
        &self,
        caller: &Caller,
        lookup: KeyLookup,
        key: ApiKeyId,
    ) -> Result<Option<ApiKey>, Error> {
        let row = with_key_columns!(key_query!(
            "",
            r#"
            FROM (
                SELECT CASE WHEN $3 OR $4::uuid IS NOT NULL THEN $4 ELSE (
                    SELECT f.owner_user_id FROM api_keys f WHERE f.project_id = ($1::caller).project_id AND f.api_key_id = $5
                ) END AS owner
            ) o
            CROSS JOIN LATERAL key_gate($1, $2, $3, o.owner) g
            LEFT JOIN api_keys k ON g.denial IS NULL AND k.project_id = $1.project_id AND k.api_key_id = $5
                AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id"#, CallerParameter::from(caller) as _,
            lookup.kind().as_str(),
            lookup.own(),
            lookup.owner(),
            key.uuid(),
        ))
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.into_key())
    }

    pub async fn can_see_keys(&self, caller: &Caller, kind: OwnerKind) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"SELECT denial AS "denial: Denial" FROM key_gate($1, $2, false, NULL)"#,
            CallerParameter::from(caller) as _,
            kind.as_str(),
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)
    }

    pub async fn all_keys(&self, caller: &Caller, keys: KeyScope) -> Result<Vec<ApiKey>, Error> {
        let rows = with_key_columns!(key_query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM key_gate($1, $2, $3, $4)
            )
            "#,
            r#"
            FROM gate g
            LEFT JOIN LATERAL (
                SELECT * FROM api_keys u
                WHERE $2 = 'user' AND g.denial IS NULL AND u.project_id = $1.project_id AND u.owner_user_id = g.owner_user_id
                UNION ALL
                SELECT * FROM api_keys t
                WHERE $2 = 'team' AND g.denial IS NULL AND t.project_id = $1.project_id AND t.owner_team_id = g.owner_team_id
            ) k ON true
            ORDER BY k.created_at_millis DESC, k.api_key_id DESC"#, CallerParameter::from(caller) as _,
            keys.kind().as_str(),
            keys.own(),
            keys.owner(),
        ))
        .fetch_all(self.read(caller))
        .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
        Ok(rows.into_iter().filter_map(KeyRow::into_key).collect())
    }
}
