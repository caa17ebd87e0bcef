//! The responses of server functions: JSON for islands, a page or a redirect for plain forms.
//!
//! Leptos would respond to a plain form with a redirect to the unchecked `Referer`.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use http_body_util::BodyExt as _;
use latchkey_domain::Error;
use latchkey_model::{id::ApiKeyId, key_list::KeyListView};
use leptos::prelude::*;

use crate::{
    pages::problem_page,
    paths,
    server_fns::{Problem, ProblemKind, error_table::ErrorResponse},
    state::AppState,
    text::text,
};

/// The plain form that is being answered; provided to server functions.
#[derive(Clone)]
pub struct PlainForm {
    /// The address of the page that the form was on.
    page: String,
}

impl PlainForm {
    /// The keys that stay on the list of that page.
    pub fn staying(&self) -> Vec<ApiKeyId> {
        let query = self.page.split_once('?').map_or("", |(_, query)| query);
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        KeyListView::from_pairs(pairs).staying
    }
}

/// Runs the server function at the request's path.
pub async fn run(State(state): State<AppState>, mut request: Request) -> Response {
    let plain_form = wants_page(request.headers()).then(|| PlainForm {
        page: page_of_form(request.headers()),
    });
    let form = plain_form.clone();
    // Keeps Leptos from redirecting by itself.
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.remove(header::REFERER);
    let response = leptos_axum::handle_server_fns_with_context(
        move || {
            provide_context(state.clone());
            if let Some(form) = form.clone() {
                provide_context(form);
            }
        },
        request,
    )
    .await
    .into_response();
    match plain_form {
        Some(form) => as_page(response, &form.page).await,
        None => as_data(response),
    }
}

/// Rejects a request, as a page or as JSON depending on the sender.
pub fn refuse(headers: &HeaderMap, status: StatusCode, message: &str) -> Response {
    if wants_page(headers) {
        problem_page(status, message, Some(&page_of_form(headers)))
    } else {
        let mut problem = ErrorResponse::new(status, message).problem;
        // The page is up to date; the request is not from it.
        problem.kind = ProblemKind::Refused;
        (status, Json(problem)).into_response()
    }
}

/// Answers with an error instead of what was asked for, as a page that leads back to the form or as JSON.
pub fn refuse_error(headers: &HeaderMap, error: &Error) -> Response {
    let ErrorResponse {
        status,
        problem,
        retry_after,
    } = ErrorResponse::from(error);
    let mut response = if wants_page(headers) {
        problem_page(status, problem.message, Some(&page_of_form(headers)))
    } else {
        (status, Json(problem)).into_response()
    };
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The answer to another method than a path has, such as the reload of a page that came in answer to a form.
pub async fn other_method(method: Method, headers: HeaderMap) -> Response {
    if method == Method::GET && wants_page(&headers) {
        problem_page(
            StatusCode::METHOD_NOT_ALLOWED,
            text().problem.form_required,
            None,
        )
    } else {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }
}

/// Whether a browser will show the response as a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// The page that the form was on.
pub fn page_of_form(headers: &HeaderMap) -> String {
    let path = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<Uri>().ok())
        .and_then(|uri| uri.path_and_query().map(|path| path.as_str().to_owned()));
    match path.as_deref() {
        Some(path) if paths::is_signed_out(path) => path.to_owned(),
        path => paths::return_path(path).to_owned(),
    }
}

/// The response to an island: the function's result, without a redirect that `fetch` would follow.
fn as_data(mut response: Response) -> Response {
    if response.status().is_redirection() {
        *response.status_mut() = StatusCode::OK;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    response
}

/// The response to a plain form: a redirect to the next page, or an error page.
async fn as_page(response: Response, back: &str) -> Response {
    let (parts, body) = response.into_parts();
    let failed = parts.status.is_client_error() || parts.status.is_server_error();
    let mut answer = if failed {
        let problem = body
            .collect()
            .await
            .ok()
            .and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
        let message = problem.as_ref().map_or_else(
            || text().problem.internal.to_owned(),
            |problem| problem.message.clone(),
        );
        let mut page = problem_page(parts.status, message, Some(back));
        // For the layer that gives the form back.
        if let Some(problem) = problem {
            page.extensions_mut().insert(problem);
        }
        page
    } else {
        let to = parts
            .headers
            .get(header::LOCATION)
            .and_then(|to| to.to_str().ok())
            .map_or_else(|| paths::without_open_forms(back), str::to_owned);
        Redirect::to(&to).into_response()
    };
    for name in [header::SET_COOKIE, header::RETRY_AFTER] {
        for value in parts.headers.get_all(&name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}
