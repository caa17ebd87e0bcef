//! Errors of statements.

use latchkey_model::id::{TeamId, UserId};

use crate::{pool::CallerBusy, restore_mark::LOCKED};

/// A cause, only for the log.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// SQLSTATE classes of errors after which a retry may succeed: connection, insufficient resources,
/// operator intervention (including timeouts), transaction rollback.
const TRANSIENT_CLASSES: [&str; 4] = ["08", "53", "57", "40"];
/// SQLSTATE codes of such errors: a read-only standby, and a lock timeout.
const TRANSIENT_CODES: [&str; 2] = ["25006", "55P03"];
/// SQLSTATE classes of an error about the row itself: data exception, integrity constraint violation.
const ROW_CLASSES: [&str; 2] = ["22", "23"];
/// The code `numeric_value_out_of_range`.
const OUT_OF_RANGE: &str = "22003";

/// Why a statement failed. Nothing was changed, except perhaps where it is [`Self::Unavailable`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A gate of the database denies the operation.
    #[error("the caller may not do this")]
    Denied(Denial),
    /// The caller is in the team, but does not have the permission.
    #[error("the permission {permission} is needed in the team")]
    PermissionRequired {
        user: UserId,
        team: TeamId,
        permission: &'static str,
    },
    /// The database refuses a row.
    #[error("internal error: {0}")]
    Violated(#[source] Violation),
    /// A search took longer than lists may.
    #[error("the search took too long")]
    SearchTooSlow,
    /// The caller has too many statements running; a retry may succeed.
    #[error("too many requests of one caller at once")]
    CallerBusy,
    /// The database cannot be reached, or does not respond in time. If that was after a change had
    /// been sent, it may have been carried out.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] Cause),
    /// A bug in this program or its schema.
    #[error("internal error: {0}")]
    Internal(#[source] Cause),
}

/// A row that violates a constraint, or has a value that its column cannot store.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Violation {
    rule: String,
    source: sqlx::Error,
}

macro_rules! constraints {
    ($($(#[doc = $doc:literal])+ $name:ident = $constraint:literal),+ $(,)?) => {
        /// The constraints that valid input can violate, depending on what else is stored.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Constraint { $($(#[doc = $doc])+ $name),+ }

        impl Constraint {
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($constraint => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

constraints! {
    /// Another user signs in with the address.
    EmailUnique = "users_primary_email_unique",
    /// The user is not in the selected team.
    SelectedTeam = "users_selected_team_is_theirs",
    /// There is no such user.
    MembershipUser = "memberships_project_id_user_id_fkey",
    /// There is no such user.
    TeamCreator = "teams_project_id_created_by_user_id_fkey",
    /// There is no such user.
    SessionUser = "sessions_project_id_user_id_fkey",
    /// There is no such team.
    MembershipTeam = "memberships_project_id_team_id_fkey",
    /// The user is in the team already.
    MembershipUnique = "memberships_pkey",
    /// The user is not in the team.
    GrantMembership = "team_permission_grants_project_id_team_id_user_id_fkey",
    /// The project already has a permission with this name.
    PermissionUnique = "permission_definitions_pkey",
    /// The expiry is outside the range of a date.
    KeyExpiry = "api_keys_expires_range",
    /// There is no such user.
    KeyOwnerUser = "api_keys_project_id_owner_user_id_fkey",
    /// There is no such team.
    KeyOwnerTeam = "api_keys_project_id_owner_team_id_fkey",
}

impl Violation {
    /// The name of the constraint, or the SQLSTATE where the database names none.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    pub fn constraint(&self) -> Option<Constraint> {
        Constraint::named(&self.rule)
    }

    /// Whether a number is outside the range of its column.
    pub fn is_out_of_range(&self) -> bool {
        self.rule == OUT_OF_RANGE
    }
}

impl Error {
    /// The violated constraint, if that is the cause.
    pub fn constraint(&self) -> Option<Constraint> {
        match self {
            Self::Violated(violation) => violation.constraint(),
            _ => None,
        }
    }

    /// A statement that always returns a row returned none.
    pub(crate) fn no_row() -> Self {
        Self::Internal(Box::new(sqlx::Error::RowNotFound))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Io(cause)
                if cause
                    .get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<CallerBusy>) =>
            {
                Self::CallerBusy
            }
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(Box::new(error))
            }
            E::Database(database) => {
                let code = database.code().unwrap_or_default();
                let is_of = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
                if code == LOCKED {
                    Self::Denied(Denial::Locked)
                } else if is_of(&TRANSIENT_CLASSES) || TRANSIENT_CODES.contains(&&*code) {
                    Self::Unavailable(Box::new(error))
                } else if is_of(&ROW_CLASSES) {
                    let rule = database.constraint().unwrap_or(&code).to_owned();
                    Self::Violated(Violation {
                        rule,
                        source: error,
                    })
                } else {
                    Self::Internal(Box::new(error))
                }
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

/// The database's enum `denial`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "denial", rename_all = "snake_case")]
pub enum Denial {
    SignedOut,
    TokenExpired,
    ProjectUnknown,
    ClientKeyMissing,
    ClientKeyWrong,
    ServerKeyMissing,
    ServerKeyWrong,
    AdminKeyMissing,
    AdminKeyWrong,
    OwnUserMissing,
    UserRequired,
    OtherUser,
    ApiKeyNotFound,
    ProjectNotFound,
    TeamNotFound,
    PermissionRequired,
    OtherCreator,
    UserKeysOff,
    TeamKeysOff,
    TeamCreationOff,
    UserDeletionOff,
    Locked,
}

/// Converts the decision of a gate into a result.
pub(crate) fn authorize(denial: Option<Denial>) -> Result<(), Error> {
    denial.map_or(Ok(()), |denial| Err(Error::Denied(denial)))
}
