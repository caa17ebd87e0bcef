//! A new password for somebody who has forgotten the old one, by a link that works once.

use latchkey_model::{
    account,
    digest::Digest,
    expiry::Millis,
    id::{ProjectId, UserId},
};

use super::{
    Domain, Error, Field, Subject, operator::NamedUser, secret::ResetToken, source::Source,
};

/// One hour.
const LIFETIME_MILLIS: Millis = 60 * 60 * 1000;

/// A link that was created. Its token is shown only this once.
pub struct PasswordReset {
    pub token: ResetToken,
    pub user: UserId,
    pub expires_at: Millis,
}

impl Domain {
    /// Creates the token of a link by which a user chooses a new password within an hour. An earlier one no longer works.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such user with a sign-in address; [`Error::Invalid`].
    pub async fn create_password_reset(
        &self,
        project: ProjectId,
        user: &NamedUser,
    ) -> Result<PasswordReset, Error> {
        let (id, email) = user.parse()?;
        let token = ResetToken::generate();
        let made = self
            .store
            .create_password_reset(
                project,
                id,
                email.as_ref(),
                &token.digest(),
                LIFETIME_MILLIS,
            )
            .await?
            .ok_or(Error::NotFound(Subject::User))?;
        Ok(PasswordReset {
            token,
            user: made.user,
            expires_at: made.expires_at,
        })
    }

    /// Returns the sign-in address of the user whom a link is for.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the link was used, has expired, or was replaced, also by a change of the password.
    pub async fn password_reset(&self, project: ProjectId, token: &str) -> Result<String, Error> {
        self.store
            .password_reset(project, &Digest::of(token))
            .await?
            .ok_or(Error::NotFound(Subject::PasswordReset))
    }

    /// Sets the password of the user whom a link is for. The link is used up, and all sessions of the user end.
    ///
    /// # Errors
    /// As [`Self::password_reset`]; [`Error::Invalid`]; [`Error::Busy`].
    pub async fn reset_password(
        &self,
        project: ProjectId,
        token: &str,
        password: String,
        source: Source,
    ) -> Result<(), Error> {
        account::check_new_password(&password)
            .map_err(|why| Error::invalid(Field::Password, why))?;
        // Whoever has no link causes no work.
        let email = self.password_reset(project, token).await?;
        let hash = self
            .password_place(project, source, &email)?
            .hash(password)
            .await?;
        let is_reset = self
            .store
            .reset_password(project, &Digest::of(token), &hash)
            .await?;
        Subject::PasswordReset.check_found(is_reset)
    }
}
