//! Team API keys. A caller without the permission to manage them gets the same response as for a key that does not exist.

use axum::{Json, extract::State, response::Response};
use latchkey_domain::Domain;
use latchkey_model::{
    api_key::{KeyLookup, KeyScope},
    description::AppDescription,
    id::TeamId,
    owner::OwnerKind,
};

use super::{
    api_keys::{self, ApiKeyPath, ApiKeyResponse, UpdateApiKey},
    key_check::{self, CheckApiKey},
};
use crate::{
    documented::{Errors, Plain},
    error::{
        ApiError,
        code::{
            ApiKeyExpired, ApiKeyNotFound, ApiKeyRevoked, TeamNotFound, UserAuthenticationRequired,
            WrongApiKeyType,
        },
    },
    extract::{Anyone, Server},
    field::Nullable,
    long_list::{self, COMPLETE},
    request::{Body, PathParams, QueryParams, request},
    response::List,
    values::Instant,
};

request! {
    /// A key to create for a team.
    pub struct CreateTeamApiKey {
        /// What the key is for.
        description: AppDescription,
        /// When the key expires, in milliseconds since 1970; null for never.
        expires_at_millis: Nullable<Instant>,
        /// Whether the key may be published. A public key begins with `pk_`.
        is_public: Option<bool>,
        /// The ID of the team that will own the key.
        team_id: TeamId,
    }
}

request! {
    /// The team that owns the keys.
    pub struct TeamQuery {
        /// The ID of the team that owns the keys
        team_id: TeamId,
    }
}

/// Creates an API key for a team.
#[utoipa::path(post, path = "/team-api-keys", tag = "Team API keys", request_body = CreateTeamApiKey,
    responses(
        (status = 200, description = "The key, with its secret. No later response contains the secret.", body = ApiKeyResponse),
        Errors<Anyone, (ApiKeyNotFound, TeamNotFound, UserAuthenticationRequired, Plain<400>)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Anyone(caller, Body(new)): Anyone<Body<CreateTeamApiKey>>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let key = api_keys::requested(new.description, new.expires_at_millis.0, new.is_public);
    let created = domain
        .request_key(&caller, KeyScope::OfTeam(new.team_id), key)
        .await?;
    Ok(Json(ApiKeyResponse::with_secret(&created)))
}

/// Lists a team's API keys, newest first, including expired and revoked ones.
#[utoipa::path(get, path = "/team-api-keys", tag = "Team API keys", params(QueryParams<TeamQuery>),
    responses(
        (status = 200, description = "The keys", body = List<ApiKeyResponse>),
        Errors<Anyone, (ApiKeyNotFound, UserAuthenticationRequired, Plain<400>)>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Anyone(caller, QueryParams(query)): Anyone<QueryParams<TeamQuery>>,
) -> Result<Response, ApiError> {
    let keys = domain.all_keys(&caller, KeyScope::OfTeam(query.team_id));
    long_list::send(keys, ApiKeyResponse::from, COMPLETE).await
}

/// Returns a team's API key.
#[utoipa::path(get, path = "/team-api-keys/{api_key_id}", tag = "Team API keys",
    params(PathParams<ApiKeyPath>, QueryParams<TeamQuery>),
    responses(
        (status = 200, description = "The key", body = ApiKeyResponse),
        Errors<Anyone, (ApiKeyNotFound, UserAuthenticationRequired, Plain<400>)>,
    ))]
pub async fn read(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), QueryParams(query))): Anyone<(
        PathParams<ApiKeyPath>,
        QueryParams<TeamQuery>,
    )>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let lookup = KeyLookup::Scope(KeyScope::OfTeam(query.team_id));
    Ok(Json(
        domain.key(&caller, lookup, path.api_key_id).await?.into(),
    ))
}

type Update = (
    PathParams<ApiKeyPath>,
    Body<UpdateApiKey>,
    QueryParams<TeamQuery>,
);

/// Changes the description of a team's API key, or revokes it.
#[utoipa::path(patch, path = "/team-api-keys/{api_key_id}", tag = "Team API keys",
    params(PathParams<ApiKeyPath>, QueryParams<TeamQuery>), request_body = UpdateApiKey,
    responses(
        (status = 200, description = "The changed key", body = ApiKeyResponse),
        Errors<Anyone, (ApiKeyNotFound, UserAuthenticationRequired, Plain<400>)>,
    ))]
pub async fn update(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), Body(change), QueryParams(query))): Anyone<Update>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let lookup = KeyLookup::Scope(KeyScope::OfTeam(query.team_id));
    let key = api_keys::update(&domain, &caller, lookup, path.api_key_id, change).await?;
    Ok(Json(key))
}

/// Checks whether a team's API key is valid.
#[utoipa::path(post, path = "/team-api-keys/check", tag = "Team API keys", request_body = CheckApiKey,
    responses(
        (status = 200, description = "The key is valid", body = ApiKeyResponse),
        Errors<Server, (ApiKeyExpired, ApiKeyNotFound, ApiKeyRevoked, WrongApiKeyType, Plain<400>)>,
    ))]
pub async fn check(
    State(domain): State<Domain>,
    Server(caller, Body(sent)): Server<Body<CheckApiKey>>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let key = key_check::check(&domain, &caller, OwnerKind::Team, &sent.api_key).await?;
    Ok(Json(key))
}
