//! The layer around all routes: a fixed set of headers, and errors in one format.

use std::any::Any;

use axum::{
    body::Body,
    extract::{OriginalUri, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    authenticate::header_text,
    cors,
    error::{ApiError, Unworded},
    error_table,
    subject::RequestContext,
};
use latchkey_domain::random;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-stack-request-id");
const ACTUAL_STATUS: HeaderName = HeaderName::from_static("x-stack-actual-status");

/// Wraps every response.
pub async fn wrap(mut request: Request, next: Next) -> Response {
    let context = RequestContext::default();
    request.extensions_mut().insert(context.clone());
    let overrides = header_text(request.headers(), "override-error-status").is_some();
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    if let Some(Unworded(error)) = response.extensions_mut().remove() {
        response = error_table::word(&error, &context).into_response();
    }
    if overrides && response.status() == StatusCode::TOO_MANY_REQUESTS && !is_soon(&response) {
        // The SDK sends this header, and would wait for the whole time.
        *response.status_mut() = StatusCode::FORBIDDEN;
        response.headers_mut().remove(header::RETRY_AFTER);
    }
    if overrides && response.status().is_client_error() {
        let actual = HeaderValue::from(response.status().as_u16());
        response.headers_mut().insert(ACTUAL_STATUS, actual);
        *response.status_mut() = StatusCode::OK;
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(random::secret_text()) {
        headers.insert(REQUEST_ID, id);
    }
    standard(headers);
    response
}

/// Whether a client may retry within a few seconds, for which its user can wait.
fn is_soon(response: &Response) -> bool {
    response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|seconds| seconds.to_str().ok()?.parse::<i64>().ok())
        .is_some_and(|seconds| seconds <= 2)
}

fn standard(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CACHE_CONTROL, "no-store, max-age=0");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    cors::allow(headers);
}

/// The response to an unknown route.
pub async fn no_such_page(uri: Uri) -> Response {
    let message = format!(
        "404 \u{2014} this page does not exist in Stack Auth's API.\n\nThere is no route {}. \
         The routes are described at /api/v1/openapi.json.",
        uri.path()
    );
    ApiError::plain(StatusCode::NOT_FOUND, message).into_response()
}

/// The response to a method that a route does not have.
pub async fn no_such_method(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let message = format!("{method} is not a method of {}.", uri.path());
    ApiError::plain(StatusCode::METHOD_NOT_ALLOWED, message).into_response()
}

/// The response after a panic, whose message only goes to the log.
pub fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(message, "a handler panicked");
    ApiError::internal().into_response()
}
