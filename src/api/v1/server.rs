//! The server's health and base URLs.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ApiState, documented::Errors, extract::Public};

#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct BackendUrls {
    /// The server's public base URL.
    urls: Vec<String>,
}

/// Reports that the server is running.
#[utoipa::path(get, path = "/health", tag = "Server", security(()),
    responses((status = 200, description = "The server is running", body = Health), Errors<Public<()>>))]
pub async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Returns the server's base URLs.
#[utoipa::path(get, path = "/internal/backend-urls", tag = "Server", security(()),
    responses((status = 200, description = "The base URLs", body = BackendUrls), Errors<Public<()>>))]
pub async fn backend_urls(State(state): State<ApiState>) -> Json<BackendUrls> {
    Json(BackendUrls {
        urls: vec![state.origin.to_string()],
    })
}
