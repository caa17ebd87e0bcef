//! The caller's project, and the public keys of its access tokens.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use latchkey_domain::{Domain, auth::token::Tokens, signing_keys::CACHED_SECONDS};
use latchkey_model::{
    account::DisplayName,
    id::ProjectId,
    patch::Patch,
    project::{LARGEST_KEY_LIMIT, Project, ProjectChange, SettingsChange, TrustedDomain},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    PartialSchema as _, ToSchema,
    openapi::{Ref, RefOr, schema::Schema},
};
use uuid::Uuid;

use crate::{
    documented::Errors,
    error::{ApiError, code::CurrentProjectNotFound},
    error_table::unknown_project,
    extract::{Admin, Anyone, Public},
    field::{Components, Unsupported, Value, schema_of},
    input::Fields,
    javascript::{display, uuid},
    request::{Body, Object as _, PathParams, request},
    values::Whole,
};

const MAX_DOMAINS: usize = 100;

request! {
    /// Changes to the settings. Absent fields are left unchanged.
    pub struct WriteConfig {
        /// Whether users may have API keys.
        allow_user_api_keys: Option<bool>,
        /// Whether teams may have API keys.
        allow_team_api_keys: Option<bool>,
        /// Whether new users may sign up.
        sign_up_enabled: Option<bool>,
        /// Whether users may sign in with a password.
        credential_enabled: Option<bool>,
        /// Whether clients may create teams.
        client_team_creation_enabled: Option<bool>,
        /// Whether users may delete their own accounts.
        client_user_deletion_enabled: Option<bool>,
        /// Whether clients must send a publishable client key.
        require_publishable_client_key: Option<bool>,
        /// Whether callback URLs may be on `localhost`.
        allow_localhost: Option<bool>,
        /// The maximum number of valid API keys of a user or a team, as far as people create them;
        /// null for no limit. Servers are not limited.
        max_api_keys_per_owner: Patch<Whole<0, { LARGEST_KEY_LIMIT as i64 }>>,
        /// The trusted domains, on which callback URLs must be.
        domains: Option<TrustedDomains>,
        ;
        magic_link_enabled: Unsupported,
        passkey_enabled: Unsupported,
    }
}

impl Value for WriteConfig {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let serde_json::Value::Object(values) = value else {
            fields.wrong_type(field, "object", &display(&value), None);
            return None;
        };
        let mut config = fields.nested(field, values);
        let read = Self::read_fields(&mut config);
        config.end();
        read
    }

    fn schema() -> RefOr<Schema> {
        Ref::from_schema_name(<Self as ToSchema>::name()).into()
    }

    fn components(all: &mut Components) {
        all.push((
            <Self as ToSchema>::name().into_owned(),
            <Self as utoipa::PartialSchema>::schema(),
        ));
        <Self as ToSchema>::schemas(all);
    }
}

request! {
    /// Changes to the project. Absent fields are left unchanged.
    pub struct WriteProject {
        /// The project's name.
        display_name: Option<DisplayName>,
        /// The project's settings.
        config: Option<WriteConfig>,
    }
}

/// The project in the path.
pub struct ProjectText(String);

impl Value for ProjectText {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        <String as Value>::read(fields, field, value).map(Self)
    }

    fn schema() -> RefOr<Schema> {
        schema_of(json!({ "type": "string", "format": "uuid" }))
    }
}

request! {
    /// The project in the path.
    pub struct ProjectPath {
        /// The project's ID
        project_id: ProjectText,
    }
}

pub struct TrustedDomains(Vec<TrustedDomain>);

impl Value for TrustedDomains {
    fn read(fields: &mut Fields<'_>, field: &str, value: serde_json::Value) -> Option<Self> {
        let domains = value
            .as_array()
            .filter(|items| items.len() <= MAX_DOMAINS)
            .and_then(|items| items.iter().map(trusted_domain).collect());
        if domains.is_none() {
            let problem = format!(
                "must be a list of at most {MAX_DOMAINS} objects with a domain such as https://app.example and a handler_path, but was: `{}`.",
                display(&value)
            );
            fields.problem(field, &problem);
        }
        domains.map(Self)
    }

    fn schema() -> RefOr<Schema> {
        let item = TrustedDomainResponse::schema();
        schema_of(json!({ "type": "array", "maxItems": MAX_DOMAINS, "items": item }))
    }
}

fn trusted_domain(value: &serde_json::Value) -> Option<TrustedDomain> {
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

/// A project's settings.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields that clients expect"
)]
pub struct ProjectConfig {
    sign_up_enabled: bool,
    credential_enabled: bool,
    magic_link_enabled: bool,
    passkey_enabled: bool,
    client_team_creation_enabled: bool,
    client_user_deletion_enabled: bool,
    allow_user_api_keys: bool,
    allow_team_api_keys: bool,
    allow_localhost: bool,
    #[schema(value_type = Vec<String>)]
    enabled_oauth_providers: [(); 0],
    domains: Vec<TrustedDomainResponse>,
}

/// A trusted domain, on which callback URLs may be.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedDomain)]
pub struct TrustedDomainResponse {
    domain: String,
    handler_path: String,
}

impl From<TrustedDomain> for TrustedDomainResponse {
    fn from(domain: TrustedDomain) -> Self {
        Self {
            domain: domain.domain,
            handler_path: domain.handler_path,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectResponse {
    #[schema(value_type = Uuid)]
    id: ProjectId,
    display_name: String,
    config: ProjectConfig,
}

impl From<Project> for ProjectResponse {
    fn from(project: Project) -> Self {
        let settings = project.settings;
        Self {
            id: project.id,
            display_name: project.display_name,
            config: ProjectConfig {
                sign_up_enabled: settings.sign_up_enabled,
                credential_enabled: settings.credential_enabled,
                magic_link_enabled: false,
                passkey_enabled: false,
                client_team_creation_enabled: settings.client_team_creation_enabled,
                client_user_deletion_enabled: settings.client_user_deletion_enabled,
                allow_user_api_keys: settings.allow_user_api_keys,
                allow_team_api_keys: settings.allow_team_api_keys,
                allow_localhost: settings.allow_localhost,
                enabled_oauth_providers: [],
                domains: project.domains.into_iter().map(Into::into).collect(),
            },
        }
    }
}

fn key_limit(limit: Whole<0, { LARGEST_KEY_LIMIT as i64 }>) -> u32 {
    u32::try_from(limit.0).unwrap_or(LARGEST_KEY_LIMIT)
}

impl From<WriteProject> for ProjectChange {
    fn from(change: WriteProject) -> Self {
        let Some(config) = change.config else {
            return Self {
                display_name: change.display_name,
                ..Self::default()
            };
        };
        Self {
            display_name: change.display_name,
            settings: SettingsChange {
                allow_user_api_keys: config.allow_user_api_keys,
                allow_team_api_keys: config.allow_team_api_keys,
                sign_up_enabled: config.sign_up_enabled,
                credential_enabled: config.credential_enabled,
                client_team_creation_enabled: config.client_team_creation_enabled,
                client_user_deletion_enabled: config.client_user_deletion_enabled,
                require_publishable_client_key: config.require_publishable_client_key,
                allow_localhost: config.allow_localhost,
                max_api_keys_per_owner: config.max_api_keys_per_owner.map(key_limit),
            },
            domains: config.domains.map(|domains| domains.0),
        }
    }
}

/// Returns the caller's project.
#[utoipa::path(get, path = "/projects/current", tag = "Projects",
    responses((status = 200, description = "The project", body = ProjectResponse), Errors<Anyone>))]
pub async fn read(
    State(domain): State<Domain>,
    Anyone(caller, ()): Anyone,
) -> Result<Json<ProjectResponse>, ApiError> {
    Ok(Json(domain.current_project(&caller).await?.into()))
}

/// Changes the caller's project.
#[utoipa::path(patch, path = "/projects/current", tag = "Projects", request_body = WriteProject,
    responses((status = 200, description = "The changed project", body = ProjectResponse), Errors<Admin>))]
pub async fn update(
    State(domain): State<Domain>,
    Admin(caller, Body(change)): Admin<Body<WriteProject>>,
) -> Result<Json<ProjectResponse>, ApiError> {
    Ok(Json(
        domain.change_project(&caller, &change.into()).await?.into(),
    ))
}

/// A public key (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct Jwk {
    /// `EC`.
    pub kty: &'static str,
    /// `P-256`.
    pub crv: &'static str,
    /// `ES256`.
    pub alg: &'static str,
    /// The key's ID.
    pub kid: Uuid,
    /// The x coordinate, in base64url.
    pub x: String,
    /// The y coordinate, in base64url.
    pub y: String,
}

/// The public keys for verifying access tokens.
#[derive(Serialize, ToSchema)]
pub struct Jwks {
    pub keys: Vec<Jwk>,
}

/// Returns the public keys for verifying the project's access tokens.
#[utoipa::path(get, path = "/projects/{project_id}/.well-known/jwks.json", tag = "Projects",
    params(PathParams<ProjectPath>), security(()),
    responses(
        (status = 200, description = "A JSON Web Key Set", body = Jwks),
        Errors<Public<()>, CurrentProjectNotFound>,
    ))]
pub async fn jwks(
    State(domain): State<Domain>,
    State(tokens): State<Tokens>,
    Public(PathParams(path)): Public<PathParams<ProjectPath>>,
) -> Result<([(HeaderName, String); 1], Json<Jwks>), ApiError> {
    let id = path.project_id.0;
    let project = match uuid(&id) {
        Some(id) => domain.project(ProjectId::new(id)).await?,
        None => None,
    };
    if project.is_none() {
        return Err(unknown_project(&id));
    }
    let keys = tokens.public_keys().await?.into_iter();
    let keys = keys
        .map(|key| Jwk {
            kty: "EC",
            crv: "P-256",
            alg: "ES256",
            kid: key.kid,
            x: key.x,
            y: key.y,
        })
        .collect();
    let caching = (
        header::CACHE_CONTROL,
        format!("public, max-age={CACHED_SECONDS}"),
    );
    Ok(([caching], Json(Jwks { keys })))
}
