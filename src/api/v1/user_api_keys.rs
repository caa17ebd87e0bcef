//! User API keys.

use axum::{Json, extract::State, response::Response};
use latchkey_domain::{Denied, Domain, Error, long_list::LongList as _};
use latchkey_model::{
    api_key::{KeyLookup, KeyScope},
    caller::Caller,
    caller::UserRef,
    description::AppDescription,
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
            ApiKeyExpired, ApiKeyNotFound, ApiKeyRevoked, CannotGetOwnUser,
            UserAuthenticationRequired, UserNotFound, WrongApiKeyType,
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
    /// A key to create for a user.
    pub struct CreateUserApiKey {
        /// What the key is for.
        description: AppDescription,
        /// When the key expires, in milliseconds since 1970; null for never.
        expires_at_millis: Nullable<Instant>,
        /// Whether the key may be published. A public key begins with `pk_`.
        is_public: Option<bool>,
        /// The user who will own the key: an ID, or `me`.
        user_id: UserRef,
    }
}

request! {
    /// The user who owns the keys.
    pub struct UserQuery {
        /// The user who owns the keys: an ID, or `me`
        user_id: Option<UserRef>,
    }
}

fn keys_of(user: UserRef) -> KeyScope {
    match user {
        UserRef::Me => KeyScope::Own,
        UserRef::Id(user) => KeyScope::OfUser(user),
    }
}

/// Creates an API key for a user.
#[utoipa::path(post, path = "/user-api-keys", tag = "User API keys", request_body = CreateUserApiKey,
    responses(
        (status = 200, description = "The key, with its secret. No later response contains the secret.", body = ApiKeyResponse),
        Errors<Anyone, (CannotGetOwnUser, UserAuthenticationRequired, UserNotFound, Plain<400>, Plain<403>)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Anyone(caller, Body(new)): Anyone<Body<CreateUserApiKey>>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let key = api_keys::requested(new.description, new.expires_at_millis.0, new.is_public);
    let created = domain
        .request_key(&caller, keys_of(new.user_id), key)
        .await?;
    Ok(Json(ApiKeyResponse::with_secret(&created)))
}

/// Lists a user's API keys, newest first, including expired and revoked ones.
#[utoipa::path(get, path = "/user-api-keys", tag = "User API keys", params(QueryParams<UserQuery>),
    responses(
        (status = 200, description = "The keys", body = List<ApiKeyResponse>),
        Errors<Anyone, (CannotGetOwnUser, UserAuthenticationRequired, Plain<400>, Plain<403>)>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Anyone(caller, QueryParams(query)): Anyone<QueryParams<UserQuery>>,
) -> Result<Response, ApiError> {
    let Some(user) = query.user_id else {
        // Existing clients expect this check after that of the project's switch, and the message without its usual
        // first line.
        domain.can_see_user_keys(&caller).await?;
        let message = "user_id is required for user API keys";
        return Err(ApiError::schema(message.to_owned()));
    };
    let keys = domain.all_keys(&caller, keys_of(user));
    long_list::send(keys, ApiKeyResponse::from, COMPLETE).await
}

/// The scope in which a key is looked up. A client that names another user is rejected before the lookup.
async fn key_lookup(
    domain: &Domain,
    caller: &Caller,
    named: Option<UserRef>,
) -> Result<KeyLookup, Error> {
    let own = caller.token_user();
    match named {
        Some(UserRef::Me) if own.is_none() => Ok(KeyLookup::Scope(KeyScope::Own)),
        Some(UserRef::Id(user)) if !caller.is_privileged() && own != Some(user) => {
            let mut keys = domain.all_keys(caller, KeyScope::OfUser(user));
            keys.next().await?;
            Err(Denied::OtherUser.into())
        }
        _ => Ok(KeyLookup::AnyUser),
    }
}

/// Returns a user's API key.
#[utoipa::path(get, path = "/user-api-keys/{api_key_id}", tag = "User API keys",
    params(PathParams<ApiKeyPath>, QueryParams<UserQuery>),
    responses(
        (status = 200, description = "The key", body = ApiKeyResponse),
        Errors<Anyone, (ApiKeyNotFound, CannotGetOwnUser, UserAuthenticationRequired, Plain<400>, Plain<403>)>,
    ))]
pub async fn read(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), QueryParams(query))): Anyone<(
        PathParams<ApiKeyPath>,
        QueryParams<UserQuery>,
    )>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let lookup = key_lookup(&domain, &caller, query.user_id).await?;
    Ok(Json(
        domain.key(&caller, lookup, path.api_key_id).await?.into(),
    ))
}

type Update = (
    PathParams<ApiKeyPath>,
    Body<UpdateApiKey>,
    QueryParams<UserQuery>,
);

/// Changes the description of a user's API key, or revokes it.
#[utoipa::path(patch, path = "/user-api-keys/{api_key_id}", tag = "User API keys",
    params(PathParams<ApiKeyPath>, QueryParams<UserQuery>), request_body = UpdateApiKey,
    responses(
        (status = 200, description = "The changed key", body = ApiKeyResponse),
        Errors<Anyone, (ApiKeyNotFound, CannotGetOwnUser, UserAuthenticationRequired, Plain<400>, Plain<403>)>,
    ))]
pub async fn update(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), Body(change), QueryParams(query))): Anyone<Update>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let lookup = key_lookup(&domain, &caller, query.user_id).await?;
    let key = api_keys::update(&domain, &caller, lookup, path.api_key_id, change).await?;
    Ok(Json(key))
}

/// Checks whether a user's API key is valid.
#[utoipa::path(post, path = "/user-api-keys/check", tag = "User API keys", request_body = CheckApiKey,
    responses(
        (status = 200, description = "The key is valid", body = ApiKeyResponse),
        Errors<Server, (ApiKeyExpired, ApiKeyNotFound, ApiKeyRevoked, WrongApiKeyType, Plain<400>)>,
    ))]
pub async fn check(
    State(domain): State<Domain>,
    Server(caller, Body(sent)): Server<Body<CheckApiKey>>,
) -> Result<Json<ApiKeyResponse>, ApiError> {
    let key = key_check::check(&domain, &caller, OwnerKind::User, &sent.api_key).await?;
    Ok(Json(key))
}
