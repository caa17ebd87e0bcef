//! What members may do in their teams.

use axum::{Json, http::StatusCode};
use latchkey_model::{
    id::{TeamId, UserId},
    permission,
};
use serde_json::json;

use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::{ApiError, Code},
    schema::{Fields, Input},
    wire::{List, Permission, SUCCESS, Success},
};
use latchkey_domain::Error;
use latchkey_model::{permission::PermissionListing, user::UserRef};

/// Checks the name of a permission: the project's own, or one of the system's.
pub fn permission_name(fields: &mut Fields<'_>, place: &'static str, id: String) -> Option<String> {
    if id.starts_with('$') && !permission::SYSTEM.contains(&id.as_str()) {
        fields.problem(place, "Invalid system permission");
        return None;
    }
    if !permission::is_name(&id) {
        fields.problem(
            place,
            "must consist of lowercase letters, digits, underscores and colons",
        );
        return None;
    }
    Some(id)
}

fn read_listing(input: &mut Input) -> PermissionListing {
    let mut query = input.query();
    let listing = PermissionListing {
        team: query.optional_uuid("team_id").map(TeamId::new),
        who: query.optional_who("user_id"),
        permission: query.optional_text("permission_id"),
        recursive: query.truth("recursive").unwrap_or_default(),
    };
    query.end();
    listing
}

/// Lists permissions that members hold, by their names.
#[utoipa::path(get, path = "/team-permissions", tag = "Team permissions",
    params(
        ("team_id" = Option<Uuid>, Query, description = "Only in this team"),
        ("user_id" = Option<String>, Query, description = "Only of this user: an id, or `me`"),
        ("permission_id" = Option<String>, Query, description = "Only this permission"),
        ("recursive" = Option<bool>, Query, description = "Whether to list what is contained in them too"),
    ),
    responses((status = 200, description = "The permissions", body = List<Permission>)))]
pub async fn list(mut call: Call) -> Result<Json<List<Permission>>, ApiError> {
    let listing = call
        .input(ANYBODY, |input| Some(read_listing(input)))
        .await?;
    let held = call
        .state
        .domain
        .held_permissions(&call.caller, &listing)
        .await
        .map_err(|error| match error {
            Error::NotOwn => ApiError::plain(
                StatusCode::FORBIDDEN,
                "Client can only list permissions for their own user. user_id must be either \"me\" or the ID of the current user",
            ),
            error => call.told(error),
        })?;
    Ok(Json(List::of(held)))
}

struct Named {
    team: TeamId,
    who: UserRef,
    permission: String,
}

fn named(input: &mut Input) -> Option<Named> {
    let mut params = input.params();
    let team = params.uuid("team_id").map(TeamId::new);
    let who = params.who("user_id");
    let text = params.text("permission_id");
    let permission = text.and_then(|id| permission_name(&mut params, "permission_id", id));
    params.end();
    Some(Named {
        team: team?,
        who: who?,
        permission: permission?,
    })
}

fn told(call: &Call, error: Error, named: &Named) -> ApiError {
    let user: Option<UserId> = match named.who {
        UserRef::Id(user) => Some(user),
        UserRef::Me => call.caller.token_user(),
    };
    match error {
        Error::PermissionNotFound => ApiError::known(
            Code::PermissionNotFound,
            format!("Permission \"{}\" not found.", named.permission),
        )
        .with(json!({ "permission_id": named.permission })),
        Error::PermissionNotHeld => ApiError::known(
            Code::TeamPermissionNotFound,
            format!(
                "User {} does not have permission {} in team {}.",
                user.map(|user| user.to_string()).unwrap_or_default(),
                named.permission,
                named.team
            ),
        )
        .with(json!({
            "team_id": named.team,
            "user_id": user,
            "permission_id": named.permission,
        })),
        error => call.told(error),
    }
}

/// Grants a member a permission.
#[utoipa::path(post, path = "/team-permissions/{team_id}/{user_id}/{permission_id}", tag = "Team permissions",
    params(
        ("team_id" = Uuid, Path, description = "The team"),
        ("user_id" = String, Path, description = "The member: an id, or `me`"),
        ("permission_id" = String, Path, description = "The permission"),
    ),
    responses((status = 201, description = "What they hold now", body = Permission)))]
pub async fn grant(mut call: Call) -> Result<(StatusCode, Json<Permission>), ApiError> {
    let named = call.input(SERVERS, named).await?;
    let held = call
        .state
        .domain
        .grant(&call.caller, named.team, named.who, &named.permission)
        .await
        .map_err(|error| told(&call, error, &named))?;
    Ok((StatusCode::CREATED, Json(held.into())))
}

/// Takes back a permission that was granted directly.
#[utoipa::path(delete, path = "/team-permissions/{team_id}/{user_id}/{permission_id}", tag = "Team permissions",
    params(
        ("team_id" = Uuid, Path, description = "The team"),
        ("user_id" = String, Path, description = "The member: an id, or `me`"),
        ("permission_id" = String, Path, description = "The permission"),
    ),
    responses((status = 200, description = "They hold it no more", body = Success)))]
pub async fn take_back(mut call: Call) -> Result<Json<Success>, ApiError> {
    let named = call.input(SERVERS, named).await?;
    call.state
        .domain
        .take_back(&call.caller, named.team, named.who, &named.permission)
        .await
        .map_err(|error| told(&call, error, &named))?;
    Ok(Json(SUCCESS))
}
