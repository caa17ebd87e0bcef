//! The errors of the API: known errors, which programs identify by their code, and plain errors,
//! which have only a message.

use std::sync::Arc;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_domain::Error;
use serde_json::{Map, Value, json};

/// Maximum size of a request's body in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// The header that repeats a known error's code.
pub(super) const KNOWN_ERROR: HeaderName = HeaderName::from_static("x-stack-known-error");

macro_rules! codes {
    ($($variant:ident = $status:ident $word:literal),+ $(,)?) => {
        /// The codes of known errors, each with its status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($variant),+ }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }
        }

        // Some codes are listed only by value, because they belong to the caller rather than to a
        // route.
        const _: () = { $(let _ = code::$variant;)+ };

        /// Each code as a type, so that a route can declare its errors as a type.
        pub mod code {
            use super::Code;

            $(
                pub struct $variant;

                impl super::ErrorCode for $variant {
                    const CODE: Code = Code::$variant;
                }
            )+
        }
    };
}

/// A code as a type.
pub trait ErrorCode {
    const CODE: Code;
}

codes! {
    AccessTokenExpired = UNAUTHORIZED "ACCESS_TOKEN_EXPIRED",
    AccessTypeRequired = BAD_REQUEST "ACCESS_TYPE_REQUIRED",
    AccessTypeWithoutProjectId = BAD_REQUEST "ACCESS_TYPE_WITHOUT_PROJECT_ID",
    AdminAuthenticationRequired = UNAUTHORIZED "ADMIN_AUTHENTICATION_REQUIRED",
    ApiKeyExpired = UNAUTHORIZED "API_KEY_EXPIRED",
    ApiKeyNotFound = NOT_FOUND "API_KEY_NOT_FOUND",
    ApiKeyRevoked = UNAUTHORIZED "API_KEY_REVOKED",
    BodyParsingError = BAD_REQUEST "BODY_PARSING_ERROR",
    BranchDoesNotExist = BAD_REQUEST "BRANCH_DOES_NOT_EXIST",
    CannotGetOwnUser = BAD_REQUEST "CANNOT_GET_OWN_USER_WITHOUT_USER",
    CurrentProjectNotFound = BAD_REQUEST "CURRENT_PROJECT_NOT_FOUND",
    EmailPasswordMismatch = BAD_REQUEST "EMAIL_PASSWORD_MISMATCH",
    InsufficientAccessType = UNAUTHORIZED "INSUFFICIENT_ACCESS_TYPE",
    InvalidAccessType = BAD_REQUEST "INVALID_ACCESS_TYPE",
    InvalidOauthClient = BAD_REQUEST "INVALID_OAUTH_CLIENT_ID_OR_SECRET",
    InvalidProjectForAccessToken = UNAUTHORIZED "INVALID_PROJECT_FOR_ACCESS_TOKEN",
    InvalidPublishableClientKey = UNAUTHORIZED "INVALID_PUBLISHABLE_CLIENT_KEY",
    InvalidSecretServerKey = UNAUTHORIZED "INVALID_SECRET_SERVER_KEY",
    InvalidSuperSecretAdminKey = UNAUTHORIZED "INVALID_SUPER_SECRET_ADMIN_KEY",
    PasswordAuthenticationNotEnabled = BAD_REQUEST "PASSWORD_AUTHENTICATION_NOT_ENABLED",
    PasswordTooShort = BAD_REQUEST "PASSWORD_TOO_SHORT",
    PermissionNotFound = NOT_FOUND "PERMISSION_NOT_FOUND",
    ProjectKeyWithoutAccessType = BAD_REQUEST "PROJECT_KEY_WITHOUT_ACCESS_TYPE",
    PublishableClientKeyRequired = UNAUTHORIZED "PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT",
    RedirectUrlNotWhitelisted = BAD_REQUEST "REDIRECT_URL_NOT_WHITELISTED",
    RefreshTokenNotFound = UNAUTHORIZED "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED",
    SchemaError = BAD_REQUEST "SCHEMA_ERROR",
    ServerAuthenticationRequired = UNAUTHORIZED "SERVER_AUTHENTICATION_REQUIRED",
    SignUpNotEnabled = BAD_REQUEST "SIGN_UP_NOT_ENABLED",
    TeamMembershipAlreadyExists = CONFLICT "TEAM_MEMBERSHIP_ALREADY_EXISTS",
    TeamMembershipNotFound = NOT_FOUND "TEAM_MEMBERSHIP_NOT_FOUND",
    TeamNotFound = NOT_FOUND "TEAM_NOT_FOUND",
    TeamPermissionNotFound = UNAUTHORIZED "TEAM_PERMISSION_NOT_FOUND",
    TeamPermissionRequired = UNAUTHORIZED "TEAM_PERMISSION_REQUIRED",
    UnparsableAccessToken = UNAUTHORIZED "UNPARSABLE_ACCESS_TOKEN",
    UserAuthenticationRequired = UNAUTHORIZED "USER_AUTHENTICATION_REQUIRED",
    UserEmailAlreadyExists = CONFLICT "USER_EMAIL_ALREADY_EXISTS",
    UserIdDoesNotExist = BAD_REQUEST "USER_ID_DOES_NOT_EXIST",
    UserNotFound = NOT_FOUND "USER_NOT_FOUND",
    WrongApiKeyType = BAD_REQUEST "WRONG_API_KEY_TYPE",
}

pub struct ApiError {
    status: StatusCode,
    code: Option<Code>,
    message: String,
    details: Option<Map<String, Value>>,
    retry_after_seconds: Option<i64>,
    unworded: Option<Unworded>,
}

/// An error of the domain. It travels with the response to the outer layer, which writes its
/// message, because that layer knows the caller and the request.
#[derive(Clone)]
pub struct Unworded(pub Arc<Error>);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self {
            unworded: Some(Unworded(Arc::new(error))),
            ..Self::internal()
        }
    }
}

impl ApiError {
    /// A known error.
    pub fn known(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            ..Self::plain(code.status(), message)
        }
    }

    /// A plain error with only a message.
    pub fn plain(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: None,
            message: message.into(),
            details: None,
            retry_after_seconds: None,
            unworded: None,
        }
    }

    /// Adds details, which must be a JSON object.
    pub fn with(mut self, details: Value) -> Self {
        self.details = match details {
            Value::Object(details) => Some(details),
            _ => None,
        };
        self
    }

    pub const fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Invalid input; the message has one line for each problem.
    pub fn schema(message: String) -> Self {
        Self::known(Code::SchemaError, message.clone()).with(json!({ "message": message }))
    }

    /// An internal error. Its cause only goes to the log.
    pub fn internal() -> Self {
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = match self.code {
            Some(code) => {
                let mut body = Map::new();
                body.insert("code".to_owned(), code.as_str().into());
                if let Some(details) = self.details {
                    body.insert("details".to_owned(), details.into());
                }
                body.insert("error".to_owned(), self.message.into());
                let header = [(KNOWN_ERROR, HeaderValue::from_static(code.as_str()))];
                (self.status, header, Json(Value::Object(body))).into_response()
            }
            None => (self.status, self.message).into_response(),
        };
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(unworded) = self.unworded {
            response.extensions_mut().insert(unworded);
        }
        response
    }
}
