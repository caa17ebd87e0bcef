//! What went wrong, for a person: the one table from errors to statuses and texts.

use axum::http::{HeaderValue, StatusCode, header};
use latchkey_domain::{Denied, Error, Field, Invalid};
use latchkey_model::{
    account::{InvalidPassword, MAX_PASSWORD, MIN_PASSWORD},
    line::InvalidLine,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

use crate::text::text;

/// What a page shows instead of doing what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field of the form that is meant, if one is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// What is wrong and what to do, in the reader's language.
    pub message: String,
}

/// The status, the problem, and after how many seconds it may be gone.
pub struct Told {
    /// For the status line.
    pub status: StatusCode,
    /// For the person.
    pub problem: Problem,
    /// For `Retry-After`.
    pub retry_after: Option<i64>,
}

/// Tells the person what to do, and the log why.
pub fn tell(error: &Error) -> Told {
    let t = &text().problem;
    let told = |status, message: String| Told {
        status,
        problem: Problem {
            field: None,
            message,
        },
        retry_after: None,
    };
    match error {
        Error::Denied(
            Denied::SignedOut
            | Denied::Unauthenticated(_)
            | Denied::OwnUserMissing
            | Denied::UserRequired,
        ) => told(StatusCode::UNAUTHORIZED, t.signed_out.to_owned()),
        // What is another's, or needs a permission that one lacks, looks like what does not exist.
        Error::NotFound(_)
        | Error::AlreadyExists(_)
        | Error::Denied(
            Denied::OtherUser | Denied::OtherCreator | Denied::PermissionRequired { .. },
        ) => told(StatusCode::NOT_FOUND, t.not_found.to_owned()),
        Error::Denied(Denied::KeysOff(_)) => told(StatusCode::FORBIDDEN, t.keys_off.to_owned()),
        Error::Denied(Denied::SwitchedOff(_)) => {
            told(StatusCode::FORBIDDEN, t.switched_off.to_owned())
        }
        Error::Invalid { field, problem } => Told {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            problem: Problem {
                field: Some(field_name(*field).to_owned()),
                message: explain(*problem),
            },
            retry_after: None,
        },
        Error::WrongCredentials => told(
            StatusCode::UNPROCESSABLE_ENTITY,
            t.wrong_credentials.to_owned(),
        ),
        Error::TooManyAttempts(seconds) => Told {
            retry_after: Some(*seconds),
            ..told(StatusCode::TOO_MANY_REQUESTS, (t.too_many)(*seconds))
        },
        Error::AlreadyCreated => told(StatusCode::CONFLICT, t.already_created.to_owned()),
        Error::Busy => Told {
            retry_after: Some(2),
            ..told(StatusCode::SERVICE_UNAVAILABLE, t.busy.to_owned())
        },
        Error::Unavailable(cause) => {
            tracing::error!(%cause, "the database is not available");
            Told {
                retry_after: Some(2),
                ..told(StatusCode::SERVICE_UNAVAILABLE, t.unavailable.to_owned())
            }
        }
        Error::Internal(cause) => {
            tracing::error!(%cause, "internal error");
            told(StatusCode::INTERNAL_SERVER_ERROR, t.internal.to_owned())
        }
    }
}

/// The name under which forms send a field.
const fn field_name(field: Field) -> &'static str {
    match field {
        Field::Description => "description",
        Field::Expires => "custom",
        Field::DisplayName => "display_name",
        Field::Email => "email",
        Field::Password => "password",
    }
}

fn explain(why: Invalid) -> String {
    let t = &text().problem;
    match why {
        Invalid::Line(InvalidLine::Empty) => t.empty.to_owned(),
        Invalid::Line(InvalidLine::TooLong { max }) => (t.too_long)(max),
        Invalid::Line(InvalidLine::Invisible) => t.invisible.to_owned(),
        Invalid::Password(InvalidPassword::TooShort) => (t.password_short)(MIN_PASSWORD),
        Invalid::Password(InvalidPassword::TooLong) => (t.password_long)(MAX_PASSWORD),
        Invalid::Email => t.email.to_owned(),
        Invalid::Expiry => t.expiry.to_owned(),
        Invalid::InThePast => t.expiry_past.to_owned(),
        Invalid::Taken => t.email_taken.to_owned(),
    }
}

impl From<Error> for Problem {
    /// Sets the status of the answer of the server function that is running.
    fn from(error: Error) -> Self {
        let told = tell(&error);
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(told.status);
            if let Some(seconds) = told.retry_after {
                response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
        }
        told.problem
    }
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    /// The form could not be read: that is the sender's fault, so it is no 500.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        tracing::debug!(%error, "a form could not be read");
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::BAD_REQUEST);
        }
        Self {
            field: None,
            message: text().problem.malformed.to_owned(),
        }
    }
}
