//! Who is in a team.

use axum::{Json, http::StatusCode};
use latchkey_model::id::TeamId;

use crate::{
    call::{ANYBODY, Call, SERVERS},
    error::ApiError,
    schema::Input,
    wire::{Membership, SUCCESS, Success},
};
use latchkey_model::user::UserRef;

/// The team and the user that the path names.
fn named(input: &mut Input) -> Option<(TeamId, UserRef)> {
    let mut params = input.params();
    let team = params.uuid("team_id").map(TeamId::new);
    let who = params.who("user_id");
    params.end();
    Some((team?, who?))
}

/// Adds a user to a team.
#[utoipa::path(post, path = "/team-memberships/{team_id}/{user_id}", tag = "Team memberships",
    params(
        ("team_id" = Uuid, Path, description = "The team"),
        ("user_id" = String, Path, description = "The user: an id, or `me`"),
    ),
    responses((status = 201, description = "The membership", body = Membership)))]
pub async fn create(mut call: Call) -> Result<(StatusCode, Json<Membership>), ApiError> {
    let (team_id, who) = call.input(SERVERS, named).await?;
    call.team = Some(team_id);
    let user_id = call
        .state
        .domain
        .add_member(&call.caller, team_id, who)
        .await
        .map_err(|error| call.told(error))?;
    Ok((StatusCode::CREATED, Json(Membership { team_id, user_id })))
}

/// Takes a user out of a team: oneself, or with `$remove_members` anybody.
#[utoipa::path(delete, path = "/team-memberships/{team_id}/{user_id}", tag = "Team memberships",
    params(
        ("team_id" = Uuid, Path, description = "The team"),
        ("user_id" = String, Path, description = "The user: an id, or `me`"),
    ),
    responses((status = 200, description = "They have left", body = Success)))]
pub async fn delete(mut call: Call) -> Result<Json<Success>, ApiError> {
    let (team, who) = call.input(ANYBODY, named).await?;
    call.team = Some(team);
    call.state
        .domain
        .remove_member(&call.caller, team, who)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(SUCCESS))
}
