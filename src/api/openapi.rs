//! The parts of the `OpenAPI` 3.1 document that are common to all routes.

use serde_json::{Value, json};
use utoipa::openapi::{
    HttpMethod, InfoBuilder, OpenApi, RefOr,
    path::{Operation, PathItem},
    schema::{ObjectBuilder, Schema, SchemaType, Type},
    security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    server::ServerBuilder,
};

use super::{
    documented::{KNOWN_ERROR, response},
    error::Code,
};

const DESCRIPTION: &str = "Users, teams and their API keys. Every header can also be sent with the prefix `x-hexclave-` instead of `x-stack-`. \
    A known error is a JSON object whose `code` is repeated in the header `x-stack-known-error`; a plain error is a text message. \
    With the request header `x-stack-override-error-status`, client errors are sent with status 200, and the header `x-stack-actual-status` holds the real status.";

/// The headers that identify a caller.
const SECURITY_SCHEMES: [(&str, &str, &str); 6] = [
    (
        "access_type",
        "x-stack-access-type",
        "`client`, `server` or `admin`",
    ),
    ("project_id", "x-stack-project-id", "The project's ID"),
    (
        "publishable_client_key",
        "x-stack-publishable-client-key",
        "`pck_…`, where the project requires it",
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
        "The signed-in user's access token",
    ),
];

/// Adds to the document of the routes what is common to all of them. `base` is their path prefix.
pub fn complete(mut document: OpenApi, base: &str) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Latchkey")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url(base).build()]);
    if let Some(components) = &mut document.components {
        components
            .schemas
            .insert(KNOWN_ERROR.to_owned(), RefOr::T(known_error()));
        for (name, header, description) in SECURITY_SCHEMES {
            let value = ApiKeyValue::with_description(header, description);
            components.security_schemes.insert(
                name.to_owned(),
                RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(value))),
            );
        }
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(operation, &method, path);
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

fn complete_operation(operation: &mut Operation, method: &HttpMethod, path: &str) {
    if operation.security.is_none() {
        operation.security = Some(callers());
    }
    operation.operation_id = Some(
        format!("{} {path}", name(method))
            .to_ascii_lowercase()
            .replace(['{', '}'], "")
            .replace([' ', '/', '.'], "-")
            .replace("--", "-"),
    );
    if !matches!(method, HttpMethod::Get) {
        // A body can be too large for any route, even if it is not used.
        operation
            .responses
            .responses
            .insert("413".to_owned(), RefOr::T(response(413, &[], true)));
    }
}

/// The combinations of headers that each kind of caller sends.
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

fn known_error() -> Schema {
    let codes: Vec<Value> = Code::ALL.iter().map(|code| json!(code.as_str())).collect();
    let text = |what: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(what.to_owned()))
    };
    ObjectBuilder::new()
        .property(
            "code",
            text("Error code, for programs").enum_values(Some(codes)),
        )
        .property("error", text("Error message, for people"))
        .property(
            "details",
            ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::Object))
                .description(Some("Details that depend on the code")),
        )
        .required("code")
        .required("error")
        .into()
}
