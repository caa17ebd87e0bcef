//! `api_keys`.

use latchkey_model::id::ProjectId;
use uuid::Uuid;

use super::records::{NewKey, Outcome, Standing, standing};
use crate::{error::Error, pool::Store};

/// The state of a key in this database.
pub struct KeyStanding {
    pub standing: Standing,
    /// Another key has its ID or its secret.
    pub taken: bool,
    pub revoked: bool,
}

impl Store {
    pub async fn look_at_keys(
        &self,
        project: ProjectId,
        keys: &[NewKey],
    ) -> Result<Vec<KeyStanding>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        let digests: Vec<_> = keys
            .iter()
            .map(|key| key.digest.as_bytes().to_vec())
            .collect();
        let owners: Vec<_> = keys.iter().map(|key| key.user.or(key.team)).collect();
        let rows = sqlx::query!(
            r#"SELECT k.api_key_id IS NOT NULL AS "here!", k.revoked_at_millis IS NOT NULL AS "revoked!",
                COALESCE(k.digest <> i.digest, false) OR EXISTS (
                    SELECT FROM api_keys o
                    WHERE o.project_id = $1 AND o.digest = i.digest AND o.api_key_id <> i.api_key_id
                ) AS "taken!",
                EXISTS (
                    SELECT FROM audit_events e
                    WHERE e.project_id = $1 AND e.subject_id = i.owner AND e.action IN ('user.deleted', 'team.deleted')
                ) AS "removed!"
            FROM unnest($2::uuid[], $3::bytea[], $4::uuid[]) WITH ORDINALITY AS i (api_key_id, digest, owner, n)
            LEFT JOIN api_keys k ON k.project_id = $1 AND k.api_key_id = i.api_key_id
            ORDER BY i.n"#,
            project.uuid(),
            &ids,
            &digests,
            &owners as &[Option<Uuid>],
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| KeyStanding {
                standing: standing(row.here, row.removed),
                taken: row.taken,
                revoked: row.revoked,
            })
            .collect())
    }

    pub async fn import_keys(
        &self,
        project: ProjectId,
        keys: &[NewKey],
    ) -> Result<Vec<Outcome>, Error> {
        macro_rules! column {
            ($field:ident) => {
                &keys
                    .iter()
                    .map(|key| key.$field.clone())
                    .collect::<Vec<_>>()
            };
        }
        let digests: Vec<_> = keys
            .iter()
            .map(|key| key.digest.as_bytes().to_vec())
            .collect();
        let descriptions: Vec<_> = keys
            .iter()
            .map(|key| key.description.as_str().to_owned())
            .collect();
        let rows = sqlx::query!(
            r#"WITH incoming AS MATERIALIZED (
                SELECT i.*, COALESCE(u.user_id, t.team_id) IS NOT NULL AS fits
                FROM unnest(
                    $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::bytea[], $8::text[],
                    $9::bigint[], $10::bigint[], $11::bigint[]
                ) WITH ORDINALITY AS i (
                    api_key_id, owner_user_id, owner_team_id, description, is_public, digest, last_four,
                    created_at, expires_at, revoked_at, n
                )
                LEFT JOIN users u ON u.project_id = $1 AND u.user_id = i.owner_user_id
                LEFT JOIN teams t ON t.project_id = $1 AND t.team_id = i.owner_team_id
            ), made AS (
                INSERT INTO api_keys (
                    project_id, api_key_id, owner_user_id, owner_team_id, description, is_public, digest,
                    last_four, created_at_millis, expires_at_millis, revoked_at_millis
                )
                SELECT $1, i.api_key_id, i.owner_user_id, i.owner_team_id, i.description, i.is_public,
                    i.digest, i.last_four, COALESCE(i.created_at, now_millis()), i.expires_at, i.revoked_at
                FROM incoming i
                WHERE i.fits
                ORDER BY i.n
                ON CONFLICT (project_id, api_key_id) DO NOTHING
                RETURNING api_key_id
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'api_key.imported', api_key_id FROM made
            )
            SELECT m.api_key_id IS NOT NULL AS "made!", i.fits AS "fits!"
            FROM incoming i LEFT JOIN made m USING (api_key_id)
            ORDER BY i.n"#,
            project.uuid(),
            column!(id),
            column!(user) as &[Option<Uuid>],
            column!(team) as &[Option<Uuid>],
            &descriptions,
            column!(is_public),
            &digests,
            column!(last_four),
            column!(created_at) as &[Option<i64>],
            column!(expires_at) as &[Option<i64>],
            column!(revoked_at) as &[Option<i64>],
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Outcome::of(row.made, row.fits))
            .collect())
    }

    /// Revokes keys that are revoked at the source but not here, with the source's times, and
    /// returns their IDs. Keys are matched by ID and secret, so no other key is revoked.
    pub async fn take_over_revocations(
        &self,
        project: ProjectId,
        keys: &[NewKey],
    ) -> Result<Vec<Uuid>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        let digests: Vec<_> = keys
            .iter()
            .map(|key| key.digest.as_bytes().to_vec())
            .collect();
        let times: Vec<_> = keys.iter().map(|key| key.revoked_at).collect();
        Ok(sqlx::query_scalar!(
            r#"WITH revoked AS (
                UPDATE api_keys k SET revoked_at_millis = i.revoked_at
                FROM unnest($2::uuid[], $3::bytea[], $4::bigint[]) AS i (api_key_id, digest, revoked_at)
                WHERE k.project_id = $1 AND k.api_key_id = i.api_key_id AND k.digest = i.digest
                    AND k.revoked_at_millis IS NULL AND i.revoked_at IS NOT NULL
                RETURNING k.api_key_id
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'api_key.revoked', api_key_id FROM revoked
            )
            SELECT api_key_id FROM revoked"#,
            project.uuid(),
            &ids,
            &digests,
            &times as &[Option<i64>],
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
