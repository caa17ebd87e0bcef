//! Permissions of team members.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use latchkey_domain::Domain;
use latchkey_model::{
    caller::UserRef,
    id::{TeamId, UserId},
    permission::{self, HeldPermission, PermissionListing},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    documented::{Errors, Plain},
    error::{
        ApiError,
        code::{
            CannotGetOwnUser, PermissionNotFound, TeamMembershipNotFound, TeamPermissionNotFound,
        },
    },
    extract::{Anyone, Server},
    field::Value,
    input::Fields,
    long_list::{self, COMPLETE},
    request::{PathParams, QueryParams, request},
    response::{List, SUCCESS, Success},
};

/// Checks that this can be the ID of a permission of the project or of the system.
pub fn permission_name(fields: &mut Fields<'_>, field: &str, name: String) -> Option<String> {
    if name.starts_with('$') && !permission::SYSTEM.contains(&name.as_str()) {
        fields.problem(field, "Invalid system permission");
        return None;
    }
    if !permission::is_name(&name) {
        fields.problem(
            field,
            "must consist of lowercase letters, digits, underscores and colons",
        );
        return None;
    }
    Some(name)
}

/// The name of a permission that is granted or revoked.
pub struct PermissionName(String);

impl Value for PermissionName {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let name = <String as Value>::read(fields, field, value)?;
        let name = permission_name(fields, field, name)?;
        fields.subject.permission = Some(name.clone());
        Some(Self(name))
    }

    fn schema() -> RefOr<Schema> {
        <String as Value>::schema()
    }
}

request! {
    /// Filters for the list.
    #[about = Permissions]
    pub struct ListPermissions {
        /// Only permissions in this team
        team_id: Option<TeamId>,
        /// Only permissions of this user: an ID, or `me`. Clients can list only their own user's
        user_id: Option<UserRef>,
        /// Only this permission
        permission_id: Option<String>,
        /// Whether to include contained permissions
        recursive: Option<bool>,
    }
}

request! {
    /// The grant in the path.
    #[about = Permissions]
    #[expect(clippy::struct_field_names, reason = "the names in the path")]
    pub struct PermissionPath {
        /// The team's ID
        team_id: TeamId,
        /// The member's user ID, or `me`
        user_id: UserRef,
        /// The permission's ID
        permission_id: PermissionName,
    }
}

/// A permission held by a team member.
#[derive(Serialize, ToSchema)]
#[schema(as = Permission)]
pub struct PermissionResponse {
    id: String,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    #[schema(value_type = Uuid)]
    team_id: TeamId,
}

impl From<HeldPermission> for PermissionResponse {
    fn from(held: HeldPermission) -> Self {
        Self {
            id: held.id,
            user_id: held.user,
            team_id: held.team,
        }
    }
}

impl From<ListPermissions> for PermissionListing {
    fn from(query: ListPermissions) -> Self {
        Self {
            team: query.team_id,
            who: query.user_id,
            permission: query.permission_id,
            recursive: query.recursive.unwrap_or_default(),
        }
    }
}

/// Lists the permissions of team members, sorted by ID.
#[utoipa::path(get, path = "/team-permissions", tag = "Team permissions", params(QueryParams<ListPermissions>),
    responses(
        (status = 200, description = "The permissions", body = List<PermissionResponse>),
        Errors<Anyone, (CannotGetOwnUser, Plain<403>)>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Anyone(caller, QueryParams(query)): Anyone<QueryParams<ListPermissions>>,
) -> Result<Response, ApiError> {
    let held = domain.held_permissions(&caller, query.into());
    long_list::send(held, PermissionResponse::from, COMPLETE).await
}

/// Grants a permission to a team member.
#[utoipa::path(post, path = "/team-permissions/{team_id}/{user_id}/{permission_id}", tag = "Team permissions",
    params(PathParams<PermissionPath>),
    responses(
        (status = 201, description = "The granted permission", body = PermissionResponse),
        Errors<Server, (CannotGetOwnUser, PermissionNotFound, TeamMembershipNotFound)>,
    ))]
pub async fn grant(
    State(domain): State<Domain>,
    Server(caller, PathParams(path)): Server<PathParams<PermissionPath>>,
) -> Result<(StatusCode, Json<PermissionResponse>), ApiError> {
    let held = domain
        .grant_permission(&caller, path.team_id, path.user_id, &path.permission_id.0)
        .await?;
    Ok((StatusCode::CREATED, Json(held.into())))
}

/// Revokes a directly granted permission.
#[utoipa::path(delete, path = "/team-permissions/{team_id}/{user_id}/{permission_id}", tag = "Team permissions",
    params(PathParams<PermissionPath>),
    responses(
        (status = 200, description = "The permission is revoked", body = Success),
        Errors<Server, (CannotGetOwnUser, TeamPermissionNotFound)>,
    ))]
pub async fn revoke(
    State(domain): State<Domain>,
    Server(caller, PathParams(path)): Server<PathParams<PermissionPath>>,
) -> Result<Json<Success>, ApiError> {
    domain
        .revoke_permission(&caller, path.team_id, path.user_id, &path.permission_id.0)
        .await?;
    Ok(Json(SUCCESS))
}
