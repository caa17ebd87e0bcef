//! The routes, and the headers that all responses have.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use latchkey_api::ApiState;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    assets,
    csrf_guard::csrf_guard,
    form_return::return_form,
    host::set_host_header,
    http::host::host_guard,
    key_in_address::key_in_address,
    notice::clear_shown,
    pages::{
        self, api_keys, api_reference, create_key, key_search, profile, project, reset_password,
        security, sessions, settings, sign_in, team, teams,
    },
    paths,
    request_log::log,
    respond::{other_method, run},
    state::AppState,
    text::text,
    time_zone::set_time_zone,
    viewer_guard::viewer_guard,
    watch::Watch,
};

/// The whole site: the pages, and the API with its own headers.
pub fn router(state: AppState, api: ApiState) -> Router {
    let pages = pages();
    let forms = (state.clone(), pages.clone().with_state(state.clone()));
    let pages = pages
        .layer(middleware::from_fn_with_state(state.clone(), clear_shown))
        .layer(CompressionLayer::new());
    // A response that may contain a secret is not compressed: its length would depend on the secret.
    let mut secrets = Router::new()
        .route(
            paths::NEW_API_KEY,
            get(create_key::own).post(create_key::create_own),
        )
        .route(
            paths::NEW_TEAM_API_KEY,
            get(create_key::of_team).post(create_key::create_of_team),
        );
    for (path, _) in server_fn::axum::server_fn_paths() {
        secrets = secrets.route(path, post(run));
    }
    let health = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready));
    Router::new()
        .merge(pages)
        .merge(secrets)
        .merge(health)
        .method_not_allowed_fallback(other_method)
        .route_layer(middleware::from_fn_with_state(forms, return_form))
        .route_layer(middleware::from_fn(set_time_zone))
        .route_layer(middleware::from_fn_with_state(state.clone(), viewer_guard))
        .route_layer(middleware::from_fn_with_state(state.clone(), csrf_guard))
        .route_layer(middleware::from_fn(key_in_address))
        .fallback(file)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            standard_headers,
        ))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .with_state(state.clone())
        .merge(latchkey_api::router(api))
        .layer(middleware::from_fn(host_guard))
        .layer(middleware::from_fn_with_state(state, log))
}

/// The pages, without what guards them.
fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(|| async { Redirect::to(paths::SETTINGS_HOME) }))
        .route(paths::SIGN_IN, get(sign_in::sign_in))
        .route(paths::SIGN_UP, get(sign_in::sign_up))
        .route(paths::RESET_PASSWORD, get(reset_password::reset_password))
        .route(paths::SETTINGS_HOME, get(profile::home))
        .route(paths::PROFILE, get(profile::profile))
        .route(paths::SECURITY, get(security::security))
        .route(paths::SESSIONS, get(sessions::sessions))
        .route(paths::SETTINGS, get(settings::settings))
        .route(
            paths::API_KEYS,
            get(api_keys::api_keys).post(key_search::own),
        )
        .route(paths::NEW_TEAM, get(team::new_team))
        .route(paths::TEAMS, get(teams::teams))
        .route(paths::API_REFERENCE, get(api_reference::api_reference))
        .route(
            paths::PROJECT,
            get(project::project).post(key_search::of_project),
        )
        .route(paths::TEAM, get(team::team).post(key_search::of_team))
}

/// Returns an embedded file, or the “not found” page. Redirects the path of a page with a trailing slash to the page.
async fn file(request: Request) -> Response {
    let path = request.uri().path();
    let page = path.trim_end_matches('/');
    // Nothing else: an address that begins with two slashes would lead to another site.
    let is_page = paths::is_signed_out(page)
        || page == paths::SETTINGS_HOME
        || page.starts_with("/account-settings/");
    if is_page && page != path && request.method().is_safe() {
        return Redirect::permanent(page).into_response();
    }
    let file = (request.method() == axum::http::Method::GET
        || request.method() == axum::http::Method::HEAD)
        .then(|| {
            let path = request.uri().path();
            Watch::current()
                .and_then(|watch| watch.file(path))
                .or_else(|| assets::find(path, request.headers()))
        })
        .flatten();
    file.unwrap_or_else(pages::not_found)
}

async fn ready(State(state): State<AppState>) -> Response {
    match state.domain.ready().await {
        // The instance can serve: pages can be read, and requests are told why nothing else is possible. All instances
        // are locked at once, so 503 would leave none.
        Ok(()) if matches!(state.domain.is_locked().await, Ok(true)) => {
            "locked: the database was restored from a backup; see latchkey unlock".into_response()
        }
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database is not available",
            )
                .into_response()
        }
    }
}

fn panicked() -> Response<Body> {
    pages::problem_page(
        StatusCode::INTERNAL_SERVER_ERROR,
        text().problem.internal,
        None,
    )
}

/// Adds the headers of every response, and to requests the header that names the host. A page has its own content security policy; other responses
/// are not documents, so nothing may run in them.
async fn standard_headers(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    set_host_header(&mut request);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut standard = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    standard(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    standard(header::CACHE_CONTROL, "no-store");
    standard(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    standard(header::X_FRAME_OPTIONS, "DENY");
    standard(header::REFERRER_POLICY, "same-origin");
    standard(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    standard(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    standard(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if state.cookie.is_secure {
        standard(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
