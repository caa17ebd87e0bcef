//! `teams`, `memberships` and `team_permission_grants`.

use latchkey_model::{id::TeamId, permission};
use sqlx::types::Json;

use super::Store;
use crate::{
    auth::Caller,
    domain::{
        Error,
        teams::{MEMBERS_SHOWN, Member, Team},
    },
};

impl Store {
    pub(in crate::domain) async fn team(
        &self,
        caller: &Caller,
        team: TeamId,
    ) -> Result<Option<Team>, Error> {
        let row = sqlx::query!(
            r#"SELECT t.display_name, held.permissions AS "permissions!",
                CASE WHEN $4 = ANY(held.permissions) THEN
                    (SELECT count(*) FROM memberships c WHERE c.project_id = $1 AND c.team_id = $3)
                ELSE 0 END AS "member_count!",
                CASE WHEN $4 = ANY(held.permissions) THEN COALESCE((
                    SELECT jsonb_agg(jsonb_build_object(
                        'user_id', u.user_id, 'display_name', u.display_name, 'email', u.primary_email,
                        'permissions', COALESCE((
                            SELECT jsonb_agg(g.permission_id ORDER BY g.permission_id)
                            FROM team_permission_grants g
                            WHERE g.project_id = $1 AND g.team_id = $3 AND g.user_id = u.user_id
                        ), '[]')
                    ) ORDER BY m.created_at_millis, m.user_id)
                    FROM (
                        SELECT * FROM memberships
                        WHERE project_id = $1 AND team_id = $3
                        ORDER BY created_at_millis, user_id LIMIT $5
                    ) m
                    JOIN users u USING (project_id, user_id)
                ), '[]') ELSE '[]' END AS "members!: Json<Vec<Member>>"
            FROM memberships mine
            JOIN teams t USING (project_id, team_id)
            CROSS JOIN LATERAL (
                SELECT ARRAY(SELECT team_permissions($1, $3, mine.user_id) ORDER BY 1) AS permissions
            ) held
            WHERE mine.project_id = $1 AND mine.team_id = $3 AND mine.user_id = session_user_id($1, $2)"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            team.uuid(),
            permission::READ_MEMBERS,
            MEMBERS_SHOWN,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Team {
            id: team,
            display_name: row.display_name,
            permissions: row.permissions,
            members: row.members.0,
            member_count: row.member_count,
        }))
    }

    pub(in crate::domain) async fn create_team(
        &self,
        caller: &Caller,
        team: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"WITH actor AS (
                SELECT p.project_id, session_user_id($1, $2) AS user_id, p.client_team_creation_enabled AS allowed
                FROM projects p WHERE p.project_id = $1
            ), founder AS (
                SELECT project_id, user_id FROM actor WHERE user_id IS NOT NULL AND allowed
            ), team AS (
                INSERT INTO teams (project_id, team_id, display_name)
                SELECT project_id, $3, $4 FROM founder
            ), membership AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT project_id, $3, user_id FROM founder
            ), role AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT project_id, $3, user_id, $5 FROM founder
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, user_id, 'team.created', $3 FROM founder
            )
            SELECT user_id IS NOT NULL AS "signed_in!", allowed AS "allowed!" FROM actor"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            team.uuid(),
            name,
            permission::TEAM_ADMIN,
        )
        .fetch_optional(&self.pool)
        .await?;
        match row {
            Some(row) if row.signed_in && row.allowed => Ok(()),
            Some(row) if row.signed_in => Err(Error::SwitchedOff),
            _ => Err(Error::SignedOut),
        }
    }

    pub(in crate::domain) async fn rename_team(
        &self,
        caller: &Caller,
        team: TeamId,
        name: &str,
    ) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"WITH actor AS (
                SELECT session_user_id($1, $2) AS user_id
            ), changed AS (
                UPDATE teams SET display_name = $4
                FROM actor
                WHERE project_id = $1 AND team_id = $3
                    AND $5 IN (SELECT team_permissions($1, $3, actor.user_id))
                RETURNING project_id, team_id, actor.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, user_id, 'team.renamed', team_id FROM changed
            )
            SELECT user_id IS NOT NULL AS "signed_in!", EXISTS (SELECT FROM changed) AS "changed!" FROM actor"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            team.uuid(),
            name,
            permission::UPDATE_TEAM,
        )
        .fetch_one(&self.pool)
        .await?;
        match (row.signed_in, row.changed) {
            (false, _) => Err(Error::SignedOut),
            (true, false) => Err(Error::NotFound),
            (true, true) => Ok(()),
        }
    }
}
