//! Creating an API key.

use latchkey_model::expiry::Expiry;

use super::new::{Creation, NewKeyRow};
use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{api_key::KeyScope, caller::Caller};

key_row! {
    struct CreatedRow {
        denial: Option<Denial>,
        fresh: bool,
    }
}

/// The statement and its parameters. A creation token creates at most one key.
macro_rules! create_query {
    ($columns:tt, $($argument:tt)*) => {
        sqlx::query_as!(
            CreatedRow,
            r#"WITH gate AS MATERIALIZED (
                SELECT g.*, COALESCE(now_millis() + $9::bigint, $10::bigint) AS expires_at_millis
                FROM key_gate($1, $2, $3, $4) g
            ), fresh AS (
                SELECT * FROM gate
                WHERE denial IS NULL
                    AND ($12::uuid IS NULL OR expires_at_millis IS NULL OR expires_at_millis > now_millis())
            ), made AS (
                INSERT INTO api_keys AS k (
                    project_id, api_key_id, owner_user_id, owner_team_id, created_by_user_id, creation_token,
                    description, digest, last_four, is_public, expires_at_millis
                )
                SELECT $1.project_id, $5, owner_user_id, owner_team_id, actor_user_id, $12, $6, $7, $8, $11, expires_at_millis
                FROM fresh
                ON CONFLICT ON CONSTRAINT api_keys_creation_token_unique DO UPDATE SET
                    api_key_id = excluded.api_key_id, digest = excluded.digest, last_four = excluded.last_four,
                    description = excluded.description, expires_at_millis = excluded.expires_at_millis
                WHERE $13
                    AND k.owner_user_id IS NOT DISTINCT FROM excluded.owner_user_id
                    AND k.owner_team_id IS NOT DISTINCT FROM excluded.owner_team_id
                    AND k.revoked_at_millis IS NULL
                    AND NOT EXISTS (
                        SELECT FROM api_key_uses u
                        WHERE u.project_id = k.project_id AND u.api_key_id = k.api_key_id
                    )
                RETURNING *
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, created_by_user_id, 'api_key.created', api_key_id FROM made
            )
            SELECT g.denial AS "denial: Denial", EXISTS (SELECT FROM fresh) AS "fresh!", "# + $columns + r#"
            FROM gate g LEFT JOIN made k ON true"#,
            $($argument)*
        )
    };
}

impl Store {
    pub async fn create_key(
        &self,
        caller: &Caller,
        keys: KeyScope,
        new: &NewKeyRow<'_>,
    ) -> Result<Creation, Error> {
        let (after, at) = match new.expires {
            Expiry::Never => (None, None),
            Expiry::After(millis) => (Some(millis), None),
            Expiry::At(at) => (None, Some(at)),
        };
        let row = with_key_columns!(create_query!(
            CallerParameter::from(caller) as _,
            keys.kind().as_str(),
            keys.own(),
            keys.owner(),
            new.id.uuid(),
            new.description.as_str(),
            new.digest.as_bytes(),
            new.last_four,
            after,
            at,
            new.is_public,
            new.once.map(|once| once.token.uuid()),
            new.once.is_some_and(|once| once.retry),
        ))
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        if !row.fresh {
            return Ok(Creation::InThePast);
        }
        Ok(row.into_key().map_or(Creation::AlreadyCreated, |key| {
            Creation::Created(Box::new(key))
        }))
    }
}
