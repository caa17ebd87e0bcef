//! The routes, one file for each noun.

mod api_keys;
mod auth;
mod health;
mod oauth;
mod permission_definitions;
mod permissions;
mod projects;
mod sessions;
mod team_api_keys;
mod team_memberships;
mod teams;
mod user_api_keys;
mod users;

use axum::routing::any;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use super::{ApiState, envelope::no_such_method};

/// Every route, with what the document says of it: there is no other way to add one.
pub fn routes() -> OpenApiRouter<ApiState> {
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
        routes!(permissions::grant, permissions::take_back),
        routes!(permission_definitions::list, permission_definitions::create),
        routes!(
            permission_definitions::update,
            permission_definitions::delete
        ),
        routes!(projects::read, projects::update),
        routes!(projects::jwks),
        routes!(health::health),
        routes!(health::backend_urls),
        routes!(super::openapi::serve),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), |router, routes| {
        router.routes(routes.map(|methods| any(no_such_method).merge(methods)))
    })
}
