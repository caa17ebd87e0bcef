//! Teams' API keys. Whoever may not manage them is told that there are none.

use axum::Json;
use latchkey_model::{id::TeamId, owner::OwnerKind};
use utoipa::ToSchema;
use uuid::Uuid;

use super::api_keys::{self, CheckApiKey, UpdateApiKey};
use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::ApiError,
    schema::Input,
    wire::{KeyBody, List},
};
use latchkey_model::api_key::{KeyLookup, KeyScope};

/// A key to be made for a team.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct CreateTeamApiKey {
    /// What it is for.
    #[schema(max_length = 1000)]
    description: String,
    /// When it ends, in milliseconds since 1970; null for never.
    #[schema(required)]
    expires_at_millis: Option<i64>,
    /// Whether it begins with `pk_` and may be seen by anybody.
    #[schema(nullable = false)]
    is_public: Option<bool>,
    /// Whose.
    team_id: Uuid,
}

/// Makes a key for a team.
#[utoipa::path(post, path = "/team-api-keys", tag = "Team API keys", request_body = CreateTeamApiKey,
    responses((status = 200, description = "The key, with its secret this one time", body = KeyBody)))]
pub async fn create(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (team, new) = call
        .input(ANYBODY, |input| {
            api_keys::requested(input, |body| body.uuid("team_id").map(TeamId::new))
        })
        .await?;
    call.team = Some(team);
    let made = call
        .state
        .domain
        .request_key(&call.caller, KeyScope::OfTeam(team), new)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(KeyBody::made(made.key, made.secret.expose())))
}

/// The team that the query names.
fn named(input: &mut Input) -> Option<TeamId> {
    let mut query = input.query();
    let team = query.uuid("team_id").map(TeamId::new);
    query.end();
    team
}

/// Lists a team's keys, newest first, those that no longer work too.
#[utoipa::path(get, path = "/team-api-keys", tag = "Team API keys",
    params(("team_id" = Uuid, Query, description = "Whose")),
    responses((status = 200, description = "All keys", body = List<KeyBody>)))]
pub async fn list(mut call: Call) -> Result<Json<List<KeyBody>>, ApiError> {
    let team = call.input(ANYBODY, named).await?;
    let listed = call
        .state
        .domain
        .all_keys(&call.caller, KeyScope::OfTeam(team))
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(List::of(listed)))
}

/// Shows a key.
#[utoipa::path(get, path = "/team-api-keys/{api_key_id}", tag = "Team API keys",
    params(
        ("api_key_id" = Uuid, Path, description = "The key"),
        ("team_id" = Uuid, Query, description = "Whose"),
    ),
    responses((status = 200, description = "The key", body = KeyBody)))]
pub async fn read(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (key, team) = call
        .input(ANYBODY, |input| {
            let key = api_keys::key_id(input);
            let team = named(input);
            Some((key?, team?))
        })
        .await?;
    let among = KeyLookup::Scope(KeyScope::OfTeam(team));
    Ok(Json(api_keys::show(&call, among, key).await?))
}

/// Describes a key anew, or revokes it.
#[utoipa::path(patch, path = "/team-api-keys/{api_key_id}", tag = "Team API keys", request_body = UpdateApiKey,
    params(
        ("api_key_id" = Uuid, Path, description = "The key"),
        ("team_id" = Uuid, Query, description = "Whose"),
    ),
    responses((status = 200, description = "What the key is now", body = KeyBody)))]
pub async fn update(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let (change, team) = call
        .input(ANYBODY, |input| {
            let change = api_keys::change(input);
            let team = named(input);
            Some((change?, team?))
        })
        .await?;
    let among = KeyLookup::Scope(KeyScope::OfTeam(team));
    Ok(Json(api_keys::apply(&call, among, change).await?))
}

/// Says whether a text is a team's key that works now, and whose.
#[utoipa::path(post, path = "/team-api-keys/check", tag = "Team API keys", request_body = CheckApiKey,
    responses((status = 200, description = "The key works", body = KeyBody)))]
pub async fn check(mut call: Call) -> Result<Json<KeyBody>, ApiError> {
    let text = call.input(SERVERS, api_keys::checked).await?;
    let key = api_keys::check(&call, OwnerKind::Team, &text).await?;
    Ok(Json(key))
}
