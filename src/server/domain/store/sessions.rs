//! `sessions`.

use latchkey_model::{
    expiry::Millis,
    id::{ProjectId, UserId},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::Store;
use crate::{
    auth::Caller,
    domain::{
        Error,
        accounts::{Project, ProjectSettings, TeamName, Viewer},
        secret::Digest,
    },
};

/// A session about to begin, and what ends with its beginning.
pub(in crate::domain) struct NewSession<'a> {
    pub id: Uuid,
    pub token_digest: Digest,
    pub lifetime_millis: Millis,
    /// The session this browser has had so far.
    pub former: Option<&'a Caller>,
    /// Attempts that have turned out to be good.
    pub refund: &'a [Digest],
}

impl NewSession<'_> {
    pub(super) fn former(&self) -> (Option<Uuid>, Option<&[u8]>) {
        self.former
            .map(|caller| (caller.project.uuid(), caller.token_digest.as_bytes()))
            .unzip()
    }
}

impl Store {
    /// The password is compared again, in clear of any change made while it was being hashed.
    /// Attempts are locked in the order in which `count_attempt` locks them: no deadlock.
    pub(in crate::domain) async fn sign_in(
        &self,
        project: ProjectId,
        user: UserId,
        password_hash: &str,
        session: &NewSession<'_>,
    ) -> Result<(), Error> {
        let (former_project, former_digest) = session.former();
        let refund: Vec<Vec<u8>> = session
            .refund
            .iter()
            .map(|d| d.as_bytes().to_vec())
            .collect();
        let written = sqlx::query!(
            "WITH verified AS (
                SELECT project_id, user_id FROM users
                WHERE project_id = $1 AND user_id = $2 AND password_hash = $3
            ), former AS (
                DELETE FROM sessions WHERE project_id = $7 AND token_digest = $8 AND EXISTS (SELECT FROM verified)
            ), counted AS (
                SELECT project_id, subject_digest FROM sign_in_attempts
                WHERE project_id = $1 AND subject_digest = ANY($9::bytea[]) AND EXISTS (SELECT FROM verified)
                ORDER BY subject_digest
                FOR UPDATE
            ), refund AS (
                UPDATE sign_in_attempts a SET attempts = GREATEST(a.attempts - 1, 0)
                FROM counted c
                WHERE a.project_id = c.project_id AND a.subject_digest = c.subject_digest
            ), session AS (
                INSERT INTO sessions (project_id, user_id, session_id, token_digest, expires_at_millis)
                SELECT project_id, user_id, $4, $5, now_millis() + $6 FROM verified
                RETURNING project_id, user_id, session_id
            )
            INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
            SELECT project_id, user_id, 'session.started', session_id FROM session",
            project.uuid(),
            user.uuid(),
            password_hash,
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            former_project,
            former_digest,
            &refund,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        if written == 0 {
            Err(Error::WrongCredentials)
        } else {
            Ok(())
        }
    }

    pub(in crate::domain) async fn sign_out(&self, caller: &Caller) -> Result<(), Error> {
        sqlx::query!(
            "WITH ended AS (
                DELETE FROM sessions WHERE project_id = $1 AND token_digest = $2
                RETURNING project_id, user_id, session_id
            )
            INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
            SELECT project_id, user_id, 'session.ended', session_id FROM ended",
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(in crate::domain) async fn viewer(&self, caller: &Caller) -> Result<Option<Viewer>, Error> {
        let row = sqlx::query!(
            r#"SELECT u.user_id, u.display_name, u.primary_email,
                p.display_name AS project_name, p.allow_user_api_keys, p.allow_team_api_keys, p.sign_up_enabled,
                p.credential_enabled, p.client_team_creation_enabled, p.client_user_deletion_enabled,
                COALESCE((
                    SELECT jsonb_agg(
                        jsonb_build_object('team_id', t.team_id, 'display_name', t.display_name)
                        ORDER BY t.created_at_millis, t.team_id
                    )
                    FROM memberships m JOIN teams t USING (project_id, team_id)
                    WHERE m.project_id = u.project_id AND m.user_id = u.user_id
                ), '[]') AS "teams!: Json<Vec<TeamName>>"
            FROM users u JOIN projects p USING (project_id)
            WHERE u.project_id = $1 AND u.user_id = session_user_id($1, $2)"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Viewer {
            user_id: UserId::new(row.user_id),
            display_name: row.display_name,
            email: row.primary_email,
            project: Project {
                id: caller.project,
                display_name: row.project_name,
                settings: ProjectSettings {
                    allow_user_api_keys: row.allow_user_api_keys,
                    allow_team_api_keys: row.allow_team_api_keys,
                    sign_up_enabled: row.sign_up_enabled,
                    credential_enabled: row.credential_enabled,
                    client_team_creation_enabled: row.client_team_creation_enabled,
                    client_user_deletion_enabled: row.client_user_deletion_enabled,
                },
            },
            teams: row.teams.0,
        }))
    }

    pub(in crate::domain) async fn delete_ended(&self, window_millis: Millis) -> Result<(), Error> {
        sqlx::query!(
            "WITH attempts AS (
                DELETE FROM sign_in_attempts WHERE window_started_at_millis <= now_millis() - $1::bigint
            )
            DELETE FROM sessions WHERE expires_at_millis <= now_millis()",
            window_millis,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
