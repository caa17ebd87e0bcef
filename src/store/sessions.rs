//! `sessions`.

use latchkey_model::{
    expiry::Millis,
    id::{ProjectId, SessionId, TeamId, UserId},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::Error;
use crate::{
    attempts::Counted,
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    caller::Caller,
    caller::UserRef,
    digest::Digest,
    project::Project,
    session::{Session, SessionOrigin},
    user::User,
    viewer::{TEAMS_SHOWN, TeamName, Viewer},
};

/// A session to create, with the session that it replaces.
pub struct NewSession<'a> {
    pub id: Uuid,
    pub token_digest: Digest,
    pub lifetime_millis: Millis,
    /// Whether the token is a cookie of the pages rather than a refresh token.
    pub is_browser: bool,
    /// The browser's previous session.
    pub former: Option<&'a Caller>,
    pub origin: SessionOrigin,
}

impl NewSession<'_> {
    pub(super) fn former(&self) -> (Option<Uuid>, Option<&[u8]>) {
        self.former
            .and_then(|caller| Some((caller.project.uuid(), caller.digest()?)))
            .unzip()
    }
}

impl Store {
    /// Compares the hash again, because the password may have changed since it was verified. `None`
    /// if the user can no longer sign in with this password.
    pub async fn sign_in(
        &self,
        project: ProjectId,
        user: UserId,
        password_hash: &str,
        rehashed: Option<&str>,
        session: &NewSession<'_>,
        counted: &Counted,
    ) -> Result<Option<User>, Error> {
        let (former_project, former_digest) = session.former();
        let row = sqlx::query!(
            r#"WITH verified AS (
                UPDATE users AS u SET
                    last_active_at_millis = GREATEST(u.last_active_at_millis, now_millis()),
                    password_hash = COALESCE($10, u.password_hash)
                WHERE u.project_id = $1 AND u.user_id = $2 AND u.password_hash = $3 AND u.primary_email_auth_enabled
                RETURNING u.project_id, u.user_id, u.credential_version, u AS body
            ), former AS (
                DELETE FROM sessions
                WHERE project_id = $7 AND token_digest = $8 AND is_browser AND EXISTS (SELECT FROM verified)
            ), session AS (
                INSERT INTO sessions (
                    project_id, user_id, session_id, token_digest, expires_at_millis, is_browser, credential_version,
                    user_agent, address
                )
                SELECT project_id, user_id, $4, $5, now_millis() + $6, $9, credential_version, $14, $15 FROM verified
                RETURNING project_id, user_id, session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, user_id, 'session.started', session_id FROM session
            )
            SELECT user_body(body) AS "body!: Json<User>",
                settle_attempt(project_id, user_id, $11, $12, $13) AS "settled!"
            FROM verified"#,
            project.uuid(),
            user.uuid(),
            password_hash,
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            former_project,
            former_digest,
            session.is_browser,
            rehashed,
            &counted.subjects,
            counted.browser(),
            counted.address(),
            session.origin.user_agent,
            session.origin.address,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.body.0))
    }

    /// Ends the caller's session and returns whether it existed.
    pub async fn sign_out(&self, caller: &Caller) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM caller_gate($1)
            ), ended AS (
                DELETE FROM sessions s USING a
                WHERE a.denial IS NULL AND s.project_id = $1.project_id AND s.session_id = a.session_id
                RETURNING s.user_id, s.session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, user_id, 'session.ended', session_id FROM ended
            )
            SELECT denial AS "denial: Denial", EXISTS (SELECT FROM ended) AS "ended!" FROM a"#, CallerParameter::from(caller) as _,
        )
        .fetch_one(self.write(caller))
        .await?;
        if row.denial == Some(Denial::SignedOut) {
            return Ok(false);
        }
        authorize(row.denial)?;
        Ok(row.ended)
    }

    /// Reads no more teams than are shown: the first, and the one that is `open`.
    pub async fn viewer(
        &self,
        caller: &Caller,
        open: Option<TeamId>,
    ) -> Result<Option<Viewer>, Error> {
        let row = sqlx::query!(
            r#"SELECT u.user_id, a.session_id AS "session_id!", u.display_name, u.primary_email, u.is_project_admin,
                project_body(p) AS "project!: Json<Project>",
                COALESCE((
                    SELECT jsonb_agg(
                        jsonb_build_object('team_id', t.team_id, 'display_name', t.display_name)
                        ORDER BY m.created_at_millis, m.team_id
                    )
                    FROM (
                        (
                            SELECT f.team_id, f.created_at_millis FROM memberships f
                            WHERE f.project_id = u.project_id AND f.user_id = u.user_id
                            ORDER BY f.created_at_millis, f.team_id LIMIT $2
                        )
                        UNION
                        SELECT o.team_id, o.created_at_millis FROM memberships o
                        WHERE o.project_id = u.project_id AND o.team_id = $3 AND o.user_id = u.user_id
                    ) m
                    JOIN teams t ON t.project_id = u.project_id AND t.team_id = m.team_id
                ), '[]') AS "teams!: Json<Vec<TeamName>>",
                EXISTS (
                    SELECT FROM memberships b
                    WHERE b.project_id = u.project_id AND b.user_id = u.user_id
                    OFFSET $2
                ) AS "has_more_teams!",
                l.denial IS NOT NULL AS "is_locked!"
            FROM restore_gate() l CROSS JOIN caller_gate($1) a
            JOIN users u ON a.denial IS NULL AND u.project_id = $1.project_id AND u.user_id = a.user_id
            JOIN projects p USING (project_id)"#, CallerParameter::from(caller) as _,
            TEAMS_SHOWN,
            open.map(TeamId::uuid),
        )
        .fetch_optional(self.read(caller))
        .await?;
        Ok(row.map(|row| Viewer {
            user_id: UserId::new(row.user_id),
            session_id: SessionId::new(row.session_id),
            display_name: row.display_name,
            email: row.primary_email,
            is_project_admin: row.is_project_admin,
            project: row.project.0,
            teams: row.teams.0,
            is_locked: row.is_locked,
            has_more_teams: row.has_more_teams,
        }))
    }

    /// Verifies the caller's credentials.
    pub async fn authenticate(&self, caller: &Caller) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"SELECT denial AS "denial: Denial" FROM caller_gate($1)"#,
            CallerParameter::from(caller) as _
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)
    }

    /// Creates a session for a user on behalf of a server. `None` if there is no such user.
    pub async fn start_session(
        &self,
        caller: &Caller,
        user: UserId,
        is_impersonation: bool,
        session: &NewSession<'_>,
    ) -> Result<Option<User>, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM caller_gate($1)
            ), started AS (
                INSERT INTO sessions (
                    project_id, user_id, session_id, token_digest, expires_at_millis, is_impersonation, is_browser,
                    credential_version
                )
                SELECT $1.project_id, u.user_id, $3, $4, now_millis() + $5, $6, $7, u.credential_version
                FROM a JOIN users u ON a.denial IS NULL AND a.is_privileged AND u.project_id = $1.project_id AND u.user_id = $2
                RETURNING user_id, session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.user_id, 'session.started', started.session_id FROM started, a
            )
            SELECT a.denial AS "denial: Denial", user_body(u) AS "body: Json<User>"
            FROM a LEFT JOIN started ON true
            LEFT JOIN users u ON u.project_id = $1.project_id AND u.user_id = started.user_id"#, CallerParameter::from(caller) as _,
            user.uuid(),
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            is_impersonation,
            session.is_browser,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Updates the last activity of the refresh token's session and its user. `None` if the session
    /// has ended.
    pub async fn refresh(
        &self,
        caller: &Caller,
        token: Digest,
    ) -> Result<Option<(SessionId, User)>, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM caller_gate($1)
            ), seen AS (
                UPDATE sessions s SET last_used_at_millis = GREATEST(s.last_used_at_millis, now_millis())
                FROM a, users u
                WHERE a.denial IS NULL AND s.project_id = $1.project_id AND s.token_digest = $2 AND NOT s.is_browser
                    AND NOT is_expired(s.expires_at_millis)
                    AND u.project_id = s.project_id AND u.user_id = s.user_id
                    AND u.credential_version = s.credential_version
                RETURNING s.session_id, s.user_id
            ), active AS (
                UPDATE users AS u SET last_active_at_millis = GREATEST(u.last_active_at_millis, now_millis())
                FROM seen
                WHERE u.project_id = $1.project_id AND u.user_id = seen.user_id
                RETURNING u AS body
            )
            SELECT a.denial AS "denial: Denial", seen.session_id AS "session_id?", user_body(active.body) AS "body: Json<User>"
            FROM a LEFT JOIN seen ON true LEFT JOIN active ON true"#, CallerParameter::from(caller) as _,
            token.as_bytes(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        let user = row.body.map(|body| body.0);
        Ok(row.session_id.map(SessionId::new).zip(user))
    }

    /// Returns the next sessions of a user after this one, newest first and at most `most`.
    pub async fn sessions_after(
        &self,
        caller: &Caller,
        who: UserRef,
        after: Option<(Millis, SessionId)>,
        most: u32,
    ) -> Result<Vec<Session>, Error> {
        let (created_at, session) = after.unzip();
        let rows = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", g.actor_session_id AS current,
                s.session_id AS "session_id?", s.user_id AS "user_id?", s.is_impersonation AS "is_impersonation?",
                s.is_browser AS "is_browser?", s.user_agent, s.address,
                s.created_at_millis AS "created_at_millis?", s.last_used_at_millis AS "last_used_at_millis?"
            FROM user_gate($1, $2) g
            LEFT JOIN (sessions s JOIN users u USING (project_id, user_id, credential_version))
                ON g.denial IS NULL AND s.project_id = $1.project_id
                AND s.user_id = g.subject_user_id AND NOT is_expired(s.expires_at_millis)
                AND ($3::bigint IS NULL OR (s.created_at_millis, s.session_id) < ($3, $4::uuid))
            ORDER BY s.created_at_millis DESC, s.session_id DESC
            LIMIT $5"#, CallerParameter::from(caller) as _,
            who.id().map(UserId::uuid),
            created_at,
            session.map(SessionId::uuid),
            i64::from(most),
        )
        .fetch_all(self.read(caller))
        .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let id = row.session_id?;
                Some(Session {
                    id: SessionId::new(id),
                    user: UserId::new(row.user_id?),
                    is_current: row.current == Some(id),
                    is_impersonation: row.is_impersonation?,
                    is_browser: row.is_browser?,
                    origin: SessionOrigin {
                        user_agent: row.user_agent,
                        address: row.address,
                    },
                    created_at: row.created_at_millis?,
                    last_used_at: row.last_used_at_millis?,
                })
            })
            .collect())
    }

    /// Returns whether the session existed.
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM caller_gate($1)
            ), ended AS (
                DELETE FROM sessions s USING a
                WHERE a.denial IS NULL AND s.project_id = $1.project_id AND s.session_id = $2
                    AND (a.is_privileged OR s.user_id = a.user_id)
                RETURNING s.session_id, s.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.user_id, 'session.ended', ended.session_id FROM ended, a
            )
            SELECT denial AS "denial: Denial", EXISTS (SELECT FROM ended) AS "ended!" FROM a"#,
            CallerParameter::from(caller) as _,
            session.uuid(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.ended)
    }

    /// Ends all sessions of the caller's user but the caller's own, and returns how many they were.
    pub async fn end_other_sessions(&self, caller: &Caller) -> Result<i64, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM user_gate($1, NULL)
            ), ended AS (
                DELETE FROM sessions s USING a
                WHERE a.denial IS NULL AND s.project_id = $1.project_id AND s.user_id = a.subject_user_id
                    AND s.session_id IS DISTINCT FROM a.actor_session_id
                RETURNING s.session_id, s.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, user_id, 'session.ended', session_id FROM ended
            )
            SELECT denial AS "denial: Denial", (SELECT count(*) FROM ended) AS "ended!" FROM a"#,
            CallerParameter::from(caller) as _,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.ended)
    }

    pub async fn purge_expired(&self) -> Result<(), Error> {
        sqlx::query!(
            "WITH attempts AS (
                DELETE FROM sign_in_attempts WHERE is_expired(ends_at_millis)
            ), resets AS (
                DELETE FROM password_resets WHERE is_expired(expires_at_millis)
            )
            DELETE FROM sessions WHERE is_expired(expires_at_millis)",
        )
        .execute(&self.background)
        .await?;
        Ok(())
    }
}
