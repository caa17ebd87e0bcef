//! Sessions of applications: refresh tokens and access tokens.

use latchkey_model::{
    caller::{Caller, UserRef},
    digest::Digest,
    expiry::Millis,
    id::{SessionId, UserId},
    session::Session,
    session_lifetime::SessionLifetime,
    user::User,
};
use latchkey_store::NewSession;

use super::{Domain, Error, Subject, secret::SessionToken};

/// The most sessions on the page of them.
pub const SESSIONS_SHOWN: u32 = 100;

/// The sessions of a user.
pub struct OwnSessions {
    pub sessions: Vec<Session>,
    /// The database's time.
    pub now: Millis,
}

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
            is_browser: false,
            ..self.new_session(&token, lifetime)
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

    /// Returns the sessions of the caller's user, newest first, at most [`SESSIONS_SHOWN`] and one more if there are more.
    pub async fn own_sessions(&self, caller: &Caller) -> Result<OwnSessions, Error> {
        let most = SESSIONS_SHOWN + 1;
        let sessions = self.store.sessions_after(caller, UserRef::Me, None, most);
        Ok(OwnSessions {
            sessions: sessions.await?,
            now: self.database_now().await?,
        })
    }

    /// Ends all sessions of the caller's user but the caller's own, and returns how many they were.
    pub async fn end_other_sessions(&self, caller: &Caller) -> Result<i64, Error> {
        Ok(self.store.end_other_sessions(caller).await?)
    }
}
