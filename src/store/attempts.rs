//! `sign_in_attempts`. The limits are in `admit_sign_in`, in the migrations.

use latchkey_model::{
    account::Email,
    digest::Digest,
    expiry::Millis,
    id::{ProjectId, UserId},
};

use crate::{error::Error, pool::Store};

/// Sign-ups from one address in a window.
const SIGN_UPS: i32 = 100;
/// 15 minutes: how long an address that is refused has to wait at most.
const WINDOW_MILLIS: Millis = 15 * 60 * 1000;

/// The database's enum `admission`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "admission", rename_all = "snake_case")]
pub enum Admission {
    KnownBrowser,
    KnownAddress,
    Unknown,
    Locked,
    Refused,
}

/// Who tries to sign in, as digests.
pub struct Attempt<'a> {
    pub email: Option<&'a Email>,
    /// The browser, if the account has signed in there before.
    pub browser: Option<Digest>,
    /// `None` where a server asks.
    pub address: Option<Digest>,
    /// The same address with former secrets, for whether the account is known there.
    pub former_addresses: Vec<Digest>,
    /// The counter that stands in for an account that does not exist.
    pub nobody: Digest,
}

/// What was counted for an attempt.
pub struct Counted {
    pub browser: Option<Digest>,
    pub address: Option<Digest>,
    pub(crate) subjects: Vec<Vec<u8>>,
}

impl Counted {
    pub(crate) fn browser(&self) -> Option<&[u8]> {
        self.browser.as_ref().map(Digest::as_bytes)
    }

    pub(crate) fn address(&self) -> Option<&[u8]> {
        self.address.as_ref().map(Digest::as_bytes)
    }
}

/// An attempt to sign in that was counted.
pub struct SignInAttempt {
    /// `None` if the project does not allow passwords; then nothing was counted.
    pub admission: Option<Admission>,
    pub counted: Counted,
    wait_millis: Millis,
    /// The account with this e-mail address and its password hash, if it has a password.
    pub user: Option<(UserId, String)>,
    /// The highest cost of the project's bcrypt hashes.
    pub bcrypt_cost: Option<u32>,
}

/// An attempt to sign up that was counted.
pub struct SignUpAttempt {
    pub sign_up_enabled: bool,
    pub credential_enabled: bool,
    /// Whether the address may sign up.
    pub is_admitted: bool,
    wait_millis: Millis,
}

impl SignInAttempt {
    /// Seconds that a refused address has to wait.
    pub const fn retry_after_seconds(&self) -> i64 {
        seconds(self.wait_millis)
    }
}

impl SignUpAttempt {
    /// Seconds that a refused address has to wait.
    pub const fn retry_after_seconds(&self) -> i64 {
        seconds(self.wait_millis)
    }
}

const fn seconds(millis: Millis) -> i64 {
    if millis < 1000 {
        1
    } else {
        (millis + 999) / 1000
    }
}

impl Store {
    /// Decides about an attempt to sign in and counts it. `None` if there is no such project.
    pub async fn admit_sign_in(
        &self,
        project: ProjectId,
        attempt: &Attempt<'_>,
    ) -> Result<Option<SignInAttempt>, Error> {
        let former: Vec<_> = attempt
            .former_addresses
            .iter()
            .map(|address| address.as_bytes().to_vec())
            .collect();
        let row = sqlx::query!(
            r#"SELECT
                a.admission AS "admission?: Admission", a.counted AS "counted?: Vec<Vec<u8>>",
                (
                    SELECT w.ends_at_millis - now_millis() FROM sign_in_attempts w
                    WHERE w.project_id = p.project_id AND w.subject_digest = $4
                ) AS wait_millis,
                u.user_id AS "user_id?", u.password_hash,
                (
                    SELECT substr(b.password_hash, 5, 2)::integer FROM users b
                    WHERE b.project_id = p.project_id AND left(b.password_hash, 2) = '$2'
                    ORDER BY substr(b.password_hash, 5, 2) DESC LIMIT 1
                ) AS bcrypt_cost
            FROM projects p
            LEFT JOIN users u ON u.project_id = p.project_id AND u.primary_email = $2
                AND u.password_hash IS NOT NULL AND u.primary_email_auth_enabled
            LEFT JOIN LATERAL admit_sign_in(
                CASE WHEN p.credential_enabled THEN p.project_id END, u.user_id, $5, $3, $4, $6
            ) a ON true
            WHERE p.project_id = $1"#,
            project.uuid(),
            attempt.email.map(Email::as_str),
            attempt.browser.as_ref().map(Digest::as_bytes),
            attempt.address.as_ref().map(Digest::as_bytes),
            attempt.nobody.as_bytes(),
            &former,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| SignInAttempt {
            admission: row.admission,
            counted: Counted {
                browser: attempt.browser,
                address: attempt.address,
                subjects: row.counted.unwrap_or_default(),
            },
            wait_millis: row.wait_millis.unwrap_or(WINDOW_MILLIS),
            user: row.user_id.map(UserId::new).zip(row.password_hash),
            bcrypt_cost: row.bcrypt_cost.and_then(|cost| u32::try_from(cost).ok()),
        }))
    }

    /// Decides about an attempt to sign up and counts it. Without an address nothing is counted.
    /// `None` if there is no such project.
    pub async fn admit_sign_up(
        &self,
        project: ProjectId,
        address: Option<&Digest>,
    ) -> Result<Option<SignUpAttempt>, Error> {
        let row = sqlx::query!(
            r#"SELECT p.sign_up_enabled, p.credential_enabled,
                CASE WHEN $2::bytea IS NOT NULL AND p.sign_up_enabled AND p.credential_enabled
                    THEN count_attempt(p.project_id, $2, $3, $4) ELSE true END AS "is_admitted!",
                (
                    SELECT w.ends_at_millis - now_millis() FROM sign_in_attempts w
                    WHERE w.project_id = p.project_id AND w.subject_digest = $2
                ) AS wait_millis
            FROM projects p WHERE p.project_id = $1"#,
            project.uuid(),
            address.map(Digest::as_bytes),
            SIGN_UPS,
            WINDOW_MILLIS,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| SignUpAttempt {
            sign_up_enabled: row.sign_up_enabled,
            credential_enabled: row.credential_enabled,
            is_admitted: row.is_admitted,
            wait_millis: row.wait_millis.unwrap_or(WINDOW_MILLIS),
        }))
    }

    /// Gives back what was counted for an attempt whose password was not looked at.
    pub async fn refund_attempt(&self, project: ProjectId, counted: &Counted) -> Result<(), Error> {
        sqlx::query!(
            "SELECT refund_attempt($1, $2)::text",
            project.uuid(),
            &counted.subjects,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives back what was counted for a sign-up that was not decided.
    pub async fn refund_sign_up(&self, project: ProjectId, address: &Digest) -> Result<(), Error> {
        let counted = Counted {
            browser: None,
            address: Some(*address),
            subjects: vec![address.as_bytes().to_vec()],
        };
        self.refund_attempt(project, &counted).await
    }
}
