//! The OAuth 2.0 token endpoint (RFC 6749, section 6), for refreshing only. The client's ID and secret are in the
//! body, in place of headers.

use axum::{Json, extract::State};
use latchkey_domain::{Domain, auth::token::Tokens};
use latchkey_model::{
    caller::{Caller, CallerKind},
    digest::Digest,
    id::ProjectId,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    authenticate::NO_CLIENT_KEY,
    documented::Errors,
    error::{
        ApiError,
        code::{
            BodyParsingError, InvalidOauthClient, PublishableClientKeyRequired,
            RefreshTokenNotFound, SchemaError,
        },
    },
    error_table::invalid_oauth_client,
    extract::Public,
    field::Value,
    input::Fields,
    javascript::uuid,
    request::{Body, request},
    values::word,
};

/// The value that existing clients expect. It is not the lifetime of the token.
const EXPIRES_IN_SECONDS: u32 = 3599;

word! {
    /// The only supported grant.
    RefreshTokenGrant = "refresh_token"
}

/// A project's ID, or `ID#main`. It names the client in errors.
pub struct ClientId(String);

impl Value for ClientId {
    fn read(fields: &mut Fields<'_>, name: &str, value: serde_json::Value) -> Option<Self> {
        let id = <String as Value>::read(fields, name, value)?;
        fields.subject.oauth_client = Some(id.clone());
        Some(Self(id))
    }

    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as Value>::schema()
    }
}

impl ClientId {
    fn project(&self) -> Option<ProjectId> {
        let (id, branch) = self.0.split_once('#').unwrap_or((&self.0, "main"));
        uuid(id).filter(|_| branch == "main").map(ProjectId::new)
    }
}

request! {
    /// A request for a new access token, as a form or as JSON.
    #[ignore = ""]
    pub struct TokenRequest {
        /// `refresh_token`.
        grant_type: RefreshTokenGrant,
        /// The session's refresh token.
        refresh_token: String,
        /// The project's ID.
        client_id: ClientId,
        /// The publishable client key, or `__stack_public_client__`.
        client_secret: Option<String>,
    }
}

/// The response of a token endpoint (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = OauthTokens)]
pub struct OauthTokensResponse {
    /// A JWT, valid for ten minutes.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// A constant number of seconds, for compatibility. Read the token's `exp` for its real expiry.
    pub expires_in: u32,
    /// The refresh token that was sent. It does not change.
    pub refresh_token: String,
    /// `legacy`.
    pub scope: &'static str,
}

/// Issues a new access token for a session. The refresh token does not change.
#[utoipa::path(post, path = "/auth/oauth/token", tag = "Authentication",
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
    )),
    security(()),
    responses(
        (status = 200, description = "A new access token", body = OauthTokensResponse),
        Errors<Public<()>, (
            BodyParsingError, InvalidOauthClient, PublishableClientKeyRequired, RefreshTokenNotFound, SchemaError,
        )>,
    ))]
pub async fn token(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    Public(Body(sent)): Public<Body<TokenRequest>>,
) -> Result<Json<OauthTokensResponse>, ApiError> {
    let TokenRequest {
        grant_type: RefreshTokenGrant,
        refresh_token,
        client_id,
        client_secret,
    } = sent;
    let Some(project) = client_id.project() else {
        return Err(invalid_oauth_client(&client_id.0));
    };
    let key = client_secret
        .filter(|key| !key.is_empty() && key != NO_CLIENT_KEY)
        .map(|key| Digest::of(&key));
    let caller = Caller::program(project, CallerKind::Client, key, None);
    let (session, user) = domain.refresh(&caller, &refresh_token).await?;
    Ok(Json(OauthTokensResponse {
        access_token: tokens.issue(project, session, &user).await?,
        token_type: "Bearer",
        expires_in: EXPIRES_IN_SECONDS,
        refresh_token,
        scope: "legacy",
    }))
}
