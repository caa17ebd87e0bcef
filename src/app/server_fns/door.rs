//! The one way to the server functions.
//!
//! Leptos runs whatever arrives: from any origin, of any type, of any size, and answers a form
//! posted without a script with a redirect to the unchecked `Referer`. So the door checks before
//! it lets a request in, and writes the answer to a plain form itself.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use leptos::prelude::*;

use super::Problem;
use crate::{pages::problem_page, paths, state::AppState, text::text};

/// Where the server functions are.
pub const PREFIX: &str = "/fn";

/// Bytes of a form.
pub const MAX_FORM: usize = 64 * 1024;

/// Runs a server function, if the request may.
pub async fn door(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let plain_form = wants_page(&parts.headers);
    let back = back_to(&parts.headers);
    match admitted(&state, parts, body).await {
        Ok(request) => {
            let state = state.clone();
            let response = leptos_axum::handle_server_fns_with_context(
                move || provide_context(state.clone()),
                request,
            )
            .await
            .into_response();
            if plain_form {
                for_page(response, &back).await
            } else {
                for_script(response)
            }
        }
        Err((status, message)) if plain_form => problem_page(status, message, Some(&back)),
        Err((status, message)) => refusal(status, message),
    }
}

/// Reads a form that one of our own pages posted.
///
/// # Errors
/// The status and the text to answer with.
pub async fn own_form(
    state: &AppState,
    headers: &HeaderMap,
    body: Body,
) -> Result<axum::body::Bytes, (StatusCode, &'static str)> {
    let t = &text().problem;
    if !state.origins.sent(headers) {
        tracing::warn!("a form from elsewhere was refused");
        return Err((StatusCode::FORBIDDEN, t.foreign));
    }
    if !is_form(headers) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, t.not_a_form));
    }
    match Limited::new(body, MAX_FORM).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, t.too_large))
        }
        Err(_) => Err((StatusCode::BAD_REQUEST, t.malformed)),
    }
}

async fn admitted(
    state: &AppState,
    mut parts: Parts,
    body: Body,
) -> Result<Request, (StatusCode, &'static str)> {
    let t = &text().problem;
    let known = server_fn::axum::server_fn_paths()
        .any(|(path, method)| path == parts.uri.path() && method == Method::POST);
    if !known {
        return Err((StatusCode::NOT_FOUND, t.not_found));
    }
    if parts.method != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, t.not_understood));
    }
    let form = own_form(state, &parts.headers, body).await?;
    // What is left must not make Leptos redirect by itself.
    parts
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::REFERER);
    Ok(Request::from_parts(parts, Body::from(form)))
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

/// Whether a browser is about to show the answer as a page.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// The page of ours that the form was on.
fn back_to(headers: &HeaderMap) -> String {
    let path = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<axum::http::Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(|path| path.as_str().to_owned()));
    let door = |path: &&str| {
        let page = path.split('?').next().unwrap_or_default();
        page == paths::SIGN_UP || page == paths::SIGN_IN
    };
    match path.as_deref() {
        Some(path) if door(&path) => path.to_owned(),
        path => paths::come_back(path).to_owned(),
    }
}

/// The answer to a script: what the function said, and where to go as a header beside a status
/// that `fetch` does not follow.
fn for_script(mut response: Response) -> Response {
    if response.status().is_redirection() {
        *response.status_mut() = StatusCode::OK;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
    }
    response
}

/// The answer to a plain form: on to the next page, or a page that says what is wrong.
async fn for_page(response: Response, back: &str) -> Response {
    let (parts, body) = response.into_parts();
    let failed = parts.status.is_client_error() || parts.status.is_server_error();
    let mut answer = if failed {
        let problem = body
            .collect()
            .await
            .ok()
            .and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
        let message = problem.map_or_else(
            || text().problem.internal.to_owned(),
            |problem| problem.message,
        );
        problem_page(parts.status, message, Some(back))
    } else {
        let to = parts
            .headers
            .get(header::LOCATION)
            .and_then(|to| to.to_str().ok())
            .unwrap_or(back);
        Redirect::to(to).into_response()
    };
    for name in [header::SET_COOKIE, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let problem = Problem {
        field: None,
        message: message.to_owned(),
    };
    (status, Json(problem)).into_response()
}
