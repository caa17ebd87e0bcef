//! How an operation ended, in a form that can be compared.

use latchkey_domain::{Denied, Error, Field, Invalid, Subject};
use latchkey_model::{api_key::CheckFailure, key_text, line::InvalidLine, owner::OwnerKind};

use crate::world::World;

/// [`Error`] without causes and waiting times, and with what a check of a key can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    CheckFailed(CheckFailure),
    NotFound(Subject),
    Denied(Denied),
    Invalid(Field, Invalid),
    WrongCredentials,
    TooManyAttempts,
    AlreadyCreated,
    TooManyKeys(i32),
    TooManyKeysCreated(i64),
    TooManyTeams(i64),
    SearchTooSlow,
    Busy,
    CallerBusy,
    Unavailable,
    Locked,
}

pub const KEY_NOT_FOUND: Outcome = Outcome::NotFound(Subject::ApiKey);
pub const PROJECT_NOT_FOUND: Outcome = Outcome::NotFound(Subject::Project);
pub const SIGNED_OUT: Outcome = Outcome::Denied(Denied::SignedOut);
pub const USER_KEYS_OFF: Outcome = Outcome::Denied(Denied::KeysOff(OwnerKind::User));
pub const TEAM_KEYS_OFF: Outcome = Outcome::Denied(Denied::KeysOff(OwnerKind::Team));
pub const EMAIL_TAKEN: Outcome = Outcome::Invalid(Field::Email, Invalid::Taken);

/// What a check says of a key that works.
pub const VALID: Outcome = Outcome::Done;
pub const REVOKED: Outcome = Outcome::CheckFailed(CheckFailure::Revoked);
pub const EXPIRED: Outcome = Outcome::CheckFailed(CheckFailure::Expired);
pub const UNKNOWN: Outcome = Outcome::CheckFailed(CheckFailure::Unknown);

pub fn invalid_line(field: Field, why: InvalidLine) -> Outcome {
    Outcome::Invalid(field, Invalid::Line(why))
}

impl From<&Error> for Outcome {
    fn from(error: &Error) -> Self {
        match error {
            Error::NotFound(subject) => Self::NotFound(*subject),
            Error::Denied(denied) => Self::Denied(*denied),
            Error::Invalid { field, problem } => Self::Invalid(*field, *problem),
            Error::WrongCredentials => Self::WrongCredentials,
            Error::TooManyAttempts(_) => Self::TooManyAttempts,
            Error::AlreadyCreated => Self::AlreadyCreated,
            Error::SearchTooSlow => Self::SearchTooSlow,
            Error::TooManyKeys(limit) => Self::TooManyKeys(*limit),
            Error::TooManyKeysCreated(limit) => Self::TooManyKeysCreated(*limit),
            Error::TooManyTeams(limit) => Self::TooManyTeams(*limit),
            Error::Busy => Self::Busy,
            Error::CallerBusy => Self::CallerBusy,
            Error::Unavailable(_) => Self::Unavailable,
            Error::Locked => Self::Locked,
            Error::TooManyLists | Error::AlreadyExists(_) | Error::Internal(_) => {
                panic!("{error:?}")
            }
        }
    }
}

pub fn outcome<T>(result: &Result<T, Error>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(error) => error.into(),
    }
}

pub fn check_outcome<T>(result: &Result<Result<T, CheckFailure>, Error>) -> Outcome {
    match result {
        Ok(Ok(_)) => VALID,
        Ok(Err(failure)) => Outcome::CheckFailed(*failure),
        Err(error) => error.into(),
    }
}

/// How often this came out.
pub fn times(outcomes: &[Outcome], wanted: Outcome) -> usize {
    let outcomes = outcomes.iter();
    outcomes.filter(|outcome| **outcome == wanted).count()
}

impl World {
    /// What a check says of this text.
    pub async fn check(&self, text: &str) -> Outcome {
        let kind = key_text::read(text).map_or(OwnerKind::User, |parts| parts.kind);
        check_outcome(&self.domain.check_key(&self.server, kind, text).await)
    }
}
