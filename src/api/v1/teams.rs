//! Teams.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use latchkey_domain::Domain;
use latchkey_model::{
    account::DisplayName,
    caller::UserRef,
    id::TeamId,
    patch::Patch,
    team::{NewTeam, TeamBody, TeamChange, TeamCreator, TeamListing},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    documented::{Errors, Plain},
    error::{
        ApiError,
        code::{
            CannotGetOwnUser, TeamNotFound, TeamPermissionRequired, UserAuthenticationRequired,
            UserNotFound,
        },
    },
    extract::Anyone,
    field::ServerOnly,
    long_list::{self, COMPLETE},
    request::{Body, PathParams, QueryParams, request},
    response::{List, SUCCESS, Success},
    values::{Url, Whole, word},
};

request! {
    /// The team in the path.
    pub struct TeamPath {
        /// The team's ID
        team_id: TeamId,
    }
}

request! {
    /// A team to create.
    pub struct CreateTeam {
        /// The team's name.
        display_name: DisplayName,
        /// The URL of a profile image; null for none.
        profile_image_url: Patch<Url>,
        /// Application data that members can read and change.
        client_metadata: Patch<Value>,
        /// Application data that members can read. Only servers can set it.
        client_read_only_metadata: ServerOnly<Patch<Value>>,
        /// Application data that only servers can read and set.
        server_metadata: ServerOnly<Patch<Value>>,
        /// The user who becomes the team's admin: an ID, or `me`. Only servers can name a user other
        /// than the caller.
        creator_user_id: Option<UserRef>,
    }
}

request! {
    /// Changes to a team. Absent fields are left unchanged.
    pub struct UpdateTeam {
        /// The team's name.
        display_name: Option<DisplayName>,
        /// The URL of a profile image; null for none.
        profile_image_url: Patch<Url>,
        /// Application data that members can read and change.
        client_metadata: Patch<Value>,
        /// Application data that members can read. Only servers can set it.
        client_read_only_metadata: ServerOnly<Patch<Value>>,
        /// Application data that only servers can read and set.
        server_metadata: ServerOnly<Patch<Value>>,
    }
}

word! {
    /// The field by which teams are sorted.
    CreatedAt = "created_at"
}

request! {
    /// Filters and order of the list.
    #[about = Teams]
    pub struct ListTeams {
        /// Only teams of this user: an ID, or `me`. Clients can list only their own user's
        user_id: Option<UserRef>,
        /// Only teams whose name contains this text, or whose ID equals it
        query: Option<String>,
        /// Whether to list the newest first
        desc: Option<bool>,
        /// The maximum number of teams to return; all if absent
        limit: Option<Whole<1, { u32::MAX as i64 }>>,
        ;
        /// The field to sort by
        order_by: Option<CreatedAt>,
    }
}

/// A team, as returned to clients.
#[derive(Serialize, ToSchema)]
pub struct ClientTeam {
    #[schema(value_type = Uuid)]
    id: TeamId,
    display_name: String,
    profile_image_url: Option<String>,
    client_metadata: Option<Value>,
    client_read_only_metadata: Option<Value>,
}

/// A team, as returned to servers.
#[derive(Serialize, ToSchema)]
pub struct ServerTeam {
    #[serde(flatten)]
    client: ClientTeam,
    created_at_millis: i64,
    server_metadata: Option<Value>,
}

impl From<TeamBody> for ClientTeam {
    fn from(team: TeamBody) -> Self {
        Self {
            id: team.id,
            display_name: team.display_name,
            profile_image_url: team.profile_image_url,
            client_metadata: team.client_metadata,
            client_read_only_metadata: team.client_read_only_metadata,
        }
    }
}

impl From<TeamBody> for ServerTeam {
    fn from(mut team: TeamBody) -> Self {
        Self {
            created_at_millis: team.created_at_millis,
            server_metadata: team.server_metadata.take(),
            client: team.into(),
        }
    }
}

/// A team, with the fields that the caller may see.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Team)]
pub enum TeamResponse {
    Server(ServerTeam),
    Client(ClientTeam),
}

impl TeamResponse {
    pub fn new(team: TeamBody, is_privileged: bool) -> Self {
        if is_privileged {
            Self::Server(team.into())
        } else {
            Self::Client(team.into())
        }
    }
}

impl From<CreateTeam> for NewTeam {
    fn from(new: CreateTeam) -> Self {
        Self {
            display_name: new.display_name,
            profile_image_url: new.profile_image_url.set().map(|url| url.0),
            client_metadata: new.client_metadata.set(),
            client_read_only_metadata: new.client_read_only_metadata.0.set(),
            server_metadata: new.server_metadata.0.set(),
        }
    }
}

impl From<UpdateTeam> for TeamChange {
    fn from(change: UpdateTeam) -> Self {
        Self {
            display_name: change.display_name,
            profile_image_url: change.profile_image_url.map(|url| url.0),
            client_metadata: change.client_metadata,
            client_read_only_metadata: change.client_read_only_metadata.0,
            server_metadata: change.server_metadata.0,
        }
    }
}

impl From<ListTeams> for TeamListing {
    fn from(query: ListTeams) -> Self {
        Self {
            of: query.user_id,
            search: query.query.unwrap_or_default(),
            descending: query.desc.unwrap_or_default(),
            limit: query.limit.and_then(|limit| u32::try_from(limit.0).ok()),
        }
    }
}

/// Creates a team.
#[utoipa::path(post, path = "/teams", tag = "Teams", request_body = CreateTeam,
    responses(
        (status = 201, description = "The team", body = TeamResponse),
        Errors<Anyone, (CannotGetOwnUser, UserAuthenticationRequired, UserNotFound, Plain<400>, Plain<403>)>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Anyone(caller, Body(new)): Anyone<Body<CreateTeam>>,
) -> Result<(StatusCode, Json<TeamResponse>), ApiError> {
    let creator = match new.creator_user_id {
        None => TeamCreator::Caller,
        Some(UserRef::Me) => TeamCreator::Me,
        Some(UserRef::Id(user)) => TeamCreator::User(user),
    };
    let team = domain.create_team_as(&caller, new.into(), creator).await?;
    let team = TeamResponse::new(team, caller.is_privileged());
    Ok((StatusCode::CREATED, Json(team)))
}

/// Lists teams, oldest first. Clients list their own user's teams; servers list all teams or a user's.
#[utoipa::path(get, path = "/teams", tag = "Teams", params(QueryParams<ListTeams>),
    responses(
        (status = 200, description = "The teams", body = List<TeamResponse>),
        Errors<Anyone, (CannotGetOwnUser, Plain<403>)>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Anyone(caller, QueryParams(query)): Anyone<QueryParams<ListTeams>>,
) -> Result<Response, ApiError> {
    let teams = domain.teams(&caller, query.into());
    let show = move |team| TeamResponse::new(team, caller.is_privileged());
    long_list::send(teams, show, COMPLETE).await
}

/// Returns a team.
#[utoipa::path(get, path = "/teams/{team_id}", tag = "Teams", params(PathParams<TeamPath>),
    responses(
        (status = 200, description = "The team", body = TeamResponse),
        Errors<Anyone, (TeamNotFound, UserAuthenticationRequired)>,
    ))]
pub async fn read(
    State(domain): State<Domain>,
    Anyone(caller, PathParams(path)): Anyone<PathParams<TeamPath>>,
) -> Result<Json<TeamResponse>, ApiError> {
    let team = domain.team_body(&caller, path.team_id).await?;
    Ok(Json(TeamResponse::new(team, caller.is_privileged())))
}

/// Changes a team. In a client, the user needs the permission `$update_team`.
#[utoipa::path(patch, path = "/teams/{team_id}", tag = "Teams",
    params(PathParams<TeamPath>), request_body = UpdateTeam,
    responses(
        (status = 200, description = "The changed team", body = TeamResponse),
        Errors<Anyone, (TeamNotFound, TeamPermissionRequired, UserAuthenticationRequired)>,
    ))]
pub async fn update(
    State(domain): State<Domain>,
    Anyone(caller, (PathParams(path), Body(change))): Anyone<(
        PathParams<TeamPath>,
        Body<UpdateTeam>,
    )>,
) -> Result<Json<TeamResponse>, ApiError> {
    let team = domain
        .change_team(&caller, path.team_id, change.into())
        .await?;
    Ok(Json(TeamResponse::new(team, caller.is_privileged())))
}

/// Deletes a team and its keys. In a client, the user needs the permission `$delete_team`.
#[utoipa::path(delete, path = "/teams/{team_id}", tag = "Teams", params(PathParams<TeamPath>),
    responses(
        (status = 200, description = "The team is deleted", body = Success),
        Errors<Anyone, (TeamNotFound, TeamPermissionRequired, UserAuthenticationRequired)>,
    ))]
pub async fn delete(
    State(domain): State<Domain>,
    Anyone(caller, PathParams(path)): Anyone<PathParams<TeamPath>>,
) -> Result<Json<Success>, ApiError> {
    domain.delete_team(&caller, path.team_id).await?;
    Ok(Json(SUCCESS))
}
