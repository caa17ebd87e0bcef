//! The table from domain errors to statuses and texts of the pages.

use axum::http::{HeaderValue, StatusCode, header};
use latchkey_domain::{Denied, Error, Field, Invalid, Subject};
use latchkey_model::{
    account::{InvalidPassword, MAX_PASSWORD, MIN_PASSWORD},
    line::InvalidLine,
};

use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use server_fn::error::ServerFnErrorErr;

use super::{Problem, ProblemKind};
use crate::text::text;

/// Seconds after which a client may retry.
const SOON: i64 = 1;
/// The same while the database is locked: an operator has to decide.
const LOCKED: i64 = 30;

/// The response to an error.
pub struct ErrorResponse {
    pub status: StatusCode,
    pub problem: Problem,
    /// Seconds, for `Retry-After`.
    pub retry_after: Option<i64>,
}

impl ErrorResponse {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let kind = match status {
            StatusCode::UNAUTHORIZED => ProblemKind::SignedOut,
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::CONFLICT => {
                ProblemKind::Outdated
            }
            _ if status.is_server_error() => ProblemKind::Unavailable,
            _ => ProblemKind::Refused,
        };
        Self {
            status,
            problem: Problem {
                kind,
                field: String::new(),
                message: message.into(),
            },
            retry_after: None,
        }
    }

    /// What was typed in a field cannot be meant.
    pub fn invalid(field: Field, message: String) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            problem: Problem::invalid(field_name(field), message),
            retry_after: None,
        }
    }

    /// A limit of what people create is reached.
    fn full_form(message: String) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            problem: Problem::invalid("", message),
            retry_after: None,
        }
    }

    fn denied(why: Denied) -> Self {
        let t = &text().problem;
        match why {
            Denied::SignedOut
            | Denied::Unauthenticated(_)
            | Denied::OwnUserMissing
            | Denied::UserRequired => Self::new(StatusCode::UNAUTHORIZED, t.signed_out),
            // Data of other users, or data that needs a missing permission, is treated as not
            // existing.
            Denied::OtherUser | Denied::OtherCreator | Denied::PermissionRequired { .. } => {
                Self::new(StatusCode::NOT_FOUND, t.not_found)
            }
            Denied::KeysOff(_) => Self::new(StatusCode::FORBIDDEN, t.keys_off),
            Denied::SwitchedOff(_) => Self::new(StatusCode::FORBIDDEN, t.switched_off),
        }
    }

    fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<&Error> for ErrorResponse {
    /// Also logs the cause of errors that are not the visitor's fault.
    fn from(error: &Error) -> Self {
        let t = &text().problem;
        match error {
            Error::Denied(why) => Self::denied(*why),
            Error::NotFound(Subject::PasswordReset) => Self::new(StatusCode::GONE, t.reset_gone),
            Error::NotFound(_) | Error::AlreadyExists(_) => {
                Self::new(StatusCode::NOT_FOUND, t.not_found)
            }
            Error::Invalid { field, problem } => Self::invalid(*field, explain(*problem)),
            Error::WrongCredentials => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, t.wrong_credentials)
            }
            Error::TooManyAttempts(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, (t.too_many)(*seconds))
                    .retry_after(*seconds)
            }
            Error::AlreadyCreated => Self::new(StatusCode::CONFLICT, t.already_created),
            Error::CallerBusy | Error::TooManyLists => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, t.caller_busy).retry_after(SOON)
            }
            Error::SearchTooSlow => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, t.too_slow).retry_after(SOON)
            }
            // The form stays, with what was typed.
            Error::TooManyKeys(limit) => {
                Self::full_form((text().keys.limit_reached)((*limit).into()))
            }
            Error::TooManyKeysCreated(limit) => {
                Self::full_form((text().keys.daily_limit_reached)(*limit))
            }
            Error::TooManyTeams(limit) => Self::full_form((text().team.limit_reached)(*limit)),
            Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, t.busy).retry_after(SOON),
            Error::Locked => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, t.locked).retry_after(LOCKED)
            }
            Error::Unavailable(cause) => {
                tracing::error!(%cause, "the database is not available");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, t.unavailable).retry_after(SOON)
            }
            Error::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, t.internal)
            }
        }
    }
}

/// The name of the field in forms.
const fn field_name(field: Field) -> &'static str {
    match field {
        Field::Description => "description",
        Field::Expires => "custom",
        Field::DisplayName => "display_name",
        Field::KeyLimit => "limit",
        Field::Email => "email",
        Field::Password => "password",
        Field::CurrentPassword => "current_password",
    }
}

fn explain(problem: Invalid) -> String {
    let t = &text().problem;
    match problem {
        Invalid::Line(InvalidLine::Empty) => t.empty.to_owned(),
        Invalid::Line(InvalidLine::TooLong { max }) => (t.too_long)(max),
        Invalid::Line(InvalidLine::Invisible) => t.invisible.to_owned(),
        Invalid::Password(InvalidPassword::TooShort) => (t.password_short)(MIN_PASSWORD),
        Invalid::Password(InvalidPassword::TooLong) => (t.password_long)(MAX_PASSWORD),
        Invalid::WrongPassword => t.current_password.to_owned(),
        Invalid::Email => t.email.to_owned(),
        Invalid::Expiry => t.expiry.to_owned(),
        Invalid::InThePast => t.expiry_past.to_owned(),
        Invalid::Taken => t.email_taken.to_owned(),
        Invalid::WholeNumber(max) => (t.whole_number)(max),
    }
}

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        ErrorResponse::from(error).into()
    }
}

impl From<ErrorResponse> for Problem {
    /// Sets the status of the answer of the server function that is running.
    fn from(answer: ErrorResponse) -> Self {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(answer.status);
            if let Some(seconds) = answer.retry_after {
                response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
        }
        answer.problem
    }
}

/// The form could not be read: that is the sender's fault, so the status is not 500.
pub fn malformed(error: &ServerFnErrorErr) -> Problem {
    tracing::debug!(%error, "a form could not be read");
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::BAD_REQUEST);
    }
    ErrorResponse::new(StatusCode::BAD_REQUEST, text().problem.malformed).problem
}
