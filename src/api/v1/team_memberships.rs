//! Team memberships.

use axum::{Json, extract::State, http::StatusCode};
use latchkey_domain::Domain;
use latchkey_model::{
    caller::UserRef,
    id::{TeamId, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    documented::Errors,
    error::{
        ApiError,
        code::{
            CannotGetOwnUser, TeamMembershipAlreadyExists, TeamMembershipNotFound, TeamNotFound,
            TeamPermissionRequired, UserAuthenticationRequired, UserNotFound,
        },
    },
    extract::{Anyone, Server},
    request::{PathParams, request},
    response::{SUCCESS, Success},
};

request! {
    /// The membership in the path.
    pub struct MembershipPath {
        /// The team's ID
        team_id: TeamId,
        /// The user's ID, or `me`
        user_id: UserRef,
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
pub struct MembershipResponse {
    #[schema(value_type = Uuid)]
    team_id: TeamId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
}

/// Adds a user to a team.
#[utoipa::path(post, path = "/team-memberships/{team_id}/{user_id}", tag = "Team memberships",
    params(PathParams<MembershipPath>),
    responses(
        (status = 201, description = "The membership", body = MembershipResponse),
        Errors<Server, (CannotGetOwnUser, TeamMembershipAlreadyExists, TeamNotFound, UserNotFound)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Server(caller, PathParams(path)): Server<PathParams<MembershipPath>>,
) -> Result<(StatusCode, Json<MembershipResponse>), ApiError> {
    let team_id = path.team_id;
    let user_id = domain.add_member(&caller, team_id, path.user_id).await?;
    let membership = MembershipResponse { team_id, user_id };
    Ok((StatusCode::CREATED, Json(membership)))
}

/// Removes a user from a team. In a client, users can leave a team; removing others needs the
/// permission `$remove_members`.
#[utoipa::path(delete, path = "/team-memberships/{team_id}/{user_id}", tag = "Team memberships",
    params(PathParams<MembershipPath>),
    responses(
        (status = 200, description = "The user is no longer in the team", body = Success),
        Errors<Anyone, (
            CannotGetOwnUser, TeamMembershipNotFound, TeamNotFound, TeamPermissionRequired,
            UserAuthenticationRequired,
        )>,
    ))]
pub async fn delete(
    State(domain): State<Domain>,
    Anyone(caller, PathParams(path)): Anyone<PathParams<MembershipPath>>,
) -> Result<Json<Success>, ApiError> {
    domain
        .remove_member(&caller, path.team_id, path.user_id)
        .await?;
    Ok(Json(SUCCESS))
}
