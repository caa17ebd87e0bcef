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

/// How many times the limit of valid keys people may create within 24 hours, as in `key_limit_reached`.
const PER_DAY: i64 = 10;

/// The database's enum `key_limit`.
#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "key_limit", rename_all = "snake_case")]
pub(super) enum ReachedLimit {
    Valid,
    Daily,
}

key_row! {
    struct CreatedRow {
        denial: Option<Denial>,
        fresh: bool,
        reached: Option<ReachedLimit>,
        most: Option<i32>,
    }
}

/// The statement and its parameters. A creation token creates at most one key. For people,
/// `key_limit_reached` waits for other creations for the same owner and counts what they left.
macro_rules! create_query {
    ($columns:tt, $($argument:tt)*) => {
        sqlx::query_as!(
            CreatedRow,
            r#"WITH gate AS MATERIALIZED (
                SELECT g.*, COALESCE(now_millis() + $9::bigint, $10::bigint) AS expires_at_millis,
                    CASE WHEN NOT g.is_privileged THEN p.max_api_keys_per_owner END AS most
                FROM key_gate($1, $2, $3, $4) g
                LEFT JOIN projects p ON p.project_id = $1.project_id
            ), fresh AS (
                SELECT * FROM gate
                WHERE denial IS NULL
                    AND ($12::uuid IS NULL OR expires_at_millis IS NULL OR expires_at_millis > now_millis())
            ), counted AS MATERIALIZED (
                SELECT f.*, CASE WHEN f.most IS NOT NULL THEN key_limit_reached(
                    $1.project_id, f.owner_user_id, f.owner_team_id, f.most, f.actor_user_id, $12
                ) END AS reached
                FROM fresh f
            ), made AS (
                INSERT INTO api_keys AS k (
                    project_id, api_key_id, owner_user_id, owner_team_id, created_by_user_id, creation_token,
                    description, digest, last_four, is_public, expires_at_millis, created_by_person
                )
                SELECT $1.project_id, $5, owner_user_id, owner_team_id, actor_user_id, $12, $6, $7, $8, $11,
                    expires_at_millis, NOT is_privileged
                FROM counted
                WHERE reached IS NULL
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
            SELECT g.denial AS "denial: Denial", EXISTS (SELECT FROM fresh) AS "fresh!",
                (SELECT c.reached FROM counted c) AS "reached: ReachedLimit", g.most, "# + $columns + r#"
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
        if let Some(reached) = row.reached {
            let most = row.most.unwrap_or_default();
            return Ok(match reached {
                ReachedLimit::Valid => Creation::TooMany(most),
                ReachedLimit::Daily => Creation::TooManyCreated(i64::from(most) * PER_DAY),
            });
        }
        Ok(row.into_key().map_or(Creation::AlreadyCreated, |key| {
            Creation::Created(Box::new(key))
        }))
    }
}
