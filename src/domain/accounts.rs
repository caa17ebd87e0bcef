//! Accounts: sign-up, sign-in, sign-out, and display names.

use latchkey_model::viewer::Viewer;
use latchkey_store::{Admission, NewSession};
use std::net::IpAddr;

use latchkey_model::{
    account::{self, DisplayName, Email, MAX_PASSWORD},
    id::{ProjectId, SessionId, TeamId, UserId},
    session_lifetime::SessionLifetime,
};

use super::{
    Denied, Domain, Error, Field, Invalid, Subject, Switch, Unauthenticated, secret::SessionToken,
};
use crate::auth::Passwords;
use latchkey_model::{
    caller::{Caller, UserRef},
    digest::Digest,
    patch::Patch,
    user::{User, UserChange},
};

/// Failed attempts in a window.
const TRIES_PER_ACCOUNT: i32 = 10;
/// Failed attempts in a window: many people may share one address.
const TRIES_PER_ADDRESS: i32 = 50;
/// New accounts in a window.
const SIGN_UPS_PER_ADDRESS: i32 = 100;

fn admit(admission: &Admission) -> Result<(), Error> {
    match admission.retry_after_seconds() {
        Some(seconds) => Err(Error::TooManyAttempts(seconds)),
        None => Ok(()),
    }
}

/// The credentials for signing up or in.
pub struct Credentials {
    pub email: String,
    pub password: String,
    pub address: IpAddr,
    /// The browser's previous session, which ends.
    pub former: Option<Caller>,
    pub lifetime: SessionLifetime,
}

/// A user who has just signed up or in.
pub struct SignedIn {
    /// The session's token, for the browser or the application.
    pub token: SessionToken,
    pub session: SessionId,
    pub user: User,
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
        Ok(self.store.viewer(caller, open).await?)
    }

    /// Creates an account and signs the user in.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::TooManyAttempts`]; [`Denied::SwitchedOff`].
    pub async fn sign_up(
        &self,
        project: ProjectId,
        credentials: Credentials,
    ) -> Result<SignedIn, Error> {
        let email = Email::parse(&credentials.email)
            .map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
        account::check_new_password(&credentials.password)
            .map_err(|why| Error::invalid(Field::Password, why))?;
        let address = self.address_digest("sign-up", project, credentials.address);
        let admission = self
            .store
            .count_attempt(project, Some(&email), &[(address, SIGN_UPS_PER_ADDRESS)])
            .await?
            .ok_or(Error::NotFound(Subject::Project))?;
        if !admission.credential_enabled {
            return Err(Denied::SwitchedOff(Switch::Passwords).into());
        }
        if !admission.sign_up_enabled {
            return Err(Denied::SwitchedOff(Switch::SignUp).into());
        }
        admit(&admission)?;
        let hash = self.passwords.hash(credentials.password).await?;
        let user = UserId::new(self.id());
        let token = SessionToken::generate();
        let session = self.new_session(
            &token,
            credentials.former.as_ref(),
            credentials.lifetime,
            &[],
        );
        let user = self
            .store
            .sign_up(project, user, &email, &hash, &session)
            .await?
            .ok_or(Denied::SwitchedOff(Switch::SignUp))?;
        Ok(SignedIn {
            token,
            session: SessionId::new(session.id),
            user,
        })
    }

    /// Signs in. An unknown account takes as long as a wrong password and fails with the same
    /// error.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`]; [`Error::TooManyAttempts`]; [`Denied::SwitchedOff`].
    pub async fn sign_in(
        &self,
        project: ProjectId,
        credentials: Credentials,
    ) -> Result<SignedIn, Error> {
        // An invalid address has no account, but its attempts are counted too.
        let email = Email::parse(&credentials.email).ok();
        let text = email.as_ref().map_or("", Email::as_str);
        let account = self
            .master_key
            .digest(&["account", &project.to_string(), text]);
        let address = self.address_digest("sign-in", project, credentials.address);
        let admission = self
            .store
            .count_attempt(
                project,
                email.as_ref(),
                &[(account, TRIES_PER_ACCOUNT), (address, TRIES_PER_ADDRESS)],
            )
            .await?
            .ok_or(Error::NotFound(Subject::Project))?;
        admit(&admission)?;
        if !admission.credential_enabled {
            return Err(Denied::SwitchedOff(Switch::Passwords).into());
        }
        // Longer than any stored password, so hashing it is pointless.
        let plausible = credentials.password.chars().count() <= MAX_PASSWORD;
        let password = if plausible {
            credentials.password
        } else {
            String::new()
        };
        let (user, hash) = admission.user.unzip();
        let right = self
            .passwords
            .verify(password.clone(), hash.clone())
            .await?;
        let (true, true, Some(user), Some(hash)) = (right, plausible, user, hash) else {
            return Err(Error::WrongCredentials);
        };
        let token = SessionToken::generate();
        let counted = [account, address];
        let session = self.new_session(
            &token,
            credentials.former.as_ref(),
            credentials.lifetime,
            &counted,
        );
        let rehashed = self.rehash(&hash, password).await?;
        let user = self
            .store
            .sign_in(project, user, &hash, rehashed.as_deref(), &session)
            .await?
            .ok_or(Error::WrongCredentials)?;
        Ok(SignedIn {
            token,
            session: SessionId::new(session.id),
            user,
        })
    }

    /// Replaces an imported hash by one of our own, now that the password is known.
    async fn rehash(&self, hash: &str, password: String) -> Result<Option<String>, Error> {
        if Passwords::is_ours(hash) {
            return Ok(None);
        }
        Ok(Some(self.passwords.hash(password).await?))
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

    fn address_digest(&self, what: &str, project: ProjectId, address: IpAddr) -> Digest {
        // A customer of an internet provider has a whole /64 of IPv6 addresses (RFC 6177).
        let network = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
        };
        self.master_key
            .digest(&[what, &project.to_string(), &network])
    }

    fn new_session<'a>(
        &self,
        token: &SessionToken,
        former: Option<&'a Caller>,
        lifetime: SessionLifetime,
        refund: &'a [Digest],
    ) -> NewSession<'a> {
        NewSession {
            id: self.id(),
            token_digest: token.digest(),
            lifetime_millis: lifetime.millis(),
            former,
            refund,
        }
    }
}
