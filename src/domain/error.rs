//! Errors of operations.

use latchkey_model::{
    account::InvalidPassword,
    id::{TeamId, UserId},
    line::InvalidLine,
    owner::OwnerKind,
};
use latchkey_store::{Constraint, Denial, Violation};

/// A cause, only for the log.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The subject of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Subject {
    #[error("project")]
    Project,
    #[error("user")]
    User,
    #[error("team")]
    Team,
    #[error("membership")]
    Membership { user: UserId, team: TeamId },
    /// A permission defined by the project.
    #[error("permission")]
    Permission,
    /// A permission granted directly to a member.
    #[error("permission grant")]
    PermissionGrant,
    #[error("API key")]
    ApiKey,
    #[error("session")]
    Session,
    /// A link by which a user chooses a new password.
    #[error("link")]
    PasswordReset,
}

impl Subject {
    pub(crate) fn check_found(self, found: bool) -> Result<(), Error> {
        if found {
            Ok(())
        } else {
            Err(Error::NotFound(self))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Field {
    #[error("description")]
    Description,
    #[error("expiry")]
    Expires,
    /// Of a user, a team or a project.
    #[error("display name")]
    DisplayName,
    /// Of a project.
    #[error("limit of API keys")]
    KeyLimit,
    #[error("e-mail address")]
    Email,
    /// A new password.
    #[error("password")]
    Password,
    #[error("current password")]
    CurrentPassword,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A line of text.
    #[error("{0}")]
    Line(#[from] InvalidLine),
    /// A new password.
    #[error("{0}")]
    Password(#[from] InvalidPassword),
    /// Not the user's current password.
    #[error("wrong")]
    WrongPassword,
    #[error("not an e-mail address")]
    Email,
    /// Not an instant, or not one of the choices.
    #[error("not a valid time")]
    Expiry,
    /// The key would already be expired when it is created.
    #[error("in the past")]
    InThePast,
    /// Not a whole number from 0 to this.
    #[error("not a whole number from 0 to {0}")]
    WholeNumber(u32),
    /// Another user signs in with it.
    #[error("already taken")]
    Taken,
}

/// Features that a project's settings can switch off, besides API keys.
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

/// Why the credentials of a program are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// The access token has expired, or its session has ended.
    #[error("the access token has expired")]
    TokenExpired,
    #[error("there is no such project")]
    ProjectUnknown,
    /// The project requires clients to send a publishable client key.
    #[error("a publishable client key is needed")]
    ClientKeyMissing,
    #[error("the publishable client key is wrong")]
    ClientKeyWrong,
    #[error("a secret server key is needed")]
    ServerKeyMissing,
    #[error("the secret server key is wrong")]
    ServerKeyWrong,
    /// Neither a super secret admin key nor the access token of a project administrator.
    #[error("a super secret admin key is needed")]
    AdminKeyMissing,
    #[error("the super secret admin key is wrong")]
    AdminKeyWrong,
}

/// Why an operation is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The browser has no session, or it has ended.
    #[error("not signed in")]
    SignedOut,
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The request refers to the caller's own user, but the caller has none.
    #[error("there is no user to ask for")]
    OwnUserMissing,
    /// The operation needs a user.
    #[error("a signed-in user is needed")]
    UserRequired,
    #[error("it belongs to another user")]
    OtherUser,
    #[error("a user can create teams only for themselves")]
    OtherCreator,
    #[error("the permission {permission} is needed in the team")]
    PermissionRequired {
        user: UserId,
        team: TeamId,
        permission: &'static str,
    },
    /// The project does not allow API keys of this kind.
    #[error("{}s' API keys are not enabled for this project", .0.as_str())]
    KeysOff(OwnerKind),
    #[error("{0} is not enabled for this project")]
    SwitchedOff(Switch),
}

/// Why an operation failed. Nothing was changed, except perhaps where it is [`Self::Unavailable`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the caller may not know that it exists. The two look the same.
    #[error("{0} not found")]
    NotFound(Subject),
    #[error("the {0} exists already")]
    AlreadyExists(Subject),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("{field}: {problem}")]
    Invalid { field: Field, problem: Invalid },
    /// The address or the password is wrong. The error does not reveal which.
    #[error("wrong e-mail or password")]
    WrongCredentials,
    /// Seconds to wait before the next attempt.
    #[error("too many attempts, wait {0} seconds")]
    TooManyAttempts(i64),
    /// The same form has already created a key, whose secret was in the first response.
    #[error("this request has already created a key")]
    AlreadyCreated,
    /// A search took longer than lists may. A narrower one may succeed.
    #[error("the search took too long")]
    SearchTooSlow,
    /// The owner has this many valid keys, and the project lets people create no more.
    #[error("the owner has {0} valid API keys already, as many as the project allows")]
    TooManyKeys(i32),
    /// The owner has reached the limit of keys that people create within 24 hours. Contains the limit.
    #[error(
        "people have created {0} API keys for the owner within 24 hours, as many as the project allows"
    )]
    TooManyKeysCreated(i64),
    /// The user has reached the limit of teams that a user creates. Contains the limit.
    #[error("the user has created {0} teams already, as many as a user may")]
    TooManyTeams(i64),
    /// A retry may succeed.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The database was restored from a backup, and no operator has decided about it yet.
    #[error(
        "the database was restored from a backup and is locked, because what was revoked or removed since the backup is \
         back; decide with “latchkey unlock”"
    )]
    Locked,
    /// The caller has too many requests running; a retry may succeed.
    #[error("too many requests of one caller at once")]
    CallerBusy,
    /// As many long lists are being read as there may be; a retry may succeed.
    #[error("too many long lists at once")]
    TooManyLists,
    /// The database cannot be reached, or does not respond in time. If that was after a change had
    /// been sent, it may have been carried out.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Cause),
    /// A bug in this program.
    #[error("internal error: {0}")]
    Internal(#[source] Cause),
}

impl Error {
    pub fn invalid(field: Field, problem: impl Into<Invalid>) -> Self {
        Self::Invalid {
            field,
            problem: problem.into(),
        }
    }

    pub(crate) fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// Converts the error of a statement about this membership.
    pub(crate) fn of_membership(
        error: latchkey_store::Error,
        user: Option<UserId>,
        team: TeamId,
    ) -> Self {
        let membership = user.map(|user| Subject::Membership { user, team });
        match (error.constraint(), membership) {
            (Some(Constraint::MembershipUnique), Some(membership)) => {
                Self::AlreadyExists(membership)
            }
            (Some(Constraint::GrantMembership | Constraint::SelectedTeam), Some(membership)) => {
                Self::NotFound(membership)
            }
            _ => error.into(),
        }
    }
}

impl From<latchkey_store::Error> for Error {
    fn from(error: latchkey_store::Error) -> Self {
        use latchkey_store::Error as E;
        match error {
            E::Denied(denial) => denial.into(),
            E::PermissionRequired {
                user,
                team,
                permission,
            } => Denied::PermissionRequired {
                user,
                team,
                permission,
            }
            .into(),
            E::Violated(violation) => violation.into(),
            E::SearchTooSlow => Self::SearchTooSlow,
            E::CallerBusy => Self::CallerBusy,
            E::Unavailable(cause) => Self::Unavailable(cause),
            E::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        match violation.constraint() {
            Some(Constraint::EmailUnique) => Self::invalid(Field::Email, Invalid::Taken),
            Some(Constraint::KeyExpiry) => Self::invalid(Field::Expires, Invalid::Expiry),
            Some(
                Constraint::MembershipUser
                | Constraint::SessionUser
                | Constraint::KeyOwnerUser
                | Constraint::TeamCreator,
            ) => Self::NotFound(Subject::User),
            Some(Constraint::MembershipTeam | Constraint::KeyOwnerTeam) => {
                Self::NotFound(Subject::Team)
            }
            Some(Constraint::PermissionUnique) => Self::AlreadyExists(Subject::Permission),
            // `of_membership` adds the user and the team.
            Some(
                Constraint::SelectedTeam
                | Constraint::MembershipUnique
                | Constraint::GrantMembership,
            )
            | None => Self::internal(violation),
        }
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        let denied = match denial {
            Denial::ProjectNotFound => return Self::NotFound(Subject::Project),
            Denial::Locked => return Self::Locked,
            Denial::ApiKeyNotFound => return Self::NotFound(Subject::ApiKey),
            // A statement that needs a permission returns an error that names it.
            Denial::TeamNotFound | Denial::PermissionRequired => {
                return Self::NotFound(Subject::Team);
            }
            Denial::SignedOut => Denied::SignedOut,
            Denial::TokenExpired => Unauthenticated::TokenExpired.into(),
            Denial::ProjectUnknown => Unauthenticated::ProjectUnknown.into(),
            Denial::ClientKeyMissing => Unauthenticated::ClientKeyMissing.into(),
            Denial::ClientKeyWrong => Unauthenticated::ClientKeyWrong.into(),
            Denial::ServerKeyMissing => Unauthenticated::ServerKeyMissing.into(),
            Denial::ServerKeyWrong => Unauthenticated::ServerKeyWrong.into(),
            Denial::AdminKeyMissing => Unauthenticated::AdminKeyMissing.into(),
            Denial::AdminKeyWrong => Unauthenticated::AdminKeyWrong.into(),
            Denial::OwnUserMissing => Denied::OwnUserMissing,
            Denial::UserRequired => Denied::UserRequired,
            Denial::OtherUser => Denied::OtherUser,
            Denial::OtherCreator => Denied::OtherCreator,
            Denial::UserKeysOff => Denied::KeysOff(OwnerKind::User),
            Denial::TeamKeysOff => Denied::KeysOff(OwnerKind::Team),
            Denial::TeamCreationOff => Denied::SwitchedOff(Switch::TeamCreation),
            Denial::UserDeletionOff => Denied::SwitchedOff(Switch::UserDeletion),
        };
        denied.into()
    }
}
