//! Reading keys for the API.

use latchkey_model::{expiry::Millis, id::ApiKeyId, owner::OwnerKind};
use sqlx::AssertSqlSafe;

use super::row::{KEY_COLUMNS, KeyRow};
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

    /// Returns the next keys of an owner, newest first, after this one, at most `most`.
    pub async fn keys_after(
        &self,
        caller: &Caller,
        keys: KeyScope,
        after: Option<(Millis, ApiKeyId)>,
        most: u32,
    ) -> Result<Vec<ApiKey>, Error> {
        let of = match keys.kind() {
            OwnerKind::User => "k.owner_user_id = g.owner_user_id",
            OwnerKind::Team => "k.owner_team_id = g.owner_team_id",
        };
        let beyond = match after {
            Some(_) => "AND (k.created_at_millis, k.api_key_id) < ($6, $7)",
            None => "",
        };
        // Its text consists of constants; input is bound.
        let sql = format!(
            "WITH gate AS MATERIALIZED (
                SELECT * FROM key_gate($1, $2, $3, $4)
            )
            SELECT g.denial, k.*
            FROM gate g
            LEFT JOIN LATERAL (
                SELECT {KEY_COLUMNS} FROM api_keys k
                WHERE g.denial IS NULL AND k.project_id = $1.project_id AND {of} {beyond}
                ORDER BY k.created_at_millis DESC, k.api_key_id DESC
                LIMIT $5
            ) k ON true
            ORDER BY k.created_at_millis DESC, k.api_key_id DESC"
        );
        let (created_at, key) = after.unzip();
        let rows: Vec<KeyRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(CallerParameter::from(caller))
            .bind(keys.kind().as_str())
            .bind(keys.own())
            .bind(keys.owner())
            .bind(i64::from(most))
            .bind(created_at)
            .bind(key.map(ApiKeyId::uuid))
            .fetch_all(self.read(caller))
            .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
        Ok(rows.into_iter().filter_map(KeyRow::into_key).collect())
    }
}
