//! Sessions: signed-in applications and browsers.

use axum::Json;
use latchkey_model::{
    expiry::Millis,
    id::{SessionId, UserId},
};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::{ApiError, Code},
    headers::header_text,
    wire::{AccessToken, List, SUCCESS, SessionBody, Success, Tokens},
};
use latchkey_domain::{Error, sessions::Lifetime};
use latchkey_model::user::UserRef;

/// The longest session a server may ask for: ten years.
const LONGEST_MILLIS: Millis = 10 * 365 * 24 * 60 * 60 * 1000;

/// A session to be started for a user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct CreateSession {
    /// Whose.
    user_id: Uuid,
    /// How long it lasts; a year where it is absent.
    #[schema(nullable = false)]
    expires_in_millis: Option<i64>,
    /// Whether it is to see what the user sees.
    #[schema(nullable = false)]
    is_impersonation: Option<bool>,
}

/// Starts a session for a user.
#[utoipa::path(post, path = "/auth/sessions", tag = "Sessions", request_body = CreateSession,
    responses((status = 200, description = "The session's tokens", body = Tokens)))]
pub async fn create(mut call: Call) -> Result<Json<Tokens>, ApiError> {
    let (who, lifetime, is_impersonation) = call
        .input(SERVERS, |input| {
            let mut body = input.body();
            let who = body.who("user_id");
            let lifetime = body.whole("expires_in_millis", 1, LONGEST_MILLIS);
            let is_impersonation = body.truth("is_impersonation").unwrap_or_default();
            body.end();
            let lifetime = lifetime.map_or(Lifetime::Application, Lifetime::Millis);
            Some((who?, lifetime, is_impersonation))
        })
        .await?;
    let user: UserId = match who {
        UserRef::Id(user) => user,
        UserRef::Me => call
            .caller
            .token_user()
            .ok_or_else(|| call.told(Error::NoOwnUser))?,
    };
    let started = call
        .state
        .domain
        .start_session(&call.caller, user, lifetime, is_impersonation)
        .await
        .map_err(|error| match error {
            Error::UserNotFound => ApiError::known(
                Code::UserIdDoesNotExist,
                format!("The given user with the ID {user} does not exist."),
            )
            .with(json!({ "user_id": user })),
            error => call.told(error),
        })?;
    let access_token = call
        .state
        .tokens
        .issue(call.caller.project(), started.session, &started.user)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(Tokens {
        refresh_token: started.token.expose().to_owned(),
        access_token,
    }))
}

/// Lists a user's sessions, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "Sessions",
    params(("user_id" = String, Query, description = "Whose: an id, or `me`")),
    responses((status = 200, description = "All sessions", body = List<SessionBody>)))]
pub async fn list(mut call: Call) -> Result<Json<List<SessionBody>>, ApiError> {
    let who = call
        .input(ANYBODY, |input| {
            let mut query = input.query();
            let who = query.who("user_id");
            query.end();
            who
        })
        .await?;
    let sessions = call
        .state
        .domain
        .sessions(&call.caller, who)
        .await
        .map_err(|error| match error {
            Error::NotOwn => not_own(),
            error => call.told(error),
        })?;
    Ok(Json(List::of(sessions)))
}

fn not_own() -> ApiError {
    ApiError::plain(
        axum::http::StatusCode::FORBIDDEN,
        "Client can only list sessions for their own user.",
    )
}

/// Ends a session.
#[utoipa::path(delete, path = "/auth/sessions/{session_id}", tag = "Sessions",
    params(
        ("session_id" = Uuid, Path, description = "The session"),
        ("user_id" = Option<String>, Query, description = "Whose: an id, or `me`"),
    ),
    responses((status = 200, description = "It has ended", body = Success)))]
pub async fn end(mut call: Call) -> Result<Json<Success>, ApiError> {
    let session = call
        .input(ANYBODY, |input| {
            let mut params = input.params();
            let session = params.uuid("session_id").map(SessionId::new);
            params.end();
            let mut query = input.query();
            query.optional_who("user_id");
            query.end();
            session
        })
        .await?;
    call.state
        .domain
        .end_session(&call.caller, session)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(SUCCESS))
}

/// Signs out: ends the session of the access token.
#[utoipa::path(delete, path = "/auth/sessions/current", tag = "Sessions",
    responses((status = 200, description = "It has ended", body = Success)))]
pub async fn end_current(mut call: Call) -> Result<Json<Success>, ApiError> {
    call.input(ANYBODY, |_| Some(())).await?;
    call.state
        .domain
        .end_own_session(&call.caller)
        .await
        .map_err(|error| match (error, call.caller.token()) {
            // A token that would still be good but for its session: the session has ended already.
            (Error::Refused(latchkey_domain::Refused::TokenExpired), Some(token))
                if !call.state.tokens.has_ended(token.ends_at) =>
            {
                call.told(Error::SessionNotFound)
            }
            (error, _) => call.told(error),
        })?;
    Ok(Json(SUCCESS))
}

/// Refreshes the access token of the session whose refresh token is in the header.
#[utoipa::path(post, path = "/auth/sessions/current/refresh", tag = "Sessions",
    params(("x-stack-refresh-token" = Option<String>, Header, description = "The session's refresh token")),
    responses((status = 200, description = "A fresh access token", body = AccessToken)))]
pub async fn refresh_current(mut call: Call) -> Result<Json<AccessToken>, ApiError> {
    // The access token that comes along may have expired: that is why this is asked.
    call.caller = call.caller.without_token();
    call.input(ANYBODY, |_| Some(())).await?;
    let token = header_text(&call.parts.headers, "refresh-token").unwrap_or_default();
    let (session, user) = call
        .state
        .domain
        .refresh(&call.caller, &token)
        .await
        .map_err(|error| call.told(error))?;
    let access_token = call
        .state
        .tokens
        .issue(call.caller.project(), session, &user)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(AccessToken { access_token }))
}
