//! `password_resets`.

use latchkey_model::{
    account::Email,
    digest::Digest,
    expiry::Millis,
    id::{ProjectId, UserId},
};

use crate::{error::Error, pool::Store};

/// A link that was created.
pub struct NewPasswordReset {
    pub user: UserId,
    pub expires_at: Millis,
}

impl Store {
    /// Creates a link for a user, who is given by id or by sign-in address. An earlier link of the user stops working.
    /// Returns `None` if no such user has a sign-in address.
    pub async fn create_password_reset(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        email: Option<&Email>,
        token: &Digest,
        lifetime_millis: Millis,
    ) -> Result<Option<NewPasswordReset>, Error> {
        let row = sqlx::query!(
            r#"WITH made AS (
                INSERT INTO password_resets AS r (project_id, user_id, token_digest, expires_at_millis, credential_version)
                SELECT u.project_id, u.user_id, $4, now_millis() + $5, u.credential_version FROM users u
                WHERE u.project_id = $1 AND u.primary_email IS NOT NULL AND u.primary_email_auth_enabled
                    AND (u.user_id = $2 OR u.primary_email = $3)
                ON CONFLICT (project_id, user_id) DO UPDATE SET
                    token_digest = excluded.token_digest,
                    expires_at_millis = excluded.expires_at_millis,
                    credential_version = excluded.credential_version
                RETURNING r.project_id, r.user_id, r.expires_at_millis
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT project_id, 'user.password_reset_created', user_id FROM made
            )
            SELECT user_id, expires_at_millis FROM made"#,
            project.uuid(),
            user.map(UserId::uuid),
            email.map(Email::as_str),
            token.as_bytes(),
            lifetime_millis,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| NewPasswordReset {
            user: UserId::new(row.user_id),
            expires_at: row.expires_at_millis,
        }))
    }

    /// Returns the sign-in address of the user whose link has this token; `None` if it does not count any longer.
    pub async fn password_reset(
        &self,
        project: ProjectId,
        token: &Digest,
    ) -> Result<Option<String>, Error> {
        let found = sqlx::query_scalar!(
            r#"SELECT u.primary_email AS "primary_email!"
            FROM password_resets r JOIN users u USING (project_id, user_id, credential_version)
            WHERE r.project_id = $1 AND r.token_digest = $2 AND NOT is_expired(r.expires_at_millis)
                AND u.primary_email IS NOT NULL AND u.primary_email_auth_enabled"#,
            project.uuid(),
            token.as_bytes(),
        )
        .fetch_optional(self.pool.read())
        .await?;
        Ok(found)
    }

    /// Uses up the link with this token: replaces the user's password, and ends all their sessions and the failures that
    /// were counted. Returns whether the link still counted.
    pub async fn reset_password(
        &self,
        project: ProjectId,
        token: &Digest,
        hash: &str,
    ) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH used AS (
                DELETE FROM password_resets r
                WHERE r.project_id = $1 AND r.token_digest = $2 AND NOT is_expired(r.expires_at_millis)
                RETURNING r.user_id, r.credential_version
            ), changed AS (
                UPDATE users AS u SET password_hash = $3, credential_version = u.credential_version + 1
                FROM used
                WHERE u.project_id = $1 AND u.user_id = used.user_id
                    AND u.credential_version = used.credential_version
                    AND u.primary_email IS NOT NULL AND u.primary_email_auth_enabled
                RETURNING u.user_id
            ), ended AS (
                DELETE FROM sessions s USING changed WHERE s.project_id = $1 AND s.user_id = changed.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, user_id, 'user.password_reset', user_id FROM changed
            )
            SELECT end_sign_in_lock($1, user_id) AS "forgiven!" FROM changed"#,
            project.uuid(),
            token.as_bytes(),
            hash,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }
}
