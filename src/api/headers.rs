//! Who asks, by the request's headers. Every header is read under both its prefixes.

use axum::http::{HeaderMap, StatusCode};
use latchkey_model::id::ProjectId;
use serde_json::json;

use super::{
    ApiState,
    error::{ApiError, Code},
    state,
    value::uuid,
};
use latchkey_domain::Error;
use latchkey_model::{
    caller::{Caller, CallerKind, TokenSubject},
    digest::Digest,
};

const PREFIXES: [&str; 2] = ["x-stack-", "x-hexclave-"];

/// A client that has no key says so by this word.
pub(super) const NO_CLIENT_KEY: &str = "__stack_public_client__";

/// A header's text under either prefix; an empty one counts as absent. What is no text is kept as
/// far as it can be read: then it is no key of anybody's.
pub fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    PREFIXES.iter().find_map(|prefix| {
        headers
            .get(format!("{prefix}{name}"))
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .filter(|value| !value.is_empty())
    })
}

/// A caller whose headers make sense. Whether they are true is for the database to say.
pub struct Asking {
    pub caller: Caller,
    /// The access type, as the request says it.
    pub access: CallerKind,
    /// The branch is none of ours; said once everything before it is right.
    pub unknown_branch: Option<ApiError>,
}

/// Reads who asks.
///
/// # Errors
/// The first check of the contract's order that fails before the project is looked up.
pub async fn asking(state: &ApiState, headers: &HeaderMap) -> Result<Asking, ApiError> {
    let text = |name| header_text(headers, name);
    let keys = [
        "publishable-client-key",
        "secret-server-key",
        "super-secret-admin-key",
        "admin-access-token",
    ];
    let Some(access_type) = text("access-type") else {
        return Err(if keys.iter().any(|name| text(name).is_some()) {
            ApiError::known(
                Code::ProjectKeyWithoutAccessType,
                "A project key was sent without the x-stack-access-type header, which says what it is for.",
            )
        } else {
            ApiError::known(
                Code::AccessTypeRequired,
                "The x-stack-access-type header must be 'client', 'server' or 'admin'.",
            )
        });
    };
    let access = match access_type.as_str() {
        "client" => CallerKind::Client,
        "server" => CallerKind::Server,
        "admin" => CallerKind::Admin,
        other => {
            return Err(ApiError::known(
                Code::InvalidAccessType,
                format!(
                    "The x-stack-access-type header must be 'client', 'server' or 'admin', but was '{other}'."
                ),
            ));
        }
    };
    let Some(named) = text("project-id") else {
        return Err(ApiError::known(
            Code::AccessTypeWithoutProjectId,
            format!(
                "The x-stack-access-type header was '{access_type}', but there is no x-stack-project-id header."
            ),
        )
        .with(json!({ "request_type": access_type })));
    };
    let project = uuid(&named).map(ProjectId::new);
    let token = match text("access-token") {
        Some(token) => Some(read_token(state, &token, &named, project).await?),
        None => None,
    };
    let project = project.ok_or_else(|| unknown_project(&named))?;
    let digest = |name| text(name).map(|key: String| Digest::of(&key));
    let (kind, key) = match access {
        CallerKind::Client | CallerKind::Browser => (
            CallerKind::Client,
            text("publishable-client-key")
                .filter(|key| key != NO_CLIENT_KEY)
                .map(|key| Digest::of(&key)),
        ),
        CallerKind::Server => (CallerKind::Server, digest("secret-server-key")),
        CallerKind::Admin => (CallerKind::Admin, digest("super-secret-admin-key")),
    };
    let caller = match text("admin-access-token") {
        // Its user's own token takes the place of every key.
        Some(token) => {
            let admin = read_token(state, &token, &named, Some(project)).await?;
            Caller::program(project, CallerKind::Admin, None, Some(admin))
        }
        None => Caller::program(project, kind, key, token),
    };
    let unknown_branch = text("branch-id")
        .filter(|branch| branch != "main")
        .map(|branch| {
            let message = format!("The branch with ID {branch} does not exist.");
            ApiError::known(Code::BranchDoesNotExist, message).with(json!({ "branch_id": branch }))
        });
    Ok(Asking {
        caller,
        access,
        unknown_branch,
    })
}

/// There is no such project.
pub fn unknown_project(id: &str) -> ApiError {
    ApiError::known(
        Code::CurrentProjectNotFound,
        format!("The current project with ID {id} was not found. Please check the value of the x-stack-project-id header."),
    )
    .with(json!({ "project_id": id }))
}

/// The access token has ended, or its session has.
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

async fn read_token(
    state: &state::ApiState,
    token: &str,
    named: &str,
    project: Option<ProjectId>,
) -> Result<TokenSubject, ApiError> {
    let read = state
        .tokens
        .read(token)
        .await
        .map_err(|error| unavailable(&error))?
        .map_err(|_| {
            ApiError::known(Code::UnparsableAccessToken, "Access token is not parsable.")
        })?;
    if Some(read.project) == project {
        return Ok(read.subject);
    }
    if state.tokens.has_ended(read.subject.ends_at) {
        return Err(token_expired(Some(read.project), Some(read.subject)));
    }
    let actual = read.project;
    Err(ApiError::known(
        Code::InvalidProjectForAccessToken,
        format!("Access token is for project {actual}, but the request is for project {named}."),
    )
    .with(json!({ "expected_project_id": named, "actual_project_id": actual })))
}

/// The database is away, or something is wrong here: what programs are told, and the log.
pub fn unavailable(error: &Error) -> ApiError {
    match error {
        Error::Unavailable(cause) => {
            tracing::error!(%cause, "the database is not available");
            let message = "The database is not available. Please try again in a moment.";
            ApiError::plain(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(2)
        }
        error => {
            tracing::error!(%error, "internal error");
            ApiError::internal()
        }
    }
}
