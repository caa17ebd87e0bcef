//! `memberships` and `team_permission_grants`.

use latchkey_model::id::ProjectId;

use super::records::{NewGrant, NewMembership, Outcome, Standing, standing};
use crate::{error::Error, pool::Store};

impl Store {
    /// A user who was removed from a team here after joining it at the source is not added again.
    /// The audit log names the user but not the team, so this applies to all their older
    /// memberships.
    pub async fn look_at_memberships(
        &self,
        project: ProjectId,
        memberships: &[NewMembership],
    ) -> Result<Vec<Standing>, Error> {
        let teams: Vec<_> = memberships.iter().map(|new| new.team).collect();
        let users: Vec<_> = memberships.iter().map(|new| new.user).collect();
        let times: Vec<_> = memberships.iter().map(|new| new.created_at).collect();
        let rows = sqlx::query!(
            r#"SELECT
                EXISTS (
                    SELECT FROM memberships m
                    WHERE m.project_id = $1 AND m.team_id = i.team_id AND m.user_id = i.user_id
                ) AS "here!",
                EXISTS (
                    SELECT FROM audit_events e
                    WHERE e.project_id = $1 AND e.subject_id IN (i.user_id, i.team_id) AND (
                        e.action IN ('user.deleted', 'team.deleted')
                        OR e.action = 'team.member_removed' AND e.at_millis >= COALESCE(i.created_at, e.at_millis)
                    )
                ) AS "removed!"
            FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) WITH ORDINALITY AS i (team_id, user_id, created_at, n)
            ORDER BY i.n"#,
            project.uuid(),
            &teams,
            &users,
            &times as &[Option<i64>],
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| standing(row.here, row.removed))
            .collect())
    }

    /// Selects the same team as at the source, unless the user has selected one here.
    pub async fn import_memberships(
        &self,
        project: ProjectId,
        memberships: &[NewMembership],
    ) -> Result<Vec<Outcome>, Error> {
        let teams: Vec<_> = memberships.iter().map(|new| new.team).collect();
        let users: Vec<_> = memberships.iter().map(|new| new.user).collect();
        let selected: Vec<_> = memberships.iter().map(|new| new.is_selected).collect();
        let times: Vec<_> = memberships.iter().map(|new| new.created_at).collect();
        let rows = sqlx::query!(
            r#"WITH incoming AS MATERIALIZED (
                SELECT i.*, t.team_id IS NOT NULL AND u.user_id IS NOT NULL AS fits
                FROM unnest($2::uuid[], $3::uuid[], $4::boolean[], $5::bigint[])
                    WITH ORDINALITY AS i (team_id, user_id, is_selected, created_at, n)
                LEFT JOIN teams t ON t.project_id = $1 AND t.team_id = i.team_id
                LEFT JOIN users u ON u.project_id = $1 AND u.user_id = i.user_id
            ), made AS (
                INSERT INTO memberships (project_id, team_id, user_id, created_at_millis)
                SELECT $1, i.team_id, i.user_id, COALESCE(i.created_at, now_millis())
                FROM incoming i
                WHERE i.fits
                ORDER BY i.n
                ON CONFLICT (project_id, team_id, user_id) DO NOTHING
                RETURNING team_id, user_id
            ), selected AS (
                UPDATE users u SET selected_team_id = m.team_id
                FROM made m JOIN incoming i USING (team_id, user_id)
                WHERE i.is_selected AND u.project_id = $1 AND u.user_id = m.user_id AND u.selected_team_id IS NULL
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'team.member_imported', user_id FROM made
            )
            SELECT m.user_id IS NOT NULL AS "made!", i.fits AS "fits!"
            FROM incoming i LEFT JOIN made m USING (team_id, user_id)
            ORDER BY i.n"#,
            project.uuid(),
            &teams,
            &users,
            &selected,
            &times as &[Option<i64>],
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Outcome::of(row.made, row.fits))
            .collect())
    }

    /// Grants nothing to a user from whom any permission was revoked here.
    pub async fn look_at_grants(
        &self,
        project: ProjectId,
        grants: &[NewGrant],
    ) -> Result<Vec<Standing>, Error> {
        let teams: Vec<_> = grants.iter().map(|new| new.team).collect();
        let users: Vec<_> = grants.iter().map(|new| new.user).collect();
        let permissions: Vec<_> = grants.iter().map(|new| new.permission.clone()).collect();
        let rows = sqlx::query!(
            r#"SELECT
                EXISTS (
                    SELECT FROM team_permission_grants g
                    WHERE g.project_id = $1 AND g.team_id = i.team_id AND g.user_id = i.user_id
                        AND g.permission_id = i.permission_id
                ) AS "here!",
                EXISTS (
                    SELECT FROM audit_events e
                    WHERE e.project_id = $1 AND e.subject_id IN (i.user_id, i.team_id) AND (
                        e.action IN ('user.deleted', 'team.deleted', 'permission.taken_back')
                        OR e.action = 'team.member_removed'
                    )
                ) AS "removed!"
            FROM unnest($2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY AS i (team_id, user_id, permission_id, n)
            ORDER BY i.n"#,
            project.uuid(),
            &teams,
            &users,
            &permissions,
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| standing(row.here, row.removed))
            .collect())
    }

    pub async fn import_grants(
        &self,
        project: ProjectId,
        grants: &[NewGrant],
    ) -> Result<Vec<Outcome>, Error> {
        let teams: Vec<_> = grants.iter().map(|new| new.team).collect();
        let users: Vec<_> = grants.iter().map(|new| new.user).collect();
        let permissions: Vec<_> = grants.iter().map(|new| new.permission.clone()).collect();
        let rows = sqlx::query!(
            r#"WITH incoming AS MATERIALIZED (
                SELECT i.*, m.user_id IS NOT NULL AS fits
                FROM unnest($2::uuid[], $3::uuid[], $4::text[])
                    WITH ORDINALITY AS i (team_id, user_id, permission_id, n)
                LEFT JOIN memberships m ON m.project_id = $1 AND m.team_id = i.team_id AND m.user_id = i.user_id
            ), made AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1, i.team_id, i.user_id, i.permission_id
                FROM incoming i
                WHERE i.fits
                ORDER BY i.n
                ON CONFLICT (project_id, team_id, user_id, permission_id) DO NOTHING
                RETURNING team_id, user_id, permission_id
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'permission.imported', user_id FROM made
            )
            SELECT m.user_id IS NOT NULL AS "made!", i.fits AS "fits!"
            FROM incoming i LEFT JOIN made m USING (team_id, user_id, permission_id)
            ORDER BY i.n"#,
            project.uuid(),
            &teams,
            &users,
            &permissions,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Outcome::of(row.made, row.fits))
            .collect())
    }
}
