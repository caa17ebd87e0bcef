//! What can stand in the way of a wish, in words that a page or an API can translate.

use latchkey_model::{account::InvalidPassword, line::InvalidLine, owner::OwnerKind};

use crate::auth::PasswordBusy;

/// Which part of a form is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What a key is for.
    Description,
    /// When a key ends.
    Expires,
    /// A person's, a team's or a project's name.
    DisplayName,
    /// An e-mail address.
    Email,
    /// A password.
    Password,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A line of text.
    #[error("{0}")]
    Line(#[from] InvalidLine),
    /// A new password.
    #[error("{0}")]
    Password(#[from] InvalidPassword),
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Not an instant, or not one of the choices.
    #[error("not a valid time")]
    Expiry,
    /// The key would have ended before it began.
    #[error("in the past")]
    InThePast,
    /// Somebody has it already.
    #[error("already taken")]
    Taken,
}

/// Why a wish was not granted. Nothing was changed, except where it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no session, or it has ended.
    #[error("not signed in")]
    SignedOut,
    /// It does not exist, or it is not the caller's: the two look the same.
    #[error("not found")]
    NotFound,
    /// The project has switched keys of this kind off.
    #[error("{}s' API keys are not enabled for this project", .0.as_str())]
    KeysOff(OwnerKind),
    /// The project does not allow this.
    #[error("not enabled for this project")]
    SwitchedOff,
    /// Something typed cannot be accepted.
    #[error("{field:?}: {why}")]
    Invalid {
        /// Where.
        field: Field,
        /// What.
        why: Invalid,
    },
    /// The address or the password is wrong; which of them is nobody's business.
    #[error("wrong e-mail or password")]
    WrongCredentials,
    /// Too many tries; the next one counts after so many seconds.
    #[error("too many attempts, wait {0} seconds")]
    TooManyAttempts(i64),
    /// This very form made a key before; its secret went out with the first answer.
    #[error("this request has already created a key")]
    AlreadyCreated,
    /// Too much at once; a moment later it will work.
    #[error("{0}")]
    Busy(#[from] PasswordBusy),
    /// The database cannot be reached, or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn invalid(field: Field, why: impl Into<Invalid>) -> Self {
        Self::Invalid {
            field,
            why: why.into(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let away = match &error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => true,
            // Class 08: connection; 53: resources; 57: intervention by an operator, time-outs
            // included; 25006: a standby; 40: rolled back; 55P03: a lock not to be had in time.
            E::Database(database) => database.code().is_some_and(|code| {
                ["08", "53", "57", "40"]
                    .iter()
                    .any(|class| code.starts_with(class))
                    || code == "25006"
                    || code == "55P03"
            }),
            _ => false,
        };
        if away {
            Self::Unavailable(error)
        } else {
            Self::Internal(Box::new(error))
        }
    }
}
