//! One request: who asks, what was sent, and how to say what went wrong.

use axum::{
    body::{Body as HttpBody, to_bytes},
    extract::{FromRequest, FromRequestParts as _, OriginalUri, RawPathParams, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use latchkey_model::{
    account::{InvalidPassword, MIN_PASSWORD},
    id::TeamId,
    owner::OwnerKind,
};
use serde_json::{Value, json};

use super::{
    ApiState,
    error::{ApiError, Code, MAX_BODY},
    headers::{Asking, asking, token_expired, unavailable, unknown_project},
    schema::{Body, Input},
};
use latchkey_domain::{Error, Field, Invalid, Refused, Switch};
use latchkey_model::caller::{Caller, CallerKind};

/// Clients, servers and administrators.
pub const ANYBODY: &[CallerKind] = &[CallerKind::Client, CallerKind::Server, CallerKind::Admin];
/// Servers and administrators.
pub const SERVERS: &[CallerKind] = &[CallerKind::Server, CallerKind::Admin];
/// Administrators.
pub const ADMINS: &[CallerKind] = &[CallerKind::Admin];

/// A request by somebody.
pub struct Call {
    /// What the handler can reach.
    pub state: ApiState,
    /// Who asks.
    pub caller: Caller,
    /// The request's head.
    pub parts: Parts,
    access: CallerKind,
    unknown_branch: Option<ApiError>,
    sent: Sent,
    /// The team that the request is about, for errors about it.
    pub team: Option<TeamId>,
}

/// What was sent, unread.
pub struct Sent {
    method: String,
    path: String,
    body: Result<Body, ApiError>,
    query: Vec<(String, String)>,
    params: Vec<(String, String)>,
}

impl Sent {
    /// Takes in what was sent.
    ///
    /// # Errors
    /// When the body is too large to be looked at.
    pub async fn receive(parts: &mut Parts, body: HttpBody) -> Result<Self, ApiError> {
        let path = OriginalUri::from_request_parts(parts, &())
            .await
            .map_or_else(|never| match never {}, |uri| uri.path().to_owned());
        let params = RawPathParams::from_request_parts(parts, &())
            .await
            .map_err(|_| ApiError::plain(StatusCode::BAD_REQUEST, "The path cannot be read."))?;
        let params = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let query = parts.uri.query().unwrap_or_default();
        let query = pairs(query.as_bytes());
        let body = if matches!(parts.method.as_str(), "GET" | "HEAD") {
            Ok(Body::Absent)
        } else {
            read_body(&parts.headers, body).await?
        };
        Ok(Self {
            method: parts.method.to_string(),
            path,
            body,
            query,
            params,
        })
    }

    /// Reads the input; all its problems together are one error.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read<T>(self, read: impl FnOnce(&mut Input) -> Option<T>) -> Result<T, ApiError> {
        let mut input = Input::new(self.body?, self.query, self.params);
        let value = read(&mut input);
        let problems = input.problems();
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ => {
                let mut message = format!(
                    "Request validation failed on {} {}:",
                    self.method, self.path
                );
                for problem in problems {
                    message.push_str("\n  - ");
                    message.push_str(&problem);
                }
                Err(ApiError::schema(message))
            }
        }
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// Outside is what ends the request at once; inside, what is told after the caller was checked.
async fn read_body(
    headers: &HeaderMap,
    body: HttpBody,
) -> Result<Result<Body, ApiError>, ApiError> {
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        let message = format!("The request body is larger than {} KB.", MAX_BODY / 1024);
        return Err(ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, message));
    };
    let broken = |message: String| Err(ApiError::known(Code::BodyParsingError, message));
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Ok(Ok(Body::Absent));
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    Ok(match kind.to_ascii_lowercase().as_str() {
        "application/json" => match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Body::Json(value)),
            Err(_) => broken("Invalid JSON in request body".to_owned()),
        },
        "application/x-www-form-urlencoded" => Ok(Body::Json(
            pairs(&bytes)
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        )),
        "" => Ok(Body::Absent),
        _ => broken(format!(
            "Unknown content type in request body: {content_type}"
        )),
    })
}

impl FromRequest<ApiState> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let sent = Sent::receive(&mut parts, body).await?;
        let Asking {
            caller,
            access,
            unknown_branch,
        } = asking(state, &parts.headers).await?;
        Ok(Self {
            state: state.clone(),
            caller,
            parts,
            access,
            unknown_branch,
            sent,
            team: None,
        })
    }
}

impl Call {
    /// Whether the caller sees what servers see.
    pub const fn sees_all(&self) -> bool {
        self.caller.is_privileged()
    }

    /// Reads the input of a route for these kinds of callers. The statement that acts checks the
    /// caller; where there will be none, because something is wrong already, this does: the
    /// contract tells about the caller first.
    ///
    /// # Errors
    /// What is wrong with the caller, or else with the input.
    pub async fn input<T>(
        &mut self,
        allowed: &[CallerKind],
        read: impl FnOnce(&mut Input) -> Option<T>,
    ) -> Result<T, ApiError> {
        let result = if let Some(error) = self.unknown_branch.take() {
            Err(error)
        } else if allowed.contains(&self.access) {
            let nothing = Sent {
                method: String::new(),
                path: String::new(),
                body: Ok(Body::Absent),
                query: Vec::new(),
                params: Vec::new(),
            };
            std::mem::replace(&mut self.sent, nothing).read(read)
        } else {
            Err(insufficient(self.access, allowed))
        };
        if result.is_err() {
            let right = self.state.domain.authenticate(&self.caller).await;
            right.map_err(|error| self.told(error))?;
        }
        result
    }

    /// What programs are told of an error, and the log.
    pub fn told(&self, error: Error) -> ApiError {
        let project = self.caller.project();
        match error {
            Error::Refused(why) => self.refused(why),
            Error::SignedOut | Error::UserRequired => ApiError::known(
                Code::UserAuthenticationRequired,
                "User authentication required for this endpoint.",
            ),
            Error::NoOwnUser => ApiError::known(
                Code::CannotGetOwnUser,
                "You have specified 'me' as a userId, but did not provide authentication for a user.",
            ),
            Error::NotFound => ApiError::known(Code::ApiKeyNotFound, "API key not found."),
            Error::NotOwn => ApiError::plain(
                StatusCode::FORBIDDEN,
                "Client can only manage their own api keys",
            ),
            Error::UserNotFound => ApiError::known(Code::UserNotFound, "User not found."),
            Error::TeamNotFound => ApiError::known(
                Code::TeamNotFound,
                self.team.map_or_else(
                    || "Team not found.".to_owned(),
                    |team| format!("Team {team} not found."),
                ),
            )
            .with(json!({ "team_id": self.team })),
            Error::KeysOff(kind) => ApiError::plain(StatusCode::BAD_REQUEST, keys_off(kind)),
            Error::SwitchedOff(Switch::SignUp) => ApiError::known(
                Code::SignUpNotEnabled,
                "Creation of new accounts is not enabled for this project. Please ask the project owner to enable it.",
            ),
            Error::SwitchedOff(Switch::Passwords) => ApiError::known(
                Code::PasswordAuthenticationNotEnabled,
                "Password authentication is not enabled for this project.",
            ),
            Error::SwitchedOff(Switch::TeamCreation) => ApiError::plain(
                StatusCode::FORBIDDEN,
                "Client team creation is disabled for this project",
            ),
            Error::SwitchedOff(Switch::UserDeletion) => ApiError::plain(
                StatusCode::BAD_REQUEST,
                "Client user deletion is not enabled for this project",
            ),
            Error::NotCreator => ApiError::plain(
                StatusCode::FORBIDDEN,
                "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
            ),
            Error::PermissionRequired {
                user,
                team,
                permission,
            } => ApiError::known(
                Code::TeamPermissionRequired,
                format!("User {user} does not have permission {permission} in team {team}."),
            )
            .with(json!({ "team_id": team, "user_id": user, "permission_id": permission })),
            Error::MembershipNotFound { user, team } => ApiError::known(
                Code::TeamMembershipNotFound,
                format!("User {user} is not found in team {team}."),
            )
            .with(json!({ "team_id": team, "user_id": user })),
            Error::AlreadyMember => ApiError::known(
                Code::TeamMembershipAlreadyExists,
                "Team membership already exists.",
            ),
            Error::SessionNotFound => ApiError::known(
                Code::RefreshTokenNotFound,
                "Refresh token not found for this project, or the session has expired/been revoked.",
            ),
            Error::WrongCredentials => {
                ApiError::known(Code::EmailPasswordMismatch, "Wrong e-mail or password.")
            }
            Error::TooManyAttempts(seconds) => ApiError::plain(
                StatusCode::TOO_MANY_REQUESTS,
                format!("Too many attempts. Please try again in {seconds} seconds."),
            )
            .retry_after(seconds),
            Error::Busy => ApiError::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many people are signing in at this moment. Please try again.",
            )
            .retry_after(2),
            Error::Invalid { field, why } => invalid(field, why),
            Error::Unavailable(_)
            | Error::Internal(_)
            | Error::AlreadyCreated
            | Error::PermissionNotFound
            | Error::PermissionNotHeld
            | Error::PermissionExists => {
                tracing::debug!(%project, "an error is told without its place");
                unavailable(&error)
            }
        }
    }

    fn refused(&self, why: Refused) -> ApiError {
        let project = self.caller.project();
        let wrong_key = |code, what: &str| {
            ApiError::known(
                code,
                format!("The {what} is not valid for the project \"{project}\". Does the project and/or the key exist?"),
            )
            .with(json!({ "project_id": project }))
        };
        match why {
            Refused::TokenExpired => token_expired(Some(project), self.caller.token()),
            Refused::ProjectUnknown => unknown_project(&project.to_string()),
            Refused::ClientKeyMissing => ApiError::known(
                Code::PublishableClientKeyRequired,
                format!("Publishable client keys are required for this project ({project}). Create one in the project's settings, or switch the requirement off."),
            )
            .with(json!({ "project_id": project })),
            Refused::ClientKeyWrong => {
                wrong_key(Code::InvalidPublishableClientKey, "publishable client key")
            }
            Refused::ServerKeyMissing => ApiError::known(
                Code::ServerAuthenticationRequired,
                "The secret server key must be provided.",
            ),
            Refused::ServerKeyWrong => wrong_key(Code::InvalidSecretServerKey, "secret server key"),
            Refused::AdminKeyMissing => ApiError::known(
                Code::AdminAuthenticationRequired,
                "The super secret admin key must be provided.",
            ),
            Refused::AdminKeyWrong => {
                wrong_key(Code::InvalidSuperSecretAdminKey, "super secret admin key")
            }
        }
    }
}

/// The project has no keys of this kind.
pub const fn keys_off(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::User => "User API keys are not enabled for this project.",
        OwnerKind::Team => "Team API keys are not enabled for this project.",
    }
}

fn insufficient(access: CallerKind, allowed: &[CallerKind]) -> ApiError {
    let names: Vec<_> = allowed.iter().map(|access| access.as_str()).collect();
    let listed: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    let message = format!(
        "The x-stack-access-type header must be {}, but was '{}'.",
        listed.join(" or "),
        access.as_str()
    );
    ApiError::known(Code::InsufficientAccessType, message).with(json!({
        "actual_access_type": access.as_str(),
        "allowed_access_types": names,
    }))
}

/// What the domain finds wrong although it reads well.
fn invalid(field: Field, why: Invalid) -> ApiError {
    match (field, why) {
        (_, Invalid::Password(InvalidPassword::TooShort)) => ApiError::known(
            Code::PasswordTooShort,
            format!("Password too short. Minimum length is {MIN_PASSWORD}."),
        )
        .with(json!({ "min_length": MIN_PASSWORD })),
        (field, why) => ApiError::schema(format!("{field:?}: {why}")),
    }
}
