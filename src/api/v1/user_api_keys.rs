//! Users' API keys.

use axum::Json;
use latchkey_model::owner::OwnerKind;
use utoipa::ToSchema;

use super::api_keys::{self, CheckApiKey, UpdateApiKey};
use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::ApiError,
    schema::Input,
    wire::{KeyBody, List},
};
use latchkey_domain::Error;
use latchkey_model::{
    api_key::{KeyLookup, KeyScope},
    user::UserRef,
};

/// A key to be made for a user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct CreateUserApiKey {
    /// What it is for.
    #[schema(max_length = 1000)]
    description: String,
    /// When it ends, in milliseconds since 1970; null for never.
    #[schema(required)]
    expires_at_millis: Option<i64>,
    /// Whether it begins with `pk_` and may be seen by anybody.
    #[schema(nullable = false)]
    is_public: Option<bool>,
    /// Whose: an id, or `me`.
    user_id: String,
}

fn keys(who: UserRef) -> KeyScope {
    match who {
        UserRef::Me => KeyScope::Own,
        UserRef::Id(user) => KeyScope::OfUser(user),
    }
}

/// Makes a key for a user.
#[utoipa::path(post, path = "/user-api-keys", tag = "User API keys", request_body = CreateUserApiKey,
    responses((status = 200, description = "The key, with its secret this one time", body = KeyBody)))]
pub async fn create(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (who, new) = call
        .input(ANYBODY, |input| {
            api_keys::requested(input, |body| body.who("user_id"))
        })
        .await?;
    let made = call
        .state
        .domain
        .request_key(&call.caller, keys(who), new)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(KeyBody::made(made.key, made.secret.expose())))
}

/// Lists a user's keys, newest first, those that no longer work too.
#[utoipa::path(get, path = "/user-api-keys", tag = "User API keys",
    params(("user_id" = String, Query, description = "Whose: an id, or `me`")),
    responses((status = 200, description = "All keys", body = List<KeyBody>)))]
pub async fn list(mut call: Call) -> Result<Json<List<KeyBody>>, ApiError> {
    let who = call
        .input(ANYBODY, |input| {
            let mut query = input.query();
            let who = query.optional_who("user_id");
            query.end();
            Some(who)
        })
        .await?;
    let Some(who) = who else {
        // Told after the switch, and without the usual beginning.
        let gate = call.state.domain.can_see_user_keys(&call.caller).await;
        gate.map_err(|error| call.told(error))?;
        return Err(ApiError::schema(
            "user_id is required for user API keys".to_owned(),
        ));
    };
    let listed = call
        .state
        .domain
        .all_keys(&call.caller, keys(who))
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(List::of(listed)))
}

/// The user that the query names, where it names one.
fn named(input: &mut Input) -> Option<UserRef> {
    let mut query = input.query();
    let who = query.optional_who("user_id");
    query.end();
    who
}

/// A key is looked for among all users' keys: another user's is refused by its owner, not hidden. A
/// client that names another user is refused whatever the key.
async fn among(call: &Call, named: Option<UserRef>) -> Result<KeyLookup, ApiError> {
    match named {
        Some(UserRef::Me) if call.caller.token_user().is_none() => {
            Ok(KeyLookup::Scope(KeyScope::Own))
        }
        Some(UserRef::Id(user)) if !call.sees_all() && call.caller.token_user() != Some(user) => {
            let listed = call
                .state
                .domain
                .all_keys(&call.caller, KeyScope::OfUser(user))
                .await;
            Err(call.told(listed.err().unwrap_or(Error::NotOwn)))
        }
        _ => Ok(KeyLookup::AnyUser),
    }
}

/// Shows a key.
#[utoipa::path(get, path = "/user-api-keys/{api_key_id}", tag = "User API keys",
    params(
        ("api_key_id" = Uuid, Path, description = "The key"),
        ("user_id" = Option<String>, Query, description = "Whose: an id, or `me`"),
    ),
    responses((status = 200, description = "The key", body = KeyBody)))]
pub async fn read(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (key, who) = call
        .input(ANYBODY, |input| {
            let key = api_keys::key_id(input);
            let who = named(input);
            Some((key?, who))
        })
        .await?;
    let among = among(&call, who).await?;
    Ok(Json(api_keys::show(&call, among, key).await?))
}

/// Describes a key anew, or revokes it.
#[utoipa::path(patch, path = "/user-api-keys/{api_key_id}", tag = "User API keys", request_body = UpdateApiKey,
    params(
        ("api_key_id" = Uuid, Path, description = "The key"),
        ("user_id" = Option<String>, Query, description = "Whose: an id, or `me`"),
    ),
    responses((status = 200, description = "What the key is now", body = KeyBody)))]
pub async fn update(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (change, who) = call
        .input(ANYBODY, |input| {
            let change = api_keys::change(input);
            let who = named(input);
            Some((change?, who))
        })
        .await?;
    let among = among(&call, who).await?;
    Ok(Json(api_keys::apply(&call, among, change).await?))
}

/// Says whether a text is a user's key that works now, and whose.
#[utoipa::path(post, path = "/user-api-keys/check", tag = "User API keys", request_body = CheckApiKey,
    responses((status = 200, description = "The key works", body = KeyBody)))]
pub async fn check(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let text = call.input(SERVERS, api_keys::checked).await?;
    let key = api_keys::check(&call, OwnerKind::User, &text).await?;
    Ok(Json(key))
}
