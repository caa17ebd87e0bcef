//! The OAuth 2.0 token endpoint (RFC 6749, section 6), as far as refreshing goes. It is asked
//! without any of our headers.

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use latchkey_model::id::ProjectId;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    ApiState,
    call::Sent,
    error::{ApiError, Code},
    headers::{NO_CLIENT_KEY, unavailable},
    schema::Input,
    value::uuid,
    wire::OauthTokens,
};
use latchkey_domain::{Error, Refused};
use latchkey_model::{
    caller::{Caller, CallerKind},
    digest::Digest,
};

/// What programs that know this protocol expect; they go by the token's own end.
const EXPIRES_IN: u32 = 3599;

/// A refresh, as a form or as JSON.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`grant_type` is checked as it is read")]
#[expect(clippy::struct_field_names, reason = "the names of RFC 6749")]
pub struct Refresh {
    /// `refresh_token`.
    grant_type: String,
    /// The session's.
    refresh_token: String,
    /// The project's id.
    client_id: String,
    /// The publishable client key, or `__stack_public_client__`.
    client_secret: Option<String>,
}

fn read(input: &mut Input) -> Option<Refresh> {
    let mut body = input.body();
    let grant_type = body.text("grant_type");
    if grant_type
        .as_deref()
        .is_some_and(|kind| kind != "refresh_token")
    {
        body.problem(
            "grant_type",
            "must be one of the following values: refresh_token",
        );
    }
    let refresh_token = body.text("refresh_token");
    let client_id = body.text("client_id");
    let client_secret = body.optional_text("client_secret");
    body.ignore("");
    body.end();
    Some(Refresh {
        grant_type: grant_type?,
        refresh_token: refresh_token?,
        client_id: client_id?,
        client_secret,
    })
}

fn wrong_client(id: &str) -> ApiError {
    ApiError::known(
        Code::InvalidOauthClient,
        "The OAuth client ID or secret is invalid. The client ID must be equal to the project ID, and the client secret must be a publishable client key.",
    )
    .with(json!({ "client_id": id }))
}

fn told(error: &Error, client_id: &str) -> ApiError {
    match error {
        Error::Refused(Refused::ClientKeyMissing) => ApiError::known(
            Code::PublishableClientKeyRequired,
            "Publishable client keys are required for this project.",
        )
        .with(json!({ "project_id": client_id })),
        Error::Refused(_) => wrong_client(client_id),
        Error::SessionNotFound => ApiError::known(
            Code::RefreshTokenNotFound,
            "Refresh token not found for this project, or the session has expired/been revoked.",
        ),
        error => unavailable(error),
    }
}

/// Refreshes the access token of a session. The refresh token stays the same.
#[utoipa::path(post, path = "/auth/oauth/token", tag = "Authentication",
    request_body(content(
        (Refresh = "application/x-www-form-urlencoded"),
        (Refresh = "application/json"),
    )),
    security(()),
    responses((status = 200, description = "A fresh access token", body = OauthTokens)))]
pub async fn token(State(state): State<ApiState>, request: Request) -> Response {
    match refresh(&state, request).await {
        Ok(tokens) => Json(tokens).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn refresh(state: &ApiState, request: Request) -> Result<OauthTokens, ApiError> {
    let (mut parts, body) = request.into_parts();
    let asked = Sent::receive(&mut parts, body).await?.read(read)?;
    let client = asked.client_id.as_str();
    let (id, branch) = client.split_once('#').unwrap_or((client, "main"));
    let project = uuid(id)
        .filter(|_| branch == "main")
        .map(ProjectId::new)
        .ok_or_else(|| wrong_client(client))?;
    let key = asked
        .client_secret
        .filter(|key| !key.is_empty() && key != NO_CLIENT_KEY)
        .map(|key| Digest::of(&key));
    let caller = Caller::program(project, CallerKind::Client, key, None);
    let (session, user) = state
        .domain
        .refresh(&caller, &asked.refresh_token)
        .await
        .map_err(|error| told(&error, client))?;
    let access_token = state
        .tokens
        .issue(project, session, &user)
        .await
        .map_err(|error| unavailable(&error))?;
    Ok(OauthTokens {
        access_token,
        token_type: "Bearer",
        expires_in: EXPIRES_IN,
        refresh_token: asked.refresh_token,
        scope: "legacy",
    })
}
