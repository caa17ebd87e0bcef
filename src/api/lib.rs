//! The REST face: programs that speak Stack Auth's language find users, teams and API keys here.
//!
//! A handler reads its input, calls one method of the domain and shows what comes back. What every
//! answer has in common is in [`envelope`]; what every request has, in [`call`]; what can go wrong,
//! in [`error`]; the document that describes it all is made by [`openapi`] from the same routes.

mod call;
pub mod client_address;
mod envelope;
mod error;
mod headers;
mod openapi;
mod schema;
mod state;
mod v1;
mod value;
mod wire;

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

pub use error::{Code, MAX_BODY};
pub use openapi::document;
pub use state::ApiState;

/// Where the API begins, and its alias.
pub const PREFIXES: [&str; 2] = ["/api/v1", "/api/latest"];

/// The whole API, under both its prefixes.
pub fn router(state: ApiState) -> Router {
    let (routes, _) = v1::routes().split_for_parts();
    PREFIXES
        .into_iter()
        .fold(Router::new(), |all, prefix| {
            all.nest(prefix, routes.clone())
        })
        .route("/api/{*other}", axum::routing::any(envelope::no_such_page))
        .route("/api", axum::routing::any(envelope::no_such_page))
        .route("/api/", axum::routing::any(envelope::no_such_page))
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(middleware::from_fn(envelope::wrap))
        .with_state(state)
}
