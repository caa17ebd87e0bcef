//! Reads the caller from the headers of a request. Every header is accepted under both prefixes.

use axum::http::HeaderMap;
use latchkey_model::{
    caller::{Caller, CallerKind, TokenSubject},
    digest::Digest,
    id::ProjectId,
};
use serde_json::json;

use super::{
    ApiState,
    error::{ApiError, Code},
    error_table::{token_expired, unknown_project},
    javascript::uuid,
};

const PREFIXES: [&str; 2] = ["x-stack-", "x-hexclave-"];

/// The placeholder that a client may send if it has no publishable client key.
pub const NO_CLIENT_KEY: &str = "__stack_public_client__";

/// Returns a header under either prefix; an empty one counts as absent. Bytes that are not UTF-8
/// are replaced, so the result cannot be a valid key.
pub fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    PREFIXES.iter().find_map(|prefix| {
        headers
            .get(format!("{prefix}{name}"))
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .filter(|value| !value.is_empty())
    })
}

/// A caller whose headers are well-formed. The database verifies them.
pub struct Authenticated {
    pub caller: Caller,
    /// The access type in the header; in `caller` an admin access token overrides it.
    pub access: CallerKind,
    /// An error that is reported only after the checks that precede it.
    pub unknown_branch: Option<ApiError>,
}

/// Reads the caller from the headers.
///
/// # Errors
/// The first error that can be detected without looking up the project.
pub async fn authenticate(
    state: &ApiState,
    headers: &HeaderMap,
) -> Result<Authenticated, ApiError> {
    let text = |name| header_text(headers, name);
    let access = access_type(headers)?;
    let Some(named) = text("project-id") else {
        return Err(ApiError::known(
            Code::AccessTypeWithoutProjectId,
            format!(
                "The x-stack-access-type header was '{}', but there is no x-stack-project-id header.",
                access.as_str()
            ),
        )
        .with(json!({ "request_type": access.as_str() })));
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
        // The token of an administrator replaces every key.
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
    Ok(Authenticated {
        caller,
        access,
        unknown_branch,
    })
}

fn access_type(headers: &HeaderMap) -> Result<CallerKind, ApiError> {
    let keys = [
        "publishable-client-key",
        "secret-server-key",
        "super-secret-admin-key",
        "admin-access-token",
    ];
    let Some(access_type) = header_text(headers, "access-type") else {
        return Err(
            if keys.iter().any(|name| header_text(headers, name).is_some()) {
                ApiError::known(
                    Code::ProjectKeyWithoutAccessType,
                    "A project key was sent without the x-stack-access-type header, which says what it is for.",
                )
            } else {
                ApiError::known(
                    Code::AccessTypeRequired,
                    "The x-stack-access-type header must be 'client', 'server' or 'admin'.",
                )
            },
        );
    };
    match access_type.as_str() {
        "client" => Ok(CallerKind::Client),
        "server" => Ok(CallerKind::Server),
        "admin" => Ok(CallerKind::Admin),
        other => Err(ApiError::known(
            Code::InvalidAccessType,
            format!(
                "The x-stack-access-type header must be 'client', 'server' or 'admin', but was '{other}'."
            ),
        )),
    }
}

async fn read_token(
    state: &ApiState,
    token: &str,
    named: &str,
    project: Option<ProjectId>,
) -> Result<TokenSubject, ApiError> {
    let read = state.tokens.read(token).await?.map_err(|_| {
        ApiError::known(Code::UnparsableAccessToken, "Access token is not parsable.")
    })?;
    if Some(read.project) == project {
        return Ok(read.subject);
    }
    if state.tokens.has_ended(read.subject.ends_at).await? {
        return Err(token_expired(Some(read.project), Some(read.subject)));
    }
    let actual = read.project;
    Err(ApiError::known(
        Code::InvalidProjectForAccessToken,
        format!("Access token is for project {actual}, but the request is for project {named}."),
    )
    .with(json!({ "expected_project_id": named, "actual_project_id": actual })))
}
