//! `teams`.

use latchkey_model::id::ProjectId;

use super::records::{NewTeam, Outcome, Standing, standing};
use crate::{error::Error, pool::Store};

impl Store {
    pub async fn look_at_teams(
        &self,
        project: ProjectId,
        teams: &[NewTeam],
    ) -> Result<Vec<Standing>, Error> {
        let ids: Vec<_> = teams.iter().map(|team| team.id).collect();
        let rows = sqlx::query!(
            r#"SELECT
                EXISTS (SELECT FROM teams t WHERE t.project_id = $1 AND t.team_id = i.team_id) AS "here!",
                EXISTS (
                    SELECT FROM audit_events e
                    WHERE e.project_id = $1 AND e.subject_id = i.team_id AND e.action = 'team.deleted'
                ) AS "removed!"
            FROM unnest($2::uuid[]) WITH ORDINALITY AS i (team_id, n)
            ORDER BY i.n"#,
            project.uuid(),
            &ids,
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| standing(row.here, row.removed))
            .collect())
    }

    pub async fn import_teams(
        &self,
        project: ProjectId,
        teams: &[NewTeam],
    ) -> Result<Vec<Outcome>, Error> {
        macro_rules! column {
            ($($field:ident).+) => {
                &teams.iter().map(|team| team.$($field).+.clone()).collect::<Vec<_>>()
            };
        }
        let names: Vec<_> = teams
            .iter()
            .map(|team| team.display_name.as_str().to_owned())
            .collect();
        let rows = sqlx::query_scalar!(
            r#"WITH incoming AS MATERIALIZED (
                SELECT * FROM unnest(
                    $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[]
                ) WITH ORDINALITY AS i (
                    team_id, display_name, profile_image_url, client_metadata, client_read_only_metadata,
                    server_metadata, created_at, n
                )
            ), made AS (
                INSERT INTO teams (
                    project_id, team_id, display_name, profile_image_url, client_metadata,
                    client_read_only_metadata, server_metadata, created_at_millis
                )
                SELECT $1, i.team_id, i.display_name, i.profile_image_url, i.client_metadata::jsonb,
                    i.client_read_only_metadata::jsonb, i.server_metadata::jsonb,
                    COALESCE(i.created_at, now_millis())
                FROM incoming i
                ORDER BY i.n
                ON CONFLICT (project_id, team_id) DO NOTHING
                RETURNING team_id
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'team.imported', team_id FROM made
            )
            SELECT m.team_id IS NOT NULL AS "made!"
            FROM incoming i LEFT JOIN made m USING (team_id)
            ORDER BY i.n"#,
            project.uuid(),
            column!(id),
            &names,
            column!(profile_image_url) as &[Option<String>],
            column!(metadata.client) as &[Option<String>],
            column!(metadata.client_read_only) as &[Option<String>],
            column!(metadata.server) as &[Option<String>],
            column!(created_at) as &[Option<i64>],
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|made| Outcome::of(made, true))
            .collect())
    }
}
