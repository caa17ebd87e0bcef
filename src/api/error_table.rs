//! The table from domain errors to API responses. Nothing else turns one into the other. What pages say is in the
//! program's `text/english.rs`, chosen by its `server_fns/error_table.rs`; what is wrong with the form of a request is
//! said where it is refused.

use axum::http::StatusCode;
use latchkey_domain::{Denied, Error, Field, Invalid, Subject, Switch, Unauthenticated};
use latchkey_model::{
    account::{InvalidPassword, MIN_PASSWORD},
    caller::UserRef,
    caller::{Caller, TokenSubject},
    id::{ProjectId, UserId},
    owner::OwnerKind,
};
use serde_json::json;

use super::{
    error::{ApiError, Code},
    subject::{Noun, RequestContext, RequestSubject},
};

/// An operator has to decide first, which takes longer than a database that comes back.
const LOCKED_RETRY_SECONDS: i64 = 30;
/// Seconds after which a client may retry.
const SOON: i64 = 1;

/// Returns the response to an error, with a message that fits the request.
pub fn word(error: &Error, context: &RequestContext) -> ApiError {
    let (caller, subject) = (context.caller(), context.subject());
    match error {
        Error::NotFound(missing) => not_found(*missing, &subject, caller),
        Error::AlreadyExists(existing) => already_exists(*existing, error, &subject),
        Error::Denied(why) => denied(*why, error, &subject, caller),
        Error::Invalid { field, problem } => invalid(*field, *problem, &subject),
        Error::WrongCredentials => {
            ApiError::known(Code::EmailPasswordMismatch, "Wrong e-mail or password.")
        }
        Error::TooManyAttempts(seconds) => ApiError::plain(
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many attempts. Please try again in {seconds} seconds."),
        )
        .retry_after(*seconds),
        Error::TooManyKeys(limit) => limit_reached(format!(
            "This user or team has reached the project's limit of valid API keys ({limit}). Revoke a key before creating another."
        )),
        Error::TooManyKeysCreated(limit) => limit_reached(format!(
            "This user or team has reached the project's limit of API keys created within 24 hours ({limit}). Wait before creating another, or create it from a server."
        )),
        Error::TooManyTeams(limit) => limit_reached(format!(
            "This user has reached the limit of teams that a user can create ({limit}). Delete one of them before creating another, or create it from a server."
        )),
        Error::SearchTooSlow => unavailable("The search took too long."),
        Error::Busy => unavailable("Too many people are signing in right now. Please try again."),
        Error::Locked => ApiError::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "The database was restored from a backup. API keys are not checked and nothing can be changed until the \
             operator of this server has decided which keys still count (latchkey unlock).",
        )
        .retry_after(LOCKED_RETRY_SECONDS),
        Error::CallerBusy => ApiError::plain(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests at once. Please try again in a moment.",
        )
        .retry_after(SOON),
        Error::TooManyLists => {
            unavailable("Too many long lists are being read at once. Please try again in a moment.")
        }
        Error::Unavailable(cause) => {
            tracing::error!(%cause, "the database is not available");
            unavailable("The database is not available. Please try again in a moment.")
        }
        // Only the pages send creation tokens, so the API never sees this error.
        Error::AlreadyCreated | Error::Internal(_) => internal(error),
    }
}

fn not_found(missing: Subject, subject: &RequestSubject, caller: Option<&Caller>) -> ApiError {
    match missing {
        Subject::Project => caller.map_or_else(ApiError::internal, |caller| {
            unknown_project(&caller.project().to_string())
        }),
        Subject::User => user_not_found(subject, caller),
        Subject::Team => ApiError::known(
            Code::TeamNotFound,
            subject.team.map_or_else(
                || "Team not found.".to_owned(),
                |team| format!("Team {team} not found."),
            ),
        )
        .with(json!({ "team_id": subject.team })),
        Subject::Membership { user, team } => ApiError::known(
            Code::TeamMembershipNotFound,
            format!("User {user} is not found in team {team}."),
        )
        .with(json!({ "team_id": team, "user_id": user })),
        Subject::Permission => permission_not_found(subject),
        Subject::PermissionGrant => permission_not_held(subject, caller),
        Subject::ApiKey => ApiError::known(Code::ApiKeyNotFound, "API key not found."),
        Subject::Session => ApiError::known(
            Code::RefreshTokenNotFound,
            "Refresh token not found for this project, or the session has expired/been revoked.",
        ),
        // Only the pages use such links.
        Subject::PasswordReset => ApiError::internal(),
    }
}

fn already_exists(existing: Subject, error: &Error, subject: &RequestSubject) -> ApiError {
    match existing {
        Subject::Membership { .. } => ApiError::known(
            Code::TeamMembershipAlreadyExists,
            "Team membership already exists.",
        ),
        Subject::Permission => {
            let named = subject.new_definition.as_deref().unwrap_or_default();
            ApiError::schema(format!(
                "body.id: a permission with the ID \"{named}\" already exists"
            ))
        }
        Subject::Project
        | Subject::User
        | Subject::Team
        | Subject::PermissionGrant
        | Subject::ApiKey
        | Subject::Session
        | Subject::PasswordReset => internal(error),
    }
}

fn denied(
    why: Denied,
    error: &Error,
    subject: &RequestSubject,
    caller: Option<&Caller>,
) -> ApiError {
    match why {
        Denied::Unauthenticated(why) => match (caller, &subject.oauth_client) {
            (_, Some(client)) => oauth_unauthenticated(why, client),
            (Some(caller), None) => unauthenticated(why, caller),
            (None, None) => internal(error),
        },
        Denied::SignedOut | Denied::UserRequired => ApiError::known(
            Code::UserAuthenticationRequired,
            "User authentication required for this endpoint.",
        ),
        Denied::OwnUserMissing => ApiError::known(
            Code::CannotGetOwnUser,
            "You have specified 'me' as a userId, but did not provide authentication for a user.",
        ),
        Denied::OtherUser => other_user(subject.noun),
        Denied::OtherCreator => ApiError::plain(
            StatusCode::FORBIDDEN,
            "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
        ),
        Denied::PermissionRequired {
            user,
            team,
            permission,
        } => ApiError::known(
            Code::TeamPermissionRequired,
            format!("User {user} does not have permission {permission} in team {team}."),
        )
        .with(json!({ "team_id": team, "user_id": user, "permission_id": permission })),
        Denied::KeysOff(kind) => ApiError::plain(StatusCode::BAD_REQUEST, keys_off(kind)),
        Denied::SwitchedOff(switch) => switched_off(switch),
    }
}

fn internal(error: &Error) -> ApiError {
    tracing::error!(%error, "internal error");
    ApiError::internal()
}

fn unavailable(message: &str) -> ApiError {
    ApiError::plain(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(SOON)
}

/// The response when the caller's headers are rejected.
fn unauthenticated(why: Unauthenticated, caller: &Caller) -> ApiError {
    let project = caller.project();
    let wrong_key = |code, name: &str| {
        ApiError::known(
            code,
            format!("The {name} is not valid for the project \"{project}\". Does the project and/or the key exist?"),
        )
        .with(json!({ "project_id": project }))
    };
    match why {
        Unauthenticated::TokenExpired => token_expired(Some(project), caller.token()),
        Unauthenticated::ProjectUnknown => unknown_project(&project.to_string()),
        Unauthenticated::ClientKeyMissing => ApiError::known(
            Code::PublishableClientKeyRequired,
            format!("Publishable client keys are required for this project ({project}). Create one in the project's settings, or switch the requirement off."),
        )
        .with(json!({ "project_id": project })),
        Unauthenticated::ClientKeyWrong => {
            wrong_key(Code::InvalidPublishableClientKey, "publishable client key")
        }
        Unauthenticated::ServerKeyMissing => ApiError::known(
            Code::ServerAuthenticationRequired,
            "The secret server key must be provided.",
        ),
        Unauthenticated::ServerKeyWrong => wrong_key(Code::InvalidSecretServerKey, "secret server key"),
        Unauthenticated::AdminKeyMissing => ApiError::known(
            Code::AdminAuthenticationRequired,
            "The super secret admin key must be provided.",
        ),
        Unauthenticated::AdminKeyWrong => {
            wrong_key(Code::InvalidSuperSecretAdminKey, "super secret admin key")
        }
    }
}

/// The response when an OAuth client is rejected. It sends an id and a secret instead of headers.
fn oauth_unauthenticated(why: Unauthenticated, client: &str) -> ApiError {
    match why {
        Unauthenticated::ClientKeyMissing => ApiError::known(
            Code::PublishableClientKeyRequired,
            "Publishable client keys are required for this project.",
        )
        .with(json!({ "project_id": client })),
        Unauthenticated::TokenExpired
        | Unauthenticated::ProjectUnknown
        | Unauthenticated::ClientKeyWrong
        | Unauthenticated::ServerKeyMissing
        | Unauthenticated::ServerKeyWrong
        | Unauthenticated::AdminKeyMissing
        | Unauthenticated::AdminKeyWrong => invalid_oauth_client(client),
    }
}

pub fn invalid_oauth_client(client: &str) -> ApiError {
    ApiError::known(
        Code::InvalidOauthClient,
        "The OAuth client ID or secret is invalid. The client ID must be equal to the project ID, and the client secret must be a publishable client key.",
    )
    .with(json!({ "client_id": client }))
}

pub fn unknown_project(id: &str) -> ApiError {
    ApiError::known(
        Code::CurrentProjectNotFound,
        format!("The current project with ID {id} was not found. Please check the value of the x-stack-project-id header."),
    )
    .with(json!({ "project_id": id }))
}

/// Also the response if the token's session has ended.
pub fn token_expired(project: Option<ProjectId>, token: Option<TokenSubject>) -> ApiError {
    ApiError::known(
        Code::AccessTokenExpired,
        "Access token has expired. Please refresh it and try again.",
    )
    .with(json!({
        "expired_at_millis": token.map(|token| token.ends_at),
        "project_id": project,
        "user_id": token.map(|token| token.user),
        "refresh_token_id": token.map(|token| token.session),
    }))
}

/// Existing clients expect a different message from each kind of route.
fn other_user(noun: Noun) -> ApiError {
    let message = match noun {
        Noun::ApiKeys => "Client can only manage their own api keys",
        Noun::Permissions => {
            "Client can only list permissions for their own user. user_id must be either \"me\" or the ID of the current user"
        }
        Noun::Sessions => "Client can only list sessions for their own user.",
        Noun::Teams => {
            "Client can only list teams for their own user. user_id must be either \"me\" or the ID of the current user"
        }
    };
    ApiError::plain(StatusCode::FORBIDDEN, message)
}

fn user_id(subject: &RequestSubject, caller: Option<&Caller>) -> Option<UserId> {
    match subject.user? {
        UserRef::Id(user) => Some(user),
        UserRef::Me => caller?.token_user(),
    }
}

fn user_not_found(subject: &RequestSubject, caller: Option<&Caller>) -> ApiError {
    match (subject.noun, user_id(subject, caller)) {
        (Noun::Sessions, Some(user)) => ApiError::known(
            Code::UserIdDoesNotExist,
            format!("The given user with the ID {user} does not exist."),
        )
        .with(json!({ "user_id": user })),
        _ => ApiError::known(Code::UserNotFound, "User not found."),
    }
}

/// Existing clients know no code for a limit, so the response is plain text. Its status is not 429, with which they would
/// send the request again and again.
fn limit_reached(message: String) -> ApiError {
    ApiError::plain(StatusCode::BAD_REQUEST, message)
}

const fn keys_off(kind: OwnerKind) -> &'static str {
    match kind {
        OwnerKind::User => "User API keys are not enabled for this project.",
        OwnerKind::Team => "Team API keys are not enabled for this project.",
    }
}

fn switched_off(switch: Switch) -> ApiError {
    match switch {
        Switch::SignUp => ApiError::known(
            Code::SignUpNotEnabled,
            "Creation of new accounts is not enabled for this project. Please ask the project owner to enable it.",
        ),
        Switch::Passwords => ApiError::known(
            Code::PasswordAuthenticationNotEnabled,
            "Password authentication is not enabled for this project.",
        ),
        Switch::TeamCreation => ApiError::plain(
            StatusCode::FORBIDDEN,
            "Client team creation is disabled for this project",
        ),
        Switch::UserDeletion => ApiError::plain(
            StatusCode::BAD_REQUEST,
            "Client user deletion is not enabled for this project",
        ),
    }
}

fn permission_not_found(subject: &RequestSubject) -> ApiError {
    let (id, message) = match (&subject.definition, &subject.permission) {
        (Some(id), _) => (
            id,
            format!("Permission \"{id}\" or one of its contained permissions was not found."),
        ),
        (None, Some(id)) => (id, format!("Permission \"{id}\" not found.")),
        (None, None) => return ApiError::internal(),
    };
    ApiError::known(Code::PermissionNotFound, message).with(json!({ "permission_id": id }))
}

fn permission_not_held(subject: &RequestSubject, caller: Option<&Caller>) -> ApiError {
    let user = user_id(subject, caller);
    let permission = subject.permission.as_deref().unwrap_or_default();
    ApiError::known(
        Code::TeamPermissionNotFound,
        format!(
            "User {} does not have permission {permission} in team {}.",
            user.map(|user| user.to_string()).unwrap_or_default(),
            subject
                .team
                .map(|team| team.to_string())
                .unwrap_or_default(),
        ),
    )
    .with(json!({
        "team_id": subject.team,
        "user_id": user,
        "permission_id": permission,
    }))
}

/// Input that is well-formed, but invalid.
fn invalid(field: Field, problem: Invalid, subject: &RequestSubject) -> ApiError {
    match (field, problem) {
        (_, Invalid::Password(InvalidPassword::TooShort)) => ApiError::known(
            Code::PasswordTooShort,
            format!("Password too short. Minimum length is {MIN_PASSWORD}."),
        )
        .with(json!({ "min_length": MIN_PASSWORD })),
        (Field::Email, Invalid::Taken) => {
            let email = subject.email.as_deref().unwrap_or_default();
            ApiError::known(
                Code::UserEmailAlreadyExists,
                format!("A user with email \"{email}\" already exists."),
            )
            .with(json!({ "email": email, "would_work_if_email_was_verified": false }))
        }
        (field, problem) => ApiError::schema(format!("body.{}: {problem}", field_name(field))),
    }
}

const fn field_name(field: Field) -> &'static str {
    match field {
        Field::Description => "description",
        Field::Expires => "expires_at_millis",
        Field::DisplayName => "display_name",
        Field::KeyLimit => "config.max_api_keys_per_owner",
        Field::Email => "email",
        Field::Password | Field::CurrentPassword => "password",
    }
}
