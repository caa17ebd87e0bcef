//! Sessions of applications: refresh tokens and access tokens.

use latchkey_model::{
    caller::Caller,
    digest::Digest,
    id::{SessionId, UserId},
    session_lifetime::SessionLifetime,
    user::User,
};
use latchkey_store::NewSession;

use super::{Domain, Error, Subject, secret::SessionToken};

/// A session that a server has created.
pub struct StartedSession {
    /// The session's refresh token, for the application.
    pub token: SessionToken,
    pub session: SessionId,
    pub user: User,
}

impl Domain {
    /// Verifies the caller's credentials.
    pub async fn authenticate(&self, caller: &Caller) -> Result<(), Error> {
        Ok(self.store.authenticate(caller).await?)
    }

    /// Returns the session and the user of a refresh token.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn refresh(&self, caller: &Caller, token: &str) -> Result<(SessionId, User), Error> {
        self.store
            .refresh(caller, Digest::of(token))
            .await?
            .ok_or(Error::NotFound(Subject::Session))
    }

    /// Creates a session for a user. For servers.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn start_session(
        &self,
        caller: &Caller,
        user: UserId,
        lifetime: SessionLifetime,
        is_impersonation: bool,
    ) -> Result<StartedSession, Error> {
        let token = SessionToken::generate();
        let session = NewSession {
            id: self.id(),
            token_digest: token.digest(),
            lifetime_millis: lifetime.millis(),
            is_browser: false,
            former: None,
        };
        let user = self
            .store
            .start_session(caller, user, is_impersonation, &session)
            .await?
            .ok_or(Error::NotFound(Subject::User))?;
        Ok(StartedSession {
            token,
            session: SessionId::new(session.id),
            user,
        })
    }

    /// Ends a session: one of the caller's own or, for a server, any user's.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        Subject::Session.check_found(self.store.end_session(caller, session).await?)
    }
}
