//! Whether and where the server is reached.

use axum::{Json, extract::State};

use crate::{
    ApiState,
    wire::{BackendUrls, Health},
};

/// Says that the server runs.
#[utoipa::path(get, path = "/health", tag = "Server", security(()),
    responses((status = 200, description = "It runs", body = Health)))]
pub async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Says where the server is reached.
#[utoipa::path(get, path = "/internal/backend-urls", tag = "Server", security(()),
    responses((status = 200, description = "Its addresses", body = BackendUrls)))]
pub async fn backend_urls(State(state): State<ApiState>) -> Json<BackendUrls> {
    Json(BackendUrls {
        urls: vec![state.origin.to_string()],
    })
}
