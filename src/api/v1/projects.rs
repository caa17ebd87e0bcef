//! The project that the caller belongs to, and the public keys of its tokens.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use latchkey_model::id::ProjectId;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    ApiState,
    call::{ADMINS, ANYBODY, Call},
    error::ApiError,
    headers::{unavailable, unknown_project},
    schema::{Fields, Input},
    value::{shown, uuid},
    wire::{DomainBody, Jwk, Jwks, ProjectBody},
};
use latchkey_model::project::{ProjectChange, SettingsChange, TrustedDomain};

/// Most trusted domains of a project.
const MOST_DOMAINS: usize = 100;

/// The switches to change; what is absent stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct WriteConfig {
    #[schema(nullable = false)]
    allow_user_api_keys: Option<bool>,
    #[schema(nullable = false)]
    allow_team_api_keys: Option<bool>,
    #[schema(nullable = false)]
    sign_up_enabled: Option<bool>,
    #[schema(nullable = false)]
    credential_enabled: Option<bool>,
    #[schema(nullable = false)]
    client_team_creation_enabled: Option<bool>,
    #[schema(nullable = false)]
    client_user_deletion_enabled: Option<bool>,
    #[schema(nullable = false)]
    allow_localhost: Option<bool>,
    #[schema(nullable = false)]
    domains: Option<Vec<DomainBody>>,
}

/// What to change about the project; what is absent stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field; this is its description")]
pub struct WriteProject {
    /// Its name.
    #[schema(max_length = 255, nullable = false)]
    display_name: Option<String>,
    /// Its switches.
    #[schema(nullable = false)]
    config: Option<WriteConfig>,
}

/// Shows the project.
#[utoipa::path(get, path = "/projects/current", tag = "Projects",
    responses((status = 200, description = "The project", body = ProjectBody)))]
pub async fn read(mut call: Call) -> Result<Json<ProjectBody>, ApiError> {
    call.input(ANYBODY, |_| Some(())).await?;
    let project = call
        .state
        .domain
        .current_project(&call.caller)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(project.into()))
}

/// Changes the project. For administrators.
#[utoipa::path(patch, path = "/projects/current", tag = "Projects", request_body = WriteProject,
    responses((status = 200, description = "What the project is now", body = ProjectBody)))]
pub async fn update(mut call: Call) -> Result<Json<ProjectBody>, ApiError> {
    let change = call.input(ADMINS, |input| Some(read_change(input))).await?;
    let project = call
        .state
        .domain
        .change_project(&call.caller, &change)
        .await
        .map_err(|error| call.told(error))?;
    Ok(Json(project.into()))
}

fn read_change(input: &mut Input) -> ProjectChange {
    let mut body = input.body();
    let name = body.optional_text("display_name");
    let display_name = name.and_then(|name| {
        let name = body.display_name("display_name", &name)?;
        latchkey_model::account::DisplayName::parse(&name).ok()
    });
    let mut change = ProjectChange {
        display_name,
        ..ProjectChange::default()
    };
    if let Some(mut config) = body.object("config", "body.config") {
        read_config(&mut config, &mut change);
        config.end();
    }
    body.end();
    change
}

fn read_config(config: &mut Fields<'_>, change: &mut ProjectChange) {
    for name in SettingsChange::NAMES {
        let value = config.truth(name);
        if let Some(switch) = change.settings.switch(name) {
            *switch = value;
        }
    }
    // Not to be had here, so only "no" is true.
    for name in ["magic_link_enabled", "passkey_enabled"] {
        config.only_false(name);
    }
    let Some(value) = config.json("domains") else {
        return;
    };
    let items = value.as_array();
    let domains =
        items.and_then(|items| items.iter().map(trusted_domain).collect::<Option<Vec<_>>>());
    match domains {
        Some(domains) if domains.len() <= MOST_DOMAINS => change.domains = Some(domains),
        _ => config.problem(
            "domains",
            &format!(
                "must be a list of at most {MOST_DOMAINS} objects with a domain such as https://app.example and a handler_path, but was: `{}`.",
                shown(&value)
            ),
        ),
    }
}

fn trusted_domain(value: &Value) -> Option<TrustedDomain> {
    let fields = value.as_object()?;
    if fields
        .keys()
        .any(|name| !["domain", "handler_path"].contains(&name.as_str()))
    {
        return None;
    }
    let domain = fields.get("domain")?.as_str()?;
    let handler_path = match fields.get("handler_path") {
        Some(path) => path.as_str()?,
        None => "/handler",
    };
    let uri: axum::http::Uri = domain.parse().ok()?;
    let is_origin = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
        && uri.path() == "/"
        && uri.query().is_none();
    Some(TrustedDomain {
        domain: domain.trim_end_matches('/').to_owned(),
        handler_path: handler_path.to_owned(),
    })
    .filter(|_| is_origin && domain.len() <= 255)
}

/// The public keys that the project's access tokens are verified with.
#[utoipa::path(get, path = "/projects/{project_id}/.well-known/jwks.json", tag = "Projects",
    params(("project_id" = Uuid, Path, description = "The project")),
    security(()),
    responses((status = 200, description = "A JSON Web Key Set", body = Jwks)))]
pub async fn jwks(
    State(state): State<ApiState>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let project = match uuid(&id) {
        Some(id) => state.domain.project(ProjectId::new(id)).await,
        None => Ok(None),
    };
    if project.map_err(|error| unavailable(&error))?.is_none() {
        return Err(unknown_project(&id));
    }
    let keys = state
        .tokens
        .public_keys()
        .await
        .map_err(|error| unavailable(&error))?;
    let keys = keys
        .into_iter()
        .map(|key| Jwk {
            kty: "EC",
            crv: "P-256",
            alg: "ES256",
            kid: key.kid,
            x: key.x,
            y: key.y,
        })
        .collect();
    let caching = HeaderValue::from_static("public, max-age=3600");
    Ok(([(header::CACHE_CONTROL, caching)], Json(Jwks { keys })).into_response())
}
