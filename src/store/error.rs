//! What an operation answers instead of its result.

use latchkey_model::{
    account::InvalidPassword,
    id::{TeamId, UserId},
    line::InvalidLine,
    owner::OwnerKind,
};

/// The input that is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Field {
    #[error("description")]
    Description,
    #[error("expiry")]
    Expires,
    /// Of a user, a team or a project.
    #[error("display name")]
    DisplayName,
    #[error("e-mail address")]
    Email,
    #[error("password")]
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

/// What a project's settings can forbid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Switch {
    #[error("signing up")]
    SignUp,
    #[error("signing in with a password")]
    Passwords,
    #[error("creating teams")]
    TeamCreation,
    #[error("deleting one's own account")]
    UserDeletion,
}

/// Why what a program shows of itself is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The access token has ended, or its session has.
    #[error("the access token has expired")]
    TokenExpired,
    /// There is no such project.
    #[error("there is no such project")]
    ProjectUnknown,
    /// The project wants a publishable client key from its clients.
    #[error("a publishable client key is needed")]
    ClientKeyMissing,
    /// It is not the project's.
    #[error("the publishable client key is wrong")]
    ClientKeyWrong,
    /// Servers show a secret server key.
    #[error("a secret server key is needed")]
    ServerKeyMissing,
    /// It is not the project's.
    #[error("the secret server key is wrong")]
    ServerKeyWrong,
    /// Administrators show a super secret admin key, or a token of a project admin's.
    #[error("a super secret admin key is needed")]
    AdminKeyMissing,
    /// It is not the project's.
    #[error("the super secret admin key is wrong")]
    AdminKeyWrong,
}

/// Why an operation failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no session, or it has ended.
    #[error("not signed in")]
    SignedOut,
    /// What a program shows of itself is not enough.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The caller means itself, but there is no user.
    #[error("there is no user to ask for")]
    NoOwnUser,
    /// Only a user can ask for this.
    #[error("a signed-in user is needed")]
    UserRequired,
    /// It belongs to another user.
    #[error("it belongs to another user")]
    NotOwn,
    /// There is no such user in the project.
    #[error("user not found")]
    UserNotFound,
    /// There is no such team in the project.
    #[error("team not found")]
    TeamNotFound,
    /// It does not exist, or it is not the caller's: the two look the same.
    #[error("not found")]
    NotFound,
    /// The project has switched keys of this kind off.
    #[error("{}s' API keys are not enabled for this project", .0.as_str())]
    KeysOff(OwnerKind),
    /// The project does not allow this.
    #[error("{0} is not enabled for this project")]
    SwitchedOff(Switch),
    /// Something typed cannot be accepted.
    #[error("{field}: {why}")]
    Invalid {
        /// Where.
        field: Field,
        /// What.
        why: Invalid,
    },
    /// Only somebody with this permission in the team can ask for this.
    #[error("the permission {permission} is needed in the team")]
    PermissionRequired {
        /// Who asks.
        user: UserId,
        /// Where.
        team: TeamId,
        /// What they lack.
        permission: &'static str,
    },
    /// The user is not in the team.
    #[error("the user is not in the team")]
    MembershipNotFound {
        /// Who.
        user: UserId,
        /// Where.
        team: TeamId,
    },
    /// The user is in the team already.
    #[error("the user is in the team already")]
    AlreadyMember,
    /// The project has no such permission.
    #[error("there is no such permission")]
    PermissionNotFound,
    /// The user was not granted this permission directly.
    #[error("the user does not hold the permission directly")]
    PermissionNotHeld,
    /// The project has a permission of this name.
    #[error("there is a permission of this name already")]
    PermissionExists,
    /// There is no such session, or it has ended.
    #[error("the session has ended")]
    SessionNotFound,
    /// A user can create teams only for themselves.
    #[error("a user can create teams only for themselves")]
    NotCreator,
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
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The database cannot be reached, or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn invalid(field: Field, why: impl Into<Invalid>) -> Self {
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
