//! `sign_in_attempts`.

use latchkey_model::{
    account::Email,
    id::{ProjectId, UserId},
};

use crate::error::Error;
use crate::pool::Store;
use latchkey_model::digest::Digest;

/// 15 minutes.
pub const WINDOW_MILLIS: i64 = 15 * 60 * 1000;

/// The result of counting an attempt.
pub struct Admission {
    wait_millis: Option<i64>,
    pub sign_up_enabled: bool,
    pub credential_enabled: bool,
    /// The account with this e-mail address and its password hash, if it has a password.
    pub user: Option<(UserId, String)>,
}

impl Admission {
    /// Seconds to wait, if there were too many attempts.
    pub fn retry_after_seconds(&self) -> Option<i64> {
        self.wait_millis
            .map(|millis| (millis + 999).max(1000) / 1000)
    }
}

impl Store {
    /// Counts the attempt before it reads, so concurrent attempts cannot exceed the maximum.
    /// `subjects` are digests with their maxima. `None` if there is no such project.
    pub async fn count_attempt(
        &self,
        project: ProjectId,
        email: Option<&Email>,
        subjects: &[(Digest, i32)],
    ) -> Result<Option<Admission>, Error> {
        let (digests, most): (Vec<Vec<u8>>, Vec<i32>) = subjects
            .iter()
            .map(|(digest, most)| (digest.as_bytes().to_vec(), *most))
            .unzip();
        let row = sqlx::query!(
            r#"WITH counted AS (
                INSERT INTO sign_in_attempts AS a (project_id, subject_digest, window_started_at_millis, attempts)
                SELECT p.project_id, s.digest, now_millis(), 1
                FROM projects p, unnest($2::bytea[]) AS s (digest)
                WHERE p.project_id = $1
                ORDER BY s.digest
                ON CONFLICT (project_id, subject_digest) DO UPDATE SET
                    attempts = CASE WHEN a.window_started_at_millis <= now_millis() - $4::bigint THEN 1
                        ELSE LEAST(a.attempts, 1000000) + 1 END,
                    window_started_at_millis = CASE WHEN a.window_started_at_millis <= now_millis() - $4::bigint
                        THEN now_millis() ELSE a.window_started_at_millis END
                RETURNING subject_digest, attempts, window_started_at_millis
            )
            SELECT
                (
                    SELECT max(c.window_started_at_millis + $4::bigint - now_millis())
                    FROM counted c
                    JOIN unnest($2::bytea[], $3::integer[]) AS s (digest, most) ON s.digest = c.subject_digest
                    WHERE c.attempts > s.most
                ) AS wait_millis,
                p.sign_up_enabled, p.credential_enabled, u.user_id AS "user_id?", u.password_hash
            FROM projects p
            LEFT JOIN users u ON u.project_id = p.project_id AND u.primary_email = $5
                AND u.password_hash IS NOT NULL AND u.primary_email_auth_enabled
            WHERE p.project_id = $1"#,
            project.uuid(),
            &digests,
            &most,
            WINDOW_MILLIS,
            email.map(Email::as_str),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Admission {
            wait_millis: row.wait_millis,
            sign_up_enabled: row.sign_up_enabled,
            credential_enabled: row.credential_enabled,
            user: row.user_id.map(UserId::new).zip(row.password_hash),
        }))
    }
}
