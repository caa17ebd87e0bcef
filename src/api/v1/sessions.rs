//! Users' sessions.

use axum::{Json, extract::State, response::Response};
use latchkey_domain::{Denied, Domain, Error, auth::token::Tokens};
use latchkey_model::{
    caller::UserRef,
    id::{SessionId, UserId},
    session::Session,
    session_lifetime::{MAX_MILLIS, SessionLifetime},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    authenticate::header_text,
    documented::{Errors, Plain},
    error::{
        ApiError,
        code::{CannotGetOwnUser, RefreshTokenNotFound, UserIdDoesNotExist},
    },
    extract::{Anyone, Server},
    input::Input,
    long_list::{self, COMPLETE},
    request::{Body, FromInput, PathParams, QueryParams, request},
    response::{List, SUCCESS, Success},
    values::Whole,
};

request! {
    /// A session to create for a user.
    #[about = Sessions]
    pub struct CreateSession {
        /// The user's ID, or `me`.
        user_id: UserRef,
        /// The session's lifetime in milliseconds. One year by default.
        expires_in_millis: Option<Whole<1, MAX_MILLIS>>,
        /// Whether the session is used by someone who impersonates the user.
        is_impersonation: Option<bool>,
    }
}

request! {
    /// The user whose sessions to list.
    #[about = Sessions]
    pub struct ListSessions {
        /// The user's ID, or `me`
        user_id: UserRef,
    }
}

request! {
    /// The session in the path.
    pub struct SessionPath {
        /// The session's ID
        session_id: SessionId,
    }
}

request! {
    /// Accepted for compatibility: the session's ID is enough.
    pub struct SessionQuery {
        ;
        /// The user's ID, or `me`. Accepted for compatibility
        user_id: Option<UserRef>,
    }
}

/// The refresh token in the header. An access token in the same request is ignored: it may have expired.
pub struct RefreshToken(String);

impl FromInput for RefreshToken {
    const IGNORES_ACCESS_TOKEN: bool = true;

    fn read(input: &mut Input) -> Option<Self> {
        let token = header_text(&input.headers, "refresh-token");
        Some(Self(token.unwrap_or_default()))
    }
}

/// The tokens of a new session.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensResponse {
    /// Valid for as long as the session.
    pub refresh_token: String,
    /// A JWT, valid for ten minutes.
    pub access_token: String,
}

/// A new access token.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessToken)]
pub struct AccessTokenResponse {
    /// A JWT, valid for ten minutes.
    pub access_token: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionResponse {
    #[schema(value_type = Uuid)]
    id: SessionId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    created_at: i64,
    is_impersonation: bool,
    last_used_at: i64,
    is_current_session: bool,
}

impl From<Session> for SessionResponse {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            user_id: session.user,
            created_at: session.created_at,
            is_impersonation: session.is_impersonation,
            last_used_at: session.last_used_at,
            is_current_session: session.is_current,
        }
    }
}

/// Creates a session for a user.
#[utoipa::path(post, path = "/auth/sessions", tag = "Sessions", request_body = CreateSession,
    responses(
        (status = 200, description = "The session's tokens", body = TokensResponse),
        Errors<Server, (CannotGetOwnUser, UserIdDoesNotExist)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    Server(caller, Body(new)): Server<Body<CreateSession>>,
) -> Result<Json<TokensResponse>, ApiError> {
    let user = match new.user_id {
        UserRef::Id(user) => user,
        UserRef::Me => caller
            .token_user()
            .ok_or(Error::from(Denied::OwnUserMissing))?,
    };
    let lifetime = new
        .expires_in_millis
        .map_or(SessionLifetime::Application, |millis| {
            SessionLifetime::Millis(millis.0)
        });
    let is_impersonation = new.is_impersonation.unwrap_or_default();
    let started = domain
        .start_session(&caller, user, lifetime, is_impersonation)
        .await?;
    let access_token = tokens
        .issue(caller.project(), started.session, &started.user)
        .await?;
    Ok(Json(TokensResponse {
        refresh_token: started.token.expose().to_owned(),
        access_token,
    }))
}

/// Lists a user's sessions, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "Sessions", params(QueryParams<ListSessions>),
    responses(
        (status = 200, description = "The sessions", body = List<SessionResponse>),
        Errors<Anyone, (CannotGetOwnUser, Plain<403>)>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Anyone(caller, QueryParams(query)): Anyone<QueryParams<ListSessions>>,
) -> Result<Response, ApiError> {
    let sessions = domain.sessions(&caller, query.user_id);
    long_list::send(sessions, SessionResponse::from, COMPLETE).await
}

/// Ends a session.
#[utoipa::path(delete, path = "/auth/sessions/{session_id}", tag = "Sessions",
    params(PathParams<SessionPath>, QueryParams<SessionQuery>),
    responses(
        (status = 200, description = "The session has ended", body = Success),
        Errors<Anyone, RefreshTokenNotFound>,
    ))]
pub async fn end(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), _)): Anyone<(
        PathParams<SessionPath>,
        QueryParams<SessionQuery>,
    )>,
) -> Result<Json<Success>, ApiError> {
    domain.end_session(&caller, path.session_id).await?;
    Ok(Json(SUCCESS))
}

/// Signs out: ends the access token's session.
#[utoipa::path(delete, path = "/auth/sessions/current", tag = "Sessions",
    responses(
        (status = 200, description = "The session has ended", body = Success),
        Errors<Anyone, RefreshTokenNotFound>,
    ))]
pub async fn end_current(
    State(domain): State<Domain>,
    Anyone(caller, ()): Anyone,
) -> Result<Json<Success>, ApiError> {
    domain.end_own_session(&caller).await?;
    Ok(Json(SUCCESS))
}

/// Issues a new access token for the session whose refresh token is in the header.
#[utoipa::path(post, path = "/auth/sessions/current/refresh", tag = "Sessions",
    params(("x-stack-refresh-token" = Option<String>, Header, description = "The session's refresh token")),
    responses(
        (status = 200, description = "A new access token", body = AccessTokenResponse),
        Errors<Anyone, RefreshTokenNotFound>,
    ))]
pub async fn refresh_current(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    Anyone(caller, RefreshToken(token)): Anyone<RefreshToken>,
) -> Result<Json<AccessTokenResponse>, ApiError> {
    let (session, user) = domain.refresh(&caller, &token).await?;
    let access_token = tokens.issue(caller.project(), session, &user).await?;
    Ok(Json(AccessTokenResponse { access_token }))
}
