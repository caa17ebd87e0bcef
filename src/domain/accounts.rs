//! Accounts: sign-up, sign-in, sign-out, and display names.

use latchkey_model::viewer::Viewer;
use latchkey_store::{Admission, Attempt, Counted, NewSession, SignInAttempt};

use latchkey_model::{
    account::{self, DisplayName, Email, MAX_PASSWORD},
    id::{ProjectId, SessionId, TeamId, UserId},
    session_lifetime::SessionLifetime,
};

use super::{
    Denied, Domain, Error, Field, Invalid, Subject, Switch, Unauthenticated, secret::SessionToken,
};
use crate::{
    auth::{PasswordPlace, Passwords, StoredPassword},
    source::{SIGN_IN, Source},
};
use latchkey_model::{
    caller::{Caller, UserRef},
    digest::Digest,
    patch::Patch,
    session::SessionOrigin,
    user::{User, UserChange},
};

/// The credentials for signing up or in.
pub struct Credentials {
    pub email: String,
    pub password: String,
    pub source: Source,
    /// What the browser keeps to be recognized, as in [`SignedIn::browser`].
    pub browser: Option<String>,
    /// The browser's previous session, which ends.
    pub former: Option<Caller>,
    /// The browser's `User-Agent` header.
    pub user_agent: Option<String>,
    pub lifetime: SessionLifetime,
}

/// A user who has just signed up or in.
pub struct SignedIn {
    /// The session's token, for the browser or the application.
    pub token: SessionToken,
    pub session: SessionId,
    pub user: User,
    /// What the browser keeps, so that the failures of others do not lock this account out there.
    pub browser: String,
}

impl Domain {
    /// Returns the signed-in user; `None` where the session has ended.
    pub async fn viewer(&self, caller: &Caller) -> Result<Option<Viewer>, Error> {
        self.viewer_of_team(caller, None).await
    }

    /// The same, and among the user's teams the one whose page is open.
    pub async fn viewer_of_team(
        &self,
        caller: &Caller,
        open: Option<TeamId>,
    ) -> Result<Option<Viewer>, Error> {
        let viewer = self.store.viewer(caller, open).await?;
        // While the database is locked, nothing is written.
        if let Some(viewer) = viewer.as_ref().filter(|viewer| !viewer.is_locked) {
            self.session_uses
                .record(caller.project(), viewer.session_id);
        }
        Ok(viewer)
    }

    /// Creates an account and signs the user in.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::TooManyAttempts`]; [`Error::Busy`]; [`Denied::SwitchedOff`].
    pub async fn sign_up(
        &self,
        project: ProjectId,
        credentials: Credentials,
    ) -> Result<SignedIn, Error> {
        let email = Email::parse(&credentials.email)
            .map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
        account::check_new_password(&credentials.password)
            .map_err(|why| Error::invalid(Field::Password, why))?;
        let source = credentials.source;
        // A place comes first: whoever finds none has not been counted.
        let place = self.password_place(project, source, email.as_str())?;
        let address = self.attempts_of(source, "sign-up", project);
        let attempt = self
            .store
            .admit_sign_up(project, address.as_ref())
            .await?
            .ok_or(Error::NotFound(Subject::Project))?;
        if !attempt.credential_enabled {
            return Err(Denied::SwitchedOff(Switch::Passwords).into());
        }
        if !attempt.sign_up_enabled {
            return Err(Denied::SwitchedOff(Switch::SignUp).into());
        }
        if !attempt.is_admitted {
            return Err(Error::TooManyAttempts(attempt.retry_after_seconds()));
        }
        let hash = match (place.hash(credentials.password).await, &address) {
            (Err(busy), Some(address)) => {
                self.store.refund_sign_up(project, address).await?;
                return Err(busy.into());
            }
            (hash, _) => hash?,
        };
        let user = UserId::new(self.id());
        let token = SessionToken::generate();
        let former = credentials.former.as_ref();
        let session = NewSession {
            former,
            origin: source.origin(credentials.user_agent),
            ..self.new_session(&token, credentials.lifetime)
        };
        let known_at = self.attempts_of(source, SIGN_IN, project);
        let user = self
            .store
            .sign_up(project, user, &email, &hash, &session, known_at.as_ref())
            .await?
            .ok_or(Denied::SwitchedOff(Switch::SignUp))?;
        let kept = credentials.browser.as_deref();
        Ok(SignedIn {
            token,
            session: SessionId::new(session.id),
            user,
            browser: self.master_key.remember_browser(project, &email, kept),
        })
    }

    /// Signs in. Whatever is wrong, the error and the work are the same: with the password, with the
    /// account, or that the account is locked for those whom it does not know.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`]; [`Error::TooManyAttempts`] for the address; [`Error::Busy`];
    /// [`Denied::SwitchedOff`].
    pub async fn sign_in(
        &self,
        project: ProjectId,
        credentials: Credentials,
    ) -> Result<SignedIn, Error> {
        // An invalid address has no account, but its attempts are counted too.
        let email = Email::parse(&credentials.email).ok();
        let text = email.as_ref().map_or("", Email::as_str);
        let kept = credentials.browser.as_deref();
        // A place comes first: whoever finds none has not been counted.
        let place = self.password_place(project, credentials.source, text)?;
        let attempt = Attempt {
            email: email.as_ref(),
            browser: email
                .as_ref()
                .and_then(|email| self.master_key.recognize_browser(project, email, kept)),
            address: self.attempts_of(credentials.source, SIGN_IN, project),
            former_addresses: self.former_sign_ins_of(credentials.source, project),
            nobody: self.attempts_of_nobody(project, text),
        };
        let admitted = self
            .store
            .admit_sign_in(project, &attempt)
            .await?
            .ok_or(Error::NotFound(Subject::Project))?;
        let verified = self
            .verify(project, &place, &credentials.password, &admitted)
            .await?;
        let (Some((user, hash)), Some(email)) = (verified, &email) else {
            return Err(Error::WrongCredentials);
        };
        let token = SessionToken::generate();
        let former = credentials.former.as_ref();
        let session = NewSession {
            former,
            origin: credentials.source.origin(credentials.user_agent),
            ..self.new_session(&token, credentials.lifetime)
        };
        let rehashed = rehash(&place, &hash, credentials.password).await;
        let (rehashed, counted) = (rehashed.as_deref(), &admitted.counted);
        let user = self
            .store
            .sign_in(project, user, &hash, rehashed, &session, counted)
            .await?
            .ok_or(Error::WrongCredentials)?;
        Ok(SignedIn {
            token,
            session: SessionId::new(session.id),
            user,
            browser: self.master_key.remember_browser(project, email, kept),
        })
    }

    /// Returns the user and the hash, if the password is right and may be tried.
    pub(crate) async fn verify(
        &self,
        project: ProjectId,
        place: &PasswordPlace,
        password: &str,
        attempt: &SignInAttempt,
    ) -> Result<Option<(UserId, String)>, Error> {
        let may_try = match attempt.admission {
            None => return Err(Denied::SwitchedOff(Switch::Passwords).into()),
            Some(Admission::Refused) => {
                return Err(Error::TooManyAttempts(attempt.retry_after_seconds()));
            }
            Some(Admission::Locked) => false,
            Some(Admission::KnownBrowser | Admission::KnownAddress | Admission::Unknown) => true,
        };
        // Longer than any stored password, so hashing it is pointless.
        let is_plausible = password.chars().count() <= MAX_PASSWORD;
        let password = if is_plausible { password } else { "" };
        let account = attempt.user.clone().filter(|_| may_try && is_plausible);
        let stored = StoredPassword {
            hash: account.as_ref().map(|(_, hash)| hash.clone()),
            bcrypt_cost: attempt.bcrypt_cost,
        };
        match place.verify(password.to_owned(), stored).await {
            Ok(is_right) => Ok(account.filter(|_| is_right)),
            Err(busy) => {
                self.refund(project, &attempt.counted).await?;
                Err(busy.into())
            }
        }
    }

    pub(crate) async fn refund(&self, project: ProjectId, counted: &Counted) -> Result<(), Error> {
        Ok(self.store.refund_attempt(project, counted).await?)
    }

    /// Ends the caller's session, if there is one.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Error> {
        self.store.sign_out(caller).await?;
        Ok(())
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it has already ended.
    pub async fn end_own_session(&self, caller: &Caller) -> Result<(), Error> {
        let ended = self.store.sign_out(caller).await.map_err(Error::from);
        match ended {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::NotFound(Subject::Session)),
            // A token for it would be refused, because its session has ended.
            Err(Error::Denied(Denied::Unauthenticated(Unauthenticated::TokenExpired))) => {
                let now = self.database_now().await?;
                Err(match caller.token() {
                    Some(token) if token.ends_at > now => Error::NotFound(Subject::Session),
                    _ => Denied::Unauthenticated(Unauthenticated::TokenExpired).into(),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Renames the caller's user.
    pub async fn rename_user(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        let name =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        let change = UserChange {
            display_name: Patch::Set(name),
            ..UserChange::default()
        };
        self.change_user(caller, UserRef::Me, change).await?;
        Ok(())
    }

    pub(crate) fn new_session(
        &self,
        token: &SessionToken,
        lifetime: SessionLifetime,
    ) -> NewSession<'static> {
        NewSession {
            id: self.id(),
            token_digest: token.digest(),
            lifetime_millis: lifetime.millis(),
            is_browser: matches!(lifetime, SessionLifetime::Browser),
            former: None,
            origin: SessionOrigin::default(),
        }
    }

    /// A place in the queue for hashing.
    pub(crate) fn password_place(
        &self,
        project: ProjectId,
        source: Source,
        email: &str,
    ) -> Result<PasswordPlace, Error> {
        let project = project.to_string();
        let lane = self.lane_of(source, &project);
        let account = self.master_key.digest(&["account", &project, email]);
        Ok(self.passwords.enter(lane, account)?)
    }

    /// The counter that stands in for an account that does not exist: one of 256, so that tries of
    /// random accounts do not fill the table.
    pub(crate) fn attempts_of_nobody(&self, project: ProjectId, email: &str) -> Digest {
        let project = project.to_string();
        let account = self.master_key.digest(&["account", &project, email]);
        let number = account.as_bytes().first().copied().unwrap_or_default();
        self.master_key
            .digest(&["nobody", &project, &number.to_string()])
    }
}

/// Replaces an imported hash by one of our own, now that the password is known. If there is no turn
/// for it, the next sign-in does it.
async fn rehash(place: &PasswordPlace, hash: &str, password: String) -> Option<String> {
    if Passwords::is_ours(hash) {
        return None;
    }
    place.hash(password).await.ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use latchkey_store::{ConnectOptions, Connections, PoolSettings};

    use super::*;
    use crate::{clock::Clock, secret::MasterKey};

    #[tokio::test]
    async fn accounts_that_do_not_exist_share_256_counters_of_their_project() {
        let options = ConnectOptions::new_without_pgpass();
        let connections = Connections::new(options, &PoolSettings::default());
        let domain = Domain::new(connections, MasterKey::new("test"), Clock::System);
        let counters = |project| -> HashSet<Digest> {
            let emails = (0..10_000).map(|n| format!("random{n}@example.com"));
            emails
                .map(|email| domain.attempts_of_nobody(project, &email))
                .collect()
        };
        let [first, second] = [(); 2].map(|()| counters(ProjectId::new(domain.id())));
        assert_eq!((first.len(), second.len()), (256, 256));
        assert!(first.is_disjoint(&second));
    }
}
