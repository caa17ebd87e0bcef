//! The permissions that a project defines.

use std::collections::BTreeSet;

use axum::{Json, http::StatusCode};
use serde_json::json;
use utoipa::ToSchema;

use super::permissions::permission_name;
use crate::{
    call::{ADMINS, Call},
    error::{ApiError, Code},
    schema::{Fields, Input},
    wire::{Definition, List, SUCCESS, Success},
};
use latchkey_domain::Error;
use latchkey_model::permission::{DefinitionChange, PermissionDefinition};

/// Most characters of a description.
const MAX_DESCRIPTION: usize = 1000;

/// A permission to be defined, or what to change about one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct WriteDefinition {
    /// Its name; a new permission must have one.
    #[schema(pattern = "^[a-z0-9_:]+$", max_length = 255, nullable = false)]
    id: Option<String>,
    /// What it is for.
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// What whoever holds it may do besides.
    #[schema(nullable = false)]
    contained_permission_ids: Option<Vec<String>>,
}

fn own_name(body: &mut Fields<'_>, id: String) -> Option<String> {
    if id.starts_with('$') {
        body.problem("id", "must not begin with $: such are the system's");
        return None;
    }
    permission_name(body, "id", id)
}

#[expect(
    clippy::option_option,
    reason = "the outer says whether it was sent, the inner whether it was null"
)]
fn description(body: &mut Fields<'_>) -> Option<Option<String>> {
    let text = body.nullable_text("description")?;
    if text
        .as_deref()
        .is_some_and(|text| text.chars().count() > MAX_DESCRIPTION)
    {
        body.problem(
            "description",
            &format!("must be at most {MAX_DESCRIPTION} characters"),
        );
        return None;
    }
    Some(text)
}

/// In the order in which they are shown later, each once.
fn contained(body: &mut Fields<'_>) -> Option<Vec<String>> {
    let ids = body.texts("contained_permission_ids")?;
    let ids: Option<BTreeSet<_>> = ids
        .into_iter()
        .map(|id| permission_name(body, "contained_permission_ids", id))
        .collect();
    Some(ids?.into_iter().collect())
}

fn read_new(input: &mut Input) -> Option<PermissionDefinition> {
    let mut body = input.body();
    let id = body.text("id").and_then(|id| own_name(&mut body, id));
    let description = description(&mut body).flatten();
    let contained = contained(&mut body).unwrap_or_default();
    body.end();
    Some(PermissionDefinition {
        id: id?,
        description,
        contained_permission_ids: contained,
    })
}

fn read_change(input: &mut Input) -> Option<(String, DefinitionChange)> {
    let id = named(input);
    let mut body = input.body();
    let change = DefinitionChange {
        id: body
            .optional_text("id")
            .and_then(|id| own_name(&mut body, id)),
        description: description(&mut body),
        contained_permission_ids: contained(&mut body),
    };
    body.end();
    Some((id?, change))
}

/// The permission that the path names.
fn named(input: &mut Input) -> Option<String> {
    let mut params = input.params();
    let id = params.text("permission_id");
    params.end();
    id
}

fn told(call: &Call, error: Error, id: &str) -> ApiError {
    match error {
        Error::PermissionNotFound => ApiError::known(
            Code::PermissionNotFound,
            format!("Permission \"{id}\", or one that it is to contain, was not found."),
        )
        .with(json!({ "permission_id": id })),
        Error::PermissionExists => {
            ApiError::schema(format!("body.id: there is a permission \"{id}\" already"))
        }
        error => call.told(error),
    }
}

/// Lists the system's permissions and the project's own.
#[utoipa::path(get, path = "/team-permission-definitions", tag = "Team permission definitions",
    responses((status = 200, description = "All definitions", body = List<Definition>)))]
pub async fn list(mut call: Call) -> Result<Json<List<Definition>>, ApiError> {
    call.input(ADMINS, |_| Some(())).await?;
    let all = call
        .state
        .domain
        .permission_definitions(&call.caller)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(List::of(all)))
}

/// Defines a permission.
#[utoipa::path(post, path = "/team-permission-definitions", tag = "Team permission definitions",
    request_body = WriteDefinition,
    responses((status = 201, description = "The definition", body = Definition)))]
pub async fn create(mut call: Call) -> Result<(StatusCode, Json<Definition>), ApiError> {
    let new = call.input(ADMINS, read_new).await?;
    call.state
        .domain
        .define_permission(&call.caller, &new)
        .await
        .map_err(|error| told(&call, error, &new.id))?;
    Ok((StatusCode::CREATED, Json(new.into())))
}

/// Changes a definition.
#[utoipa::path(patch, path = "/team-permission-definitions/{permission_id}", tag = "Team permission definitions",
    request_body = WriteDefinition,
    params(("permission_id" = String, Path, description = "The permission")),
    responses((status = 200, description = "What the definition is now", body = Definition)))]
pub async fn update(mut call: Call) -> Result<Json<Definition>, ApiError> {
    let (id, change) = call.input(ADMINS, read_change).await?;
    let definition = call
        .state
        .domain
        .redefine_permission(&call.caller, &id, &change)
        .await
        .map_err(|error| {
            let named = match error {
                Error::PermissionExists => change.id.as_ref().unwrap_or(&id),
                _ => &id,
            };
            told(&call, error, named)
        })?;
    Ok(Json(definition.into()))
}

/// Deletes a definition.
#[utoipa::path(delete, path = "/team-permission-definitions/{permission_id}", tag = "Team permission definitions",
    params(("permission_id" = String, Path, description = "The permission")),
    responses((status = 200, description = "It has gone", body = Success)))]
pub async fn delete(mut call: Call) -> Result<Json<Success>, ApiError> {
    let id = call.input(ADMINS, named).await?;
    call.state
        .domain
        .delete_permission(&call.caller, &id)
        .await
        .map_err(|error| told(&call, error, &id))?;
    Ok(Json(SUCCESS))
}
