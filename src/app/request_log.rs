//! One line in the log for each request, and the request's id on every line that is logged for it.

use std::{net::IpAddr, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use latchkey_api::RequestId;
use latchkey_domain::source::Source;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{state::AppState, telemetry::redact};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest path that is logged whole, and how much of a longer one is looked at, in bytes.
const MAX_PATH: usize = 512;
const LOOKED_AT: usize = 2048;
/// The longest id of a client's own that is logged, in bytes.
const MAX_CLIENT_ID: usize = 128;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of the request that is being answered by this task.
pub fn current_id() -> Option<RequestId> {
    CURRENT.try_with(RequestId::clone).ok()
}

/// Logs a request without its query, which contains what people search for.
pub async fn log(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = RequestId::random();
    let (parts, body) = request.into_parts();
    let address = match state.log_addresses.then(|| state.source(&parts)) {
        Some(Source::Address(address)) => Some(address),
        _ => None,
    };
    let span = span(&id, &parts.headers, address);
    let path = parts.uri.path();
    // Clients compare the headers of the API, which has a name of its own for the id.
    let is_api = path == "/api" || path.starts_with("/api/");
    let line = Line::new(span.clone(), parts.method.clone(), path);
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(id.clone());
    let response = CURRENT.scope(id.clone(), next.run(request));
    let mut response = response.instrument(span).await;
    line.write(Some(response.status()));
    if !is_api {
        response.headers_mut().insert(REQUEST_ID, id.header());
    }
    response
}

/// Of the level `error`, so that no filter removes the id from a line that it lets pass.
fn span(id: &RequestId, headers: &HeaderMap, address: Option<IpAddr>) -> Span {
    let span = tracing::error_span!(
        "request",
        id = id.as_str(),
        client_id = Empty,
        address = Empty
    );
    if let Some(id) = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok())
        && id.len() <= MAX_CLIENT_ID
        && id.bytes().all(|byte| byte.is_ascii_graphic())
    {
        span.record("client_id", id);
    }
    if let Some(address) = address {
        span.record("address", tracing::field::display(address));
    }
    span
}

/// The line of a request that is in progress.
struct Line {
    span: Span,
    method: Method,
    path: String,
    began: Instant,
    is_written: bool,
}

impl Line {
    #[expect(clippy::disallowed_methods, reason = "measures a duration for the log")]
    fn new(span: Span, method: Method, path: &str) -> Self {
        Self {
            span,
            method,
            path: shorten(path),
            began: Instant::now(),
            is_written: false,
        }
    }

    fn write(mut self, status: Option<StatusCode>) {
        self.log(status);
        self.is_written = true;
    }

    fn log(&self, status: Option<StatusCode>) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (method, path) = (&self.method, &self.path);
        self.span.in_scope(|| {
            if let Some(status) = status {
                tracing::info!(%method, path, status = status.as_u16(), micros, "request");
            } else {
                tracing::info!(%method, path, micros, "request abandoned by the client");
            }
        });
    }
}

/// Shortens a path so that no part of a secret is left that cannot be recognised as one.
fn shorten(path: &str) -> String {
    let start = &path[..path.floor_char_boundary(LOOKED_AT)];
    let is_cut = start.len() < path.len();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = if is_cut {
        start.trim_end_matches(is_word)
    } else {
        start
    };
    let mut safe = redact(start).into_owned();
    if is_cut || safe.len() > MAX_PATH {
        safe.truncate(safe.floor_char_boundary(MAX_PATH));
        safe.push('\u{2026}');
    }
    safe
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.is_written {
            self.log(None);
        }
    }
}
