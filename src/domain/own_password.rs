//! Users' own change of their password.

use latchkey_model::{
    account::{self, Email},
    caller::{Caller, UserRef},
};
use latchkey_store::{Attempt, Counted};

use super::{Denied, Domain, Error, Field, Invalid, Switch};
use crate::source::{SIGN_IN, Source};

/// What the user enters, and from where.
pub struct PasswordChange {
    /// The current password; not looked at where the user has none yet.
    pub current: String,
    pub new: String,
    pub source: Source,
    /// As in [`Credentials::browser`](crate::accounts::Credentials::browser).
    pub browser: Option<String>,
}

impl Domain {
    /// Changes the password of the caller's user, or sets their first one. All other sessions of the user end. A wrong current
    /// password counts as a failure to sign in, so that a session that is left open is of no use for guessing it.
    ///
    /// # Errors
    /// [`Error::Invalid`] of [`Field::CurrentPassword`] or [`Field::Password`]; [`Error::TooManyAttempts`]; [`Error::Busy`];
    /// [`Denied::SwitchedOff`] if the project or the user does not sign in with passwords.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        change: PasswordChange,
    ) -> Result<(), Error> {
        let user = self.user(caller, UserRef::Me).await?;
        account::check_new_password(&change.new)
            .map_err(|why| Error::invalid(Field::Password, why))?;
        let no_passwords = || Error::from(Denied::SwitchedOff(Switch::Passwords));
        // Without an address that they sign in by, a password would be of no use.
        let email = user
            .primary_email
            .filter(|_| user.primary_email_auth_enabled || !user.has_password)
            .and_then(|email| Email::parse(&email).ok())
            .ok_or_else(no_passwords)?;
        let project = caller.project();
        let place = self.password_place(project, change.source, email.as_str())?;
        if !user.has_password {
            let allows_passwords = self
                .project(project)
                .await?
                .is_some_and(|project| project.settings.credential_enabled);
            if !allows_passwords {
                return Err(no_passwords());
            }
            let hash = place.hash(change.new).await?;
            return self.replace_password(caller, None, &hash, None).await;
        }
        let kept = change.browser.as_deref();
        let attempt = Attempt {
            email: Some(&email),
            browser: self.master_key.recognize_browser(project, &email, kept),
            address: self.attempts_of(change.source, SIGN_IN, project),
            former_addresses: self.former_sign_ins_of(change.source, project),
            nobody: self.attempts_of_nobody(project, email.as_str()),
        };
        let admitted = self
            .store
            .admit_sign_in(project, &attempt)
            .await?
            .ok_or_else(no_passwords)?;
        let verified = self
            .verify(project, &place, &change.current, &admitted)
            .await?;
        let Some((_, verified)) = verified.filter(|(id, _)| *id == user.id) else {
            return Err(wrong());
        };
        let hash = match place.hash(change.new).await {
            Ok(hash) => hash,
            Err(busy) => {
                self.refund(project, &admitted.counted).await?;
                return Err(busy.into());
            }
        };
        let counted = Some(&admitted.counted);
        self.replace_password(caller, Some(&verified), &hash, counted)
            .await
    }

    async fn replace_password(
        &self,
        caller: &Caller,
        verified: Option<&str>,
        hash: &str,
        counted: Option<&Counted>,
    ) -> Result<(), Error> {
        let is_changed = self
            .store
            .change_own_password(caller, verified, hash, counted)
            .await?;
        // It was changed meanwhile, so what was entered is no longer the current one.
        if is_changed { Ok(()) } else { Err(wrong()) }
    }
}

fn wrong() -> Error {
    Error::invalid(Field::CurrentPassword, Invalid::WrongPassword)
}
