//! The document that describes the API (`OpenAPI` 3.1), made from the routes themselves. What every
//! operation has in common is added here: who may ask, and what can go wrong.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, InfoBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
    path::{Operation, PathItem},
    schema::{ObjectBuilder, Schema, SchemaType, Type},
    security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    server::ServerBuilder,
};

use super::{PREFIXES, error::Code, v1};

/// What can go wrong wherever somebody asks with our headers.
const EVERYBODY: &[Code] = &[
    Code::AccessTokenExpired,
    Code::AccessTypeRequired,
    Code::AccessTypeWithoutProjectId,
    Code::AdminAuthenticationRequired,
    Code::BodyParsingError,
    Code::BranchDoesNotExist,
    Code::CurrentProjectNotFound,
    Code::InvalidAccessType,
    Code::InvalidProjectForAccessToken,
    Code::InvalidPublishableClientKey,
    Code::InvalidSecretServerKey,
    Code::InvalidSuperSecretAdminKey,
    Code::ProjectKeyWithoutAccessType,
    Code::PublishableClientKeyRequired,
    Code::SchemaError,
    Code::ServerAuthenticationRequired,
    Code::UnparsableAccessToken,
];

/// What can go wrong besides, by method and path: codes, and the statuses of plain messages.
const OPERATIONS: &[(&str, &[Code], &[u16])] = &[
    (
        "POST /user-api-keys",
        &[
            Code::CannotGetOwnUser,
            Code::UserAuthenticationRequired,
            Code::UserNotFound,
        ],
        &[400, 403],
    ),
    (
        "GET /user-api-keys",
        &[Code::CannotGetOwnUser, Code::UserAuthenticationRequired],
        &[400, 403],
    ),
    (
        "GET /user-api-keys/{api_key_id}",
        &[
            Code::ApiKeyNotFound,
            Code::CannotGetOwnUser,
            Code::UserAuthenticationRequired,
        ],
        &[400, 403],
    ),
    (
        "PATCH /user-api-keys/{api_key_id}",
        &[
            Code::ApiKeyNotFound,
            Code::CannotGetOwnUser,
            Code::UserAuthenticationRequired,
        ],
        &[400, 403],
    ),
    (
        "POST /user-api-keys/check",
        &[
            Code::ApiKeyExpired,
            Code::ApiKeyNotFound,
            Code::ApiKeyRevoked,
            Code::InsufficientAccessType,
            Code::WrongApiKeyType,
        ],
        &[400],
    ),
    (
        "POST /team-api-keys",
        &[
            Code::ApiKeyNotFound,
            Code::TeamNotFound,
            Code::UserAuthenticationRequired,
        ],
        &[400],
    ),
    (
        "GET /team-api-keys",
        &[Code::ApiKeyNotFound, Code::UserAuthenticationRequired],
        &[400],
    ),
    (
        "GET /team-api-keys/{api_key_id}",
        &[Code::ApiKeyNotFound, Code::UserAuthenticationRequired],
        &[400],
    ),
    (
        "PATCH /team-api-keys/{api_key_id}",
        &[Code::ApiKeyNotFound, Code::UserAuthenticationRequired],
        &[400],
    ),
    (
        "POST /team-api-keys/check",
        &[
            Code::ApiKeyExpired,
            Code::ApiKeyNotFound,
            Code::ApiKeyRevoked,
            Code::InsufficientAccessType,
            Code::WrongApiKeyType,
        ],
        &[400],
    ),
    (
        "POST /auth/password/sign-up",
        &[
            Code::PasswordAuthenticationNotEnabled,
            Code::PasswordTooShort,
            Code::RedirectUrlNotWhitelisted,
            Code::SignUpNotEnabled,
            Code::UserEmailAlreadyExists,
        ],
        &[403, 429],
    ),
    (
        "POST /auth/password/sign-in",
        &[
            Code::EmailPasswordMismatch,
            Code::PasswordAuthenticationNotEnabled,
        ],
        &[403, 429],
    ),
    (
        "POST /auth/oauth/token",
        &[
            Code::BodyParsingError,
            Code::InvalidOauthClient,
            Code::PublishableClientKeyRequired,
            Code::RefreshTokenNotFound,
            Code::SchemaError,
        ],
        &[],
    ),
    (
        "POST /auth/sessions",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::UserIdDoesNotExist,
        ],
        &[],
    ),
    ("GET /auth/sessions", &[Code::CannotGetOwnUser], &[403]),
    (
        "DELETE /auth/sessions/{session_id}",
        &[Code::RefreshTokenNotFound],
        &[],
    ),
    (
        "DELETE /auth/sessions/current",
        &[Code::RefreshTokenNotFound],
        &[],
    ),
    (
        "POST /auth/sessions/current/refresh",
        &[Code::RefreshTokenNotFound],
        &[],
    ),
    (
        "POST /users",
        &[
            Code::InsufficientAccessType,
            Code::PasswordTooShort,
            Code::UserEmailAlreadyExists,
        ],
        &[],
    ),
    ("GET /users", &[Code::InsufficientAccessType], &[]),
    ("GET /users/me", &[Code::CannotGetOwnUser], &[]),
    (
        "PATCH /users/me",
        &[
            Code::CannotGetOwnUser,
            Code::PasswordTooShort,
            Code::TeamMembershipNotFound,
            Code::UserEmailAlreadyExists,
        ],
        &[],
    ),
    ("DELETE /users/me", &[Code::CannotGetOwnUser], &[400]),
    (
        "GET /users/{user_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::UserNotFound,
        ],
        &[],
    ),
    (
        "PATCH /users/{user_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::PasswordTooShort,
            Code::TeamMembershipNotFound,
            Code::UserEmailAlreadyExists,
            Code::UserNotFound,
        ],
        &[],
    ),
    (
        "DELETE /users/{user_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::UserNotFound,
        ],
        &[],
    ),
    (
        "POST /teams",
        &[
            Code::CannotGetOwnUser,
            Code::UserAuthenticationRequired,
            Code::UserNotFound,
        ],
        &[403],
    ),
    ("GET /teams", &[Code::CannotGetOwnUser], &[403]),
    (
        "GET /teams/{team_id}",
        &[Code::TeamNotFound, Code::UserAuthenticationRequired],
        &[],
    ),
    (
        "PATCH /teams/{team_id}",
        &[
            Code::TeamNotFound,
            Code::TeamPermissionRequired,
            Code::UserAuthenticationRequired,
        ],
        &[],
    ),
    (
        "DELETE /teams/{team_id}",
        &[
            Code::TeamNotFound,
            Code::TeamPermissionRequired,
            Code::UserAuthenticationRequired,
        ],
        &[],
    ),
    (
        "POST /team-memberships/{team_id}/{user_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::TeamMembershipAlreadyExists,
            Code::TeamNotFound,
            Code::UserNotFound,
        ],
        &[],
    ),
    (
        "DELETE /team-memberships/{team_id}/{user_id}",
        &[
            Code::CannotGetOwnUser,
            Code::TeamMembershipNotFound,
            Code::TeamNotFound,
            Code::TeamPermissionRequired,
            Code::UserAuthenticationRequired,
        ],
        &[],
    ),
    ("GET /team-permissions", &[Code::CannotGetOwnUser], &[403]),
    (
        "POST /team-permissions/{team_id}/{user_id}/{permission_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::PermissionNotFound,
            Code::TeamMembershipNotFound,
        ],
        &[],
    ),
    (
        "DELETE /team-permissions/{team_id}/{user_id}/{permission_id}",
        &[
            Code::CannotGetOwnUser,
            Code::InsufficientAccessType,
            Code::TeamPermissionNotFound,
        ],
        &[],
    ),
    (
        "GET /team-permission-definitions",
        &[Code::InsufficientAccessType],
        &[],
    ),
    (
        "POST /team-permission-definitions",
        &[Code::InsufficientAccessType, Code::PermissionNotFound],
        &[],
    ),
    (
        "PATCH /team-permission-definitions/{permission_id}",
        &[Code::InsufficientAccessType, Code::PermissionNotFound],
        &[],
    ),
    (
        "DELETE /team-permission-definitions/{permission_id}",
        &[Code::InsufficientAccessType, Code::PermissionNotFound],
        &[],
    ),
    ("GET /projects/current", &[], &[]),
    (
        "PATCH /projects/current",
        &[Code::InsufficientAccessType],
        &[],
    ),
    (
        "GET /projects/{project_id}/.well-known/jwks.json",
        &[Code::CurrentProjectNotFound],
        &[],
    ),
    ("GET /health", &[], &[]),
    ("GET /internal/backend-urls", &[], &[]),
    ("GET /openapi.json", &[], &[]),
];

/// What can go wrong anywhere: a body that is too large, a fault of ours, a database that is away.
const ANYWHERE: &[u16] = &[413, 500, 503];

const KNOWN: &str = "KnownError";

/// Serves the document.
#[utoipa::path(get, path = "/openapi.json", tag = "Server", security(()),
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Value)))]
pub async fn serve() -> Response {
    Json(document()).into_response()
}

/// The document.
pub fn document() -> OpenApi {
    let (_, mut document) = v1::routes().split_for_parts();
    document.info = InfoBuilder::new()
        .title("Latchkey")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Users, teams and their API keys. Every header may be written `x-hexclave-` instead of `x-stack-`. \
             An error is either known, a JSON object whose `code` is repeated in the header `x-stack-known-error`, \
             or plain, a message in text. With the header `x-stack-override-error-status` the status of an error \
             of the caller's is 200, and the real one stands in `x-stack-actual-status`.",
        ))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url(PREFIXES[0]).build()]);
    if let Some(components) = &mut document.components {
        components
            .schemas
            .insert(KNOWN.to_owned(), RefOr::T(known_error()));
        for (name, header, what) in [
            (
                "access_type",
                "x-stack-access-type",
                "`client`, `server` or `admin`",
            ),
            ("project_id", "x-stack-project-id", "The project"),
            (
                "publishable_client_key",
                "x-stack-publishable-client-key",
                "`pck_…`, where the project wants it",
            ),
            (
                "secret_server_key",
                "x-stack-secret-server-key",
                "`ssk_…`, for servers",
            ),
            (
                "super_secret_admin_key",
                "x-stack-super-secret-admin-key",
                "`sak_…`, for administrators",
            ),
            (
                "access_token",
                "x-stack-access-token",
                "Whose request it is",
            ),
        ] {
            let value = ApiKeyValue::with_description(header, what);
            components.security_schemes.insert(
                name.to_owned(),
                RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(value))),
            );
        }
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(operation, &format!("{} {path}", name(&method)));
        }
    }
    document
}

const fn name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "POST",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Put => "PUT",
        _ => "GET",
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds who may ask, and what can go wrong.
fn complete(operation: &mut Operation, place: &str) {
    let public = operation.security.is_some();
    if !public {
        operation.security = Some(callers());
    }
    operation.operation_id = Some(
        place
            .to_ascii_lowercase()
            .replace(['{', '}'], "")
            .replace([' ', '/', '.'], "-")
            .replace("--", "-"),
    );
    let (_, own, plain) = OPERATIONS
        .iter()
        .find(|(other, ..)| *other == place)
        .copied()
        .unwrap_or(("", &[], &[]));
    let common = if public { &[][..] } else { EVERYBODY };
    let mut codes: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in own.iter().chain(common) {
        let listed = codes.entry(code.status().as_u16()).or_default();
        if !listed.contains(code) {
            listed.push(*code);
        }
    }
    let mut plain: Vec<u16> = plain.iter().chain(ANYWHERE).copied().collect();
    plain.retain(|status| *status != 413 || !place.starts_with("GET "));
    let statuses = codes.keys().chain(&plain).copied();
    for status in statuses.collect::<std::collections::BTreeSet<_>>() {
        let response = error_response(status, codes.get(&status), plain.contains(&status));
        operation
            .responses
            .responses
            .insert(status.to_string(), RefOr::T(response));
    }
}

/// The headers by which each kind of caller shows who it is.
fn callers() -> Vec<SecurityRequirement> {
    let none: [&str; 0] = [];
    [
        "",
        "publishable_client_key",
        "secret_server_key",
        "super_secret_admin_key",
    ]
    .into_iter()
    .flat_map(|key| [(key, false), (key, true)])
    .map(|(key, with_token)| {
        let mut requirement = SecurityRequirement::new("access_type", none).add("project_id", none);
        if !key.is_empty() {
            requirement = requirement.add(key, none);
        }
        if with_token {
            requirement = requirement.add("access_token", none);
        }
        requirement
    })
    .collect()
}

fn error_response(
    status: u16,
    codes: Option<&Vec<Code>>,
    plain: bool,
) -> utoipa::openapi::Response {
    let meaning = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let mut words: Vec<_> = codes
        .into_iter()
        .flatten()
        .map(|code| format!("`{}`", code.as_str()))
        .collect();
    words.sort();
    let mut response = ResponseBuilder::new().description(if words.is_empty() {
        format!("{meaning}.")
    } else {
        format!("{meaning}: {}.", words.join(", "))
    });
    if codes.is_some() {
        let known = Ref::from_schema_name(KNOWN);
        response = response.content(
            "application/json",
            ContentBuilder::new().schema(Some(known)).build(),
        );
    }
    if plain {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        response = response.content(
            "text/plain",
            ContentBuilder::new()
                .schema(Some(Schema::Object(text.build())))
                .build(),
        );
    }
    response.build()
}

fn known_error() -> Schema {
    let codes: Vec<Value> = Code::ALL.iter().map(|code| json!(code.as_str())).collect();
    let text = |what: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(what.to_owned()))
    };
    ObjectBuilder::new()
        .property("code", text("What went wrong").enum_values(Some(codes)))
        .property("error", text("The same for a person"))
        .property(
            "details",
            ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::Object))
                .description(Some("What it is about")),
        )
        .required("code")
        .required("error")
        .into()
}
