//! The routes, with their descriptions.

use std::sync::LazyLock;

use axum::{Json, Router, middleware, routing::any};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use super::{
    ApiState,
    documented::Errors,
    envelope::{no_such_method, no_such_page, panicked, wrap},
    extract::Public,
    openapi,
    v1::{
        auth, oauth, permission_definitions, permissions, projects, server, sessions,
        team_api_keys, team_memberships, teams, user_api_keys, users,
    },
};

/// The path prefixes of the API: the main one and an alias.
pub const PREFIXES: [&str; 2] = ["/api/v1", "/api/latest"];

/// The API, under both prefixes.
pub fn router(state: ApiState) -> Router {
    let (routes, _) = routes().split_for_parts();
    PREFIXES
        .into_iter()
        .fold(Router::new(), |all, prefix| {
            all.nest(prefix, routes.clone())
        })
        .route("/api/{*other}", any(no_such_page))
        .route("/api", any(no_such_page))
        .route("/api/", any(no_such_page))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(wrap))
        .with_state(state)
}

/// The `OpenAPI` document.
pub fn document() -> OpenApi {
    let (_, document) = routes().split_for_parts();
    openapi::complete(document, PREFIXES[0])
}

fn routes() -> OpenApiRouter<ApiState> {
    [
        routes!(user_api_keys::list, user_api_keys::create),
        routes!(user_api_keys::read, user_api_keys::update),
        routes!(user_api_keys::check),
        routes!(team_api_keys::list, team_api_keys::create),
        routes!(team_api_keys::read, team_api_keys::update),
        routes!(team_api_keys::check),
        routes!(auth::sign_up),
        routes!(auth::sign_in),
        routes!(oauth::token),
        routes!(sessions::list, sessions::create),
        routes!(sessions::end_current),
        routes!(sessions::refresh_current),
        routes!(sessions::end),
        routes!(users::list, users::create),
        routes!(users::read_me, users::update_me, users::delete_me),
        routes!(users::read, users::update, users::delete),
        routes!(teams::list, teams::create),
        routes!(teams::read, teams::update, teams::delete),
        routes!(team_memberships::create, team_memberships::delete),
        routes!(permissions::list),
        routes!(permissions::grant, permissions::revoke),
        routes!(permission_definitions::list, permission_definitions::create),
        routes!(
            permission_definitions::update,
            permission_definitions::delete
        ),
        routes!(projects::read, projects::update),
        routes!(projects::jwks),
        routes!(server::health),
        routes!(server::backend_urls),
        routes!(describe),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), |router, routes| {
        router.routes(routes.map(|methods| any(no_such_method).merge(methods)))
    })
}

/// Returns this description of the API.
#[utoipa::path(get, path = "/openapi.json", tag = "Server", security(()),
    responses((status = 200, description = "An OpenAPI 3.1 document", body = serde_json::Value), Errors<Public<()>>))]
async fn describe() -> Json<&'static OpenApi> {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document);
    Json(&DOCUMENT)
}
