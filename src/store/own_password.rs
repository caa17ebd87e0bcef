//! Users' own change of their password.

use latchkey_model::caller::Caller;

use crate::{
    attempts::Counted,
    caller::CallerParameter,
    error::{Denial, Error, authorize},
    pool::Store,
};

impl Store {
    /// Replaces the password of the caller's user, if its hash is still `verified`; `None` where the user has none. Ends
    /// all sessions of the user except the caller's own, as [`Self::change_user`] does, and gives back what was counted for
    /// the attempt. Returns whether it was replaced.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        verified: Option<&str>,
        hash: &str,
        counted: Option<&Counted>,
    ) -> Result<bool, Error> {
        let subjects = counted.map(|counted| counted.subjects.clone());
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM user_gate($1, NULL)
            ), changed AS (
                UPDATE users AS u SET
                    password_hash = $3,
                    primary_email_auth_enabled = true,
                    credential_version = u.credential_version + 1
                FROM a
                WHERE a.denial IS NULL AND u.project_id = $1.project_id AND u.user_id = a.subject_user_id
                    AND u.password_hash IS NOT DISTINCT FROM $2
                RETURNING u.user_id, u.credential_version
            ), kept AS (
                UPDATE sessions s SET credential_version = changed.credential_version
                FROM changed, a
                WHERE s.project_id = $1.project_id AND s.user_id = changed.user_id AND s.session_id = a.actor_session_id
            ), ended AS (
                DELETE FROM sessions s USING changed, a
                WHERE s.project_id = $1.project_id AND s.user_id = changed.user_id
                    AND s.session_id IS DISTINCT FROM a.actor_session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, user_id, 'user.password_changed', user_id FROM changed
            )
            SELECT a.denial AS "denial: Denial", c.user_id IS NOT NULL AS "is_changed!",
                CASE WHEN c.user_id IS NOT NULL AND $4::bytea[] IS NOT NULL
                    THEN settle_attempt($1.project_id, c.user_id, $4, $5, $6) END AS settled,
                CASE WHEN c.user_id IS NOT NULL THEN end_sign_in_lock($1.project_id, c.user_id) END AS forgiven
            FROM a LEFT JOIN changed c ON true"#,
            CallerParameter::from(caller) as _,
            verified,
            hash,
            subjects.as_deref(),
            counted.and_then(Counted::browser),
            counted.and_then(Counted::address),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.is_changed)
    }
}
