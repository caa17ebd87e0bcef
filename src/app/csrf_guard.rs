//! Protects against cross-site request forgery: changes must come from the server's own pages.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::{origin::Foreign, respond::refuse, state::AppState, text::text};

/// The maximum size of a form, in bytes.
pub const MAX_FORM: usize = 64 * 1024;

/// Passes on an unsafe request if one of the server's pages sent it, as a form of at most
/// [`MAX_FORM`] bytes. Rejects any other.
pub async fn csrf_guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let t = &text().problem;
    let (parts, body) = request.into_parts();
    if let Err(foreign) = state.origins.check(&parts.headers) {
        let message = explain(&foreign);
        return refuse(&parts.headers, StatusCode::FORBIDDEN, &message);
    }
    // The router rejects other methods.
    if parts.method == Method::POST && !is_form(&parts.headers) {
        return refuse(
            &parts.headers,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            t.form_required,
        );
    }
    match Limited::new(body, MAX_FORM).collect().await {
        Ok(body) => {
            let body = Body::from(body.to_bytes());
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) if error.is::<LengthLimitError>() => {
            refuse(&parts.headers, StatusCode::PAYLOAD_TOO_LARGE, t.too_large)
        }
        Err(_) => refuse(&parts.headers, StatusCode::BAD_REQUEST, t.malformed),
    }
}

/// Logs a refused request, and says what people or the operator can do.
fn explain(foreign: &Foreign) -> Cow<'static, str> {
    let t = &text().problem;
    let Foreign { from, served, .. } = foreign;
    tracing::warn!(
        from = from.as_deref().unwrap_or("an unknown origin"),
        %served,
        "a form was refused because it came from another origin; if the pages are opened there, \
         set LATCHKEY_PUBLIC_URL to that address, or add it there after a comma"
    );
    match from {
        _ if foreign.is_certain => t.cross_origin.into(),
        Some(from) => (t.other_origin)(from, served).into(),
        None => (t.unknown_origin)(served).into(),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| {
            value
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}
