//! `users`.

use latchkey_model::id::{ProjectId, UserId};

use super::{NewSession, Store};
use crate::{
    auth::Caller,
    domain::{Error, Field, Invalid},
};

const EMAIL_UNIQUE: &str = "users_primary_email_unique";

/// The unique violation that a new account can meet, named where it happens.
fn email_taken(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .and_then(|error| error.constraint())
    {
        Some(EMAIL_UNIQUE) => Error::invalid(Field::Email, Invalid::Taken),
        _ => error.into(),
    }
}

impl Store {
    pub(in crate::domain) async fn create_user(
        &self,
        project: ProjectId,
        user: UserId,
        email: &str,
        password_hash: &str,
        name: Option<&str>,
    ) -> Result<(), Error> {
        let written = sqlx::query!(
            "WITH made AS (
                INSERT INTO users (project_id, user_id, primary_email, password_hash, display_name)
                SELECT project_id, $2, $3, $4, $5 FROM projects WHERE project_id = $1
                RETURNING project_id, user_id
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, 'user.created', user_id FROM made",
            project.uuid(),
            user.uuid(),
            email,
            password_hash,
            name,
        )
        .execute(&self.pool)
        .await
        .map_err(email_taken)?
        .rows_affected();
        if written == 0 {
            Err(Error::NotFound)
        } else {
            Ok(())
        }
    }

    pub(in crate::domain) async fn sign_up(
        &self,
        project: ProjectId,
        user: UserId,
        email: &str,
        password_hash: &str,
        session: &NewSession<'_>,
    ) -> Result<(), Error> {
        let (former_project, former_digest) = session.former();
        let written = sqlx::query!(
            "WITH made AS (
                INSERT INTO users (project_id, user_id, primary_email, password_hash)
                SELECT project_id, $2, $3, $4 FROM projects
                WHERE project_id = $1 AND sign_up_enabled AND credential_enabled
                RETURNING project_id, user_id
            ), former AS (
                DELETE FROM sessions WHERE project_id = $8 AND token_digest = $9 AND EXISTS (SELECT FROM made)
            ), session AS (
                INSERT INTO sessions (project_id, user_id, session_id, token_digest, expires_at_millis)
                SELECT project_id, user_id, $5, $6, now_millis() + $7 FROM made
            )
            INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
            SELECT project_id, user_id, 'user.signed_up', user_id FROM made",
            project.uuid(),
            user.uuid(),
            email,
            password_hash,
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            former_project,
            former_digest,
        )
        .execute(&self.pool)
        .await
        .map_err(email_taken)?
        .rows_affected();
        if written == 0 {
            Err(Error::SwitchedOff)
        } else {
            Ok(())
        }
    }

    pub(in crate::domain) async fn rename_user(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<(), Error> {
        let written = sqlx::query!(
            "WITH changed AS (
                UPDATE users SET display_name = $3
                WHERE project_id = $1 AND user_id = session_user_id($1, $2)
                RETURNING project_id, user_id
            )
            INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
            SELECT project_id, user_id, 'user.renamed', user_id FROM changed",
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            name,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        if written == 0 {
            Err(Error::SignedOut)
        } else {
            Ok(())
        }
    }
}
