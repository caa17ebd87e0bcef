//! Teams.

use axum::{Json, http::StatusCode};
use latchkey_model::id::TeamId;
use serde_json::Value;
use utoipa::ToSchema;

use super::users::put;
use crate::{
    call::{ANYBODY, Call},
    error::ApiError,
    schema::{Fields, Input},
    wire::{AnyTeam, List, SUCCESS, Success},
};
use latchkey_domain::Error;
use latchkey_model::{
    team::{TeamChange, TeamCreator},
    user::UserRef,
};

/// A team to be founded, or what to change about one. A client may change only the first three.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct WriteTeam {
    /// Its name; a new team must have one.
    #[schema(max_length = 255)]
    display_name: Option<String>,
    /// A picture; null for none.
    #[schema(format = "uri", max_length = 2000)]
    profile_image_url: Option<String>,
    /// What the application keeps of it, and members may change.
    client_metadata: Option<Value>,
    /// What the application keeps of it, and members may see.
    client_read_only_metadata: Option<Value>,
    /// What the application keeps of it for itself.
    server_metadata: Option<Value>,
    /// Who becomes its admin: an id, or `me`. Only for a new team.
    creator_user_id: Option<String>,
}

fn read_fields(body: &mut Fields<'_>, name: Option<String>, sees_all: bool) -> TeamChange {
    let mut change = TeamChange::default();
    let fields = &mut change.fields;
    let name = name.and_then(|name| body.display_name("display_name", &name));
    put(fields, "display_name", name.map(Value::from));
    let url = body.nullable_url("profile_image_url").map(Value::from);
    put(fields, "profile_image_url", url);
    put(fields, "client_metadata", body.json("client_metadata"));
    if sees_all {
        for name in ["client_read_only_metadata", "server_metadata"] {
            put(fields, name, body.json(name));
        }
    }
    change
}

/// The team that the path names.
fn named(input: &mut Input) -> Option<TeamId> {
    let mut params = input.params();
    let team = params.uuid("team_id").map(TeamId::new);
    params.end();
    team
}

/// Which teams a program wants to see. Where it says nothing, it sees all.
struct View {
    of: Option<UserRef>,
    search: String,
    descending: bool,
    limit: Option<usize>,
}

/// Founds a team.
#[utoipa::path(post, path = "/teams", tag = "Teams", request_body = WriteTeam,
    responses((status = 201, description = "The team", body = AnyTeam)))]
pub async fn create(mut call: Call) -> Result<(StatusCode, Json<AnyTeam>), ApiError> {
    let sees_all = call.sees_all();
    let (new, creator) = call
        .input(ANYBODY, |input| {
            let mut body = input.body();
            let name = body.text("display_name");
            let change = read_fields(&mut body, name, sees_all);
            let creator = match body.optional_who("creator_user_id") {
                None => TeamCreator::Caller,
                Some(UserRef::Me) => TeamCreator::Me,
                Some(UserRef::Id(user)) => TeamCreator::User(user),
            };
            body.end();
            Some((change, creator))
        })
        .await?;
    let team = call
        .state
        .domain
        .create_team_as(&call.caller, new, creator)
        .await
        .map_err(|error| call.told(error))?;
    Ok((StatusCode::CREATED, Json(AnyTeam::seen(team, sees_all))))
}

/// Lists teams, oldest first: a user's, or for a server all.
#[utoipa::path(get, path = "/teams", tag = "Teams",
    params(
        ("user_id" = Option<String>, Query, description = "Only teams of this user: an id, or `me`"),
        ("query" = Option<String>, Query, description = "Part of a name, or an id"),
        ("order_by" = Option<String>, Query, description = "`created_at`"),
        ("desc" = Option<bool>, Query, description = "Whether the latest come first"),
        ("limit" = Option<u32>, Query, description = "Most teams; all where it is absent"),
    ),
    responses((status = 200, description = "The teams", body = List<AnyTeam>)))]
pub async fn list(mut call: Call) -> Result<Json<List<AnyTeam>>, ApiError> {
    let view = call
        .input(ANYBODY, |input| {
            let mut query = input.query();
            let view = View {
                of: query.optional_who("user_id"),
                search: query.optional_text("query").unwrap_or_default(),
                descending: query.truth("desc").unwrap_or_default(),
                limit: query
                    .whole("limit", 1, i64::from(u32::MAX))
                    .and_then(|limit| usize::try_from(limit).ok()),
            };
            if query
                .optional_text("order_by")
                .is_some_and(|by| by != "created_at")
            {
                query.problem(
                    "order_by",
                    "must be one of the following values: created_at",
                );
            }
            query.end();
            Some(view)
        })
        .await?;
    let sees_all = call.sees_all();
    let mut teams = call
        .state
        .domain
        .teams(&call.caller, view.of)
        .await
        .map_err(|error| match error {
            Error::NotOwn => ApiError::plain(
                StatusCode::FORBIDDEN,
                "Client can only list teams for their own user. user_id must be either \"me\" or the ID of the current user",
            ),
            error => call.told(error),
        })?;
    let search = view.search.to_lowercase();
    teams.retain(|team| {
        team.display_name.to_lowercase().contains(&search) || team.id.to_string() == search
    });
    if view.descending {
        teams.reverse();
    }
    let teams: Vec<_> = teams
        .into_iter()
        .take(view.limit.unwrap_or(usize::MAX))
        .map(|team| AnyTeam::seen(team, sees_all))
        .collect();
    Ok(Json(List::of(teams)))
}

/// Shows a team.
#[utoipa::path(get, path = "/teams/{team_id}", tag = "Teams",
    params(("team_id" = Uuid, Path, description = "The team")),
    responses((status = 200, description = "The team", body = AnyTeam)))]
pub async fn read(mut call: Call) -> Result<Json<AnyTeam>, ApiError> {
    let team = call.input(ANYBODY, named).await?;
    call.team = Some(team);
    let team = call
        .state
        .domain
        .team_body(&call.caller, team)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(AnyTeam::seen(team, call.sees_all())))
}

/// Changes a team. A client's user needs `$update_team`.
#[utoipa::path(patch, path = "/teams/{team_id}", tag = "Teams", request_body = WriteTeam,
    params(("team_id" = Uuid, Path, description = "The team")),
    responses((status = 200, description = "What the team is now", body = AnyTeam)))]
pub async fn update(mut call: Call) -> Result<Json<AnyTeam>, ApiError> {
    let sees_all = call.sees_all();
    let (team, change) = call
        .input(ANYBODY, |input| {
            let team = named(input);
            let mut body = input.body();
            let name = body.optional_text("display_name");
            let change = read_fields(&mut body, name, sees_all);
            body.end();
            Some((team?, change))
        })
        .await?;
    call.team = Some(team);
    let team = call
        .state
        .domain
        .change_team(&call.caller, team, change)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(AnyTeam::seen(team, sees_all)))
}

/// Deletes a team with its keys. A client's user needs `$delete_team`.
#[utoipa::path(delete, path = "/teams/{team_id}", tag = "Teams",
    params(("team_id" = Uuid, Path, description = "The team")),
    responses((status = 200, description = "It has gone", body = Success)))]
pub async fn delete(mut call: Call) -> Result<Json<Success>, ApiError> {
    let team = call.input(ANYBODY, named).await?;
    call.team = Some(team);
    call.state
        .domain
        .delete_team(&call.caller, team)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(SUCCESS))
}
