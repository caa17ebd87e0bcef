//! The permissions that a project defines.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use latchkey_domain::Domain;
use latchkey_model::{
    patch::Patch,
    permission::{DefinitionChange, MAX_NAME, PermissionDefinition},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::permissions::permission_name;
use crate::{
    documented::Errors,
    error::{ApiError, code::PermissionNotFound},
    extract::Admin,
    field::{Value, schema_of},
    input::Fields,
    request::{Body, PathParams, request},
    response::{List, SUCCESS, Success},
};

const MAX_DESCRIPTION: usize = 1000;

/// The ID of the definition in the path.
pub struct DefinitionId(String);

impl Value for DefinitionId {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let id = <String as Value>::read(fields, field, value)?;
        fields.subject.definition = Some(id.clone());
        Some(Self(id))
    }

    fn schema() -> RefOr<Schema> {
        <String as Value>::schema()
    }
}

/// The ID of a new or renamed definition.
pub struct NewDefinitionId(String);

impl Value for NewDefinitionId {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let id = <String as Value>::read(fields, field, value)?;
        if id.starts_with('$') {
            fields.problem(
                field,
                "must not begin with $, which marks system permissions",
            );
            return None;
        }
        let id = permission_name(fields, field, id)?;
        let subject = &mut *fields.subject;
        subject.new_definition = Some(id.clone());
        subject.definition.get_or_insert_with(|| id.clone());
        Some(Self(id))
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "pattern": "^[a-z0-9_:]+$", "maxLength": MAX_NAME }))
    }
}

pub struct DefinitionDescription(String);

impl Value for DefinitionDescription {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let text = <String as Value>::read(fields, field, value)?;
        if text.chars().count() > MAX_DESCRIPTION {
            fields.problem(
                field,
                &format!("must be at most {MAX_DESCRIPTION} characters"),
            );
            return None;
        }
        Some(Self(text))
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "maxLength": MAX_DESCRIPTION }))
    }
}

/// IDs of permissions, sorted and without duplicates.
pub struct ContainedPermissions(Vec<String>);

impl Value for ContainedPermissions {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let names = <Vec<String> as Value>::read(fields, field, value)?;
        let names: Option<BTreeSet<_>> = names
            .into_iter()
            .map(|name| permission_name(fields, field, name))
            .collect();
        Some(Self(names?.into_iter().collect()))
    }

    fn schema() -> RefOr<Schema> {
        <Vec<String> as Value>::schema()
    }
}

request! {
    /// The permission in the path.
    pub struct DefinitionPath {
        /// The permission's ID
        permission_id: DefinitionId,
    }
}

request! {
    /// A permission to define.
    pub struct CreateDefinition {
        /// The permission's ID.
        id: NewDefinitionId,
        /// What the permission is for.
        description: Patch<DefinitionDescription>,
        /// The permissions that this one contains.
        contained_permission_ids: Option<ContainedPermissions>,
    }
}

request! {
    /// Changes to a definition. Absent fields are left unchanged.
    pub struct UpdateDefinition {
        /// The permission's ID.
        id: Option<NewDefinitionId>,
        /// What the permission is for; null for no description.
        description: Patch<DefinitionDescription>,
        /// The permissions that this one contains.
        contained_permission_ids: Option<ContainedPermissions>,
    }
}

/// A permission defined by the project or by the system.
#[derive(Serialize, ToSchema)]
#[schema(as = Definition)]
pub struct DefinitionResponse {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    description: Option<String>,
    contained_permission_ids: Vec<String>,
}

impl From<PermissionDefinition> for DefinitionResponse {
    fn from(definition: PermissionDefinition) -> Self {
        Self {
            id: definition.id,
            description: definition.description,
            contained_permission_ids: definition.contained_permission_ids,
        }
    }
}

impl From<CreateDefinition> for PermissionDefinition {
    fn from(new: CreateDefinition) -> Self {
        let contained = new.contained_permission_ids.map(|names| names.0);
        Self {
            id: new.id.0,
            description: new.description.set().map(|text| text.0),
            contained_permission_ids: contained.unwrap_or_default(),
        }
    }
}

impl From<UpdateDefinition> for DefinitionChange {
    fn from(change: UpdateDefinition) -> Self {
        Self {
            id: change.id.map(|id| id.0),
            description: change.description.map(|text| text.0),
            contained_permission_ids: change.contained_permission_ids.map(|names| names.0),
        }
    }
}

/// Lists the permissions defined by the system and by the project.
#[utoipa::path(get, path = "/team-permission-definitions", tag = "Team permission definitions",
    responses(
        (status = 200, description = "All definitions", body = List<DefinitionResponse>),
        Errors<Admin>,
    ))]
pub async fn list(
    State(domain): State<Domain>,
    Admin(caller, ()): Admin,
) -> Result<Json<List<DefinitionResponse>>, ApiError> {
    Ok(Json(List::of(
        domain.permission_definitions(&caller).await?,
    )))
}

/// Defines a permission.
#[utoipa::path(post, path = "/team-permission-definitions", tag = "Team permission definitions",
    request_body = CreateDefinition,
    responses(
        (status = 201, description = "The definition", body = DefinitionResponse),
        Errors<Admin, PermissionNotFound>,
    ))]
pub async fn create(
    State(domain): State<Domain>,
    Admin(caller, Body(new)): Admin<Body<CreateDefinition>>,
) -> Result<(StatusCode, Json<DefinitionResponse>), ApiError> {
    let new = new.into();
    domain.define_permission(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(new.into())))
}

/// Changes a definition. A new ID replaces the old one wherever the permission is granted.
#[utoipa::path(patch, path = "/team-permission-definitions/{permission_id}", tag = "Team permission definitions",
    params(PathParams<DefinitionPath>), request_body = UpdateDefinition,
    responses(
        (status = 200, description = "The changed definition", body = DefinitionResponse),
        Errors<Admin, PermissionNotFound>,
    ))]
pub async fn update(
    State(domain): State<Domain>,
    Admin(caller, (PathParams(path), Body(change))): Admin<(
        PathParams<DefinitionPath>,
        Body<UpdateDefinition>,
    )>,
) -> Result<Json<DefinitionResponse>, ApiError> {
    let definition = domain
        .redefine_permission(&caller, &path.permission_id.0, &change.into())
        .await?;
    Ok(Json(definition.into()))
}

/// Deletes a definition. Its permission no longer allows anything.
#[utoipa::path(delete, path = "/team-permission-definitions/{permission_id}", tag = "Team permission definitions",
    params(PathParams<DefinitionPath>),
    responses(
        (status = 200, description = "The definition is deleted", body = Success),
        Errors<Admin, PermissionNotFound>,
    ))]
pub async fn delete(
    State(domain): State<Domain>,
    Admin(caller, PathParams(path)): Admin<PathParams<DefinitionPath>>,
) -> Result<Json<Success>, ApiError> {
    domain
        .delete_permission(&caller, &path.permission_id.0)
        .await?;
    Ok(Json(SUCCESS))
}
