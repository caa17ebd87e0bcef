//! Error pages.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use latchkey_domain::{Denied, Error};
use leptos::prelude::*;

use crate::{
    components::{AuthLayout, RequestIdNote},
    form_return::SessionEnded,
    paths,
    server_fns::error_table::ErrorResponse,
    shell,
    text::text,
};

/// An error that prevents a page from being shown.
pub struct PageError(Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if matches!(self.0, Error::Denied(Denied::SignedOut)) {
            let mut response = Redirect::to(paths::SIGN_IN).into_response();
            response.extensions_mut().insert(SessionEnded);
            return response;
        }
        let answer = ErrorResponse::from(&self.0);
        let mut response = problem_page(answer.status, answer.problem.message, None);
        if let Some(seconds) = answer.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The page for a path that does not exist or that the visitor may not see. The two look the same.
pub fn not_found() -> Response {
    problem_page(StatusCode::NOT_FOUND, text().problem.not_found, None)
}

/// Renders an error. `back` is the page with the form that caused it.
pub fn problem_page(
    status: StatusCode,
    message: impl Into<String>,
    back: Option<&str>,
) -> Response {
    let t = &text().problem;
    let title = match status {
        StatusCode::NOT_FOUND => t.not_found_title,
        StatusCode::GONE => t.reset_gone_title,
        StatusCode::SERVICE_UNAVAILABLE => t.unavailable_title,
        _ => t.title,
    };
    let message = message.into();
    let (to, label) = match back {
        Some(back) => (back.to_owned(), t.go_back),
        None if status == StatusCode::SERVICE_UNAVAILABLE => (String::new(), t.try_again),
        None => (paths::SETTINGS_HOME.to_owned(), t.go_home),
    };
    let hint = back.is_some().then_some(t.go_back_hint);
    shell::page(status, title, move || {
        view! {
            <AuthLayout title>
                <p>{message}</p>
                {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
                <p>
                    <a class="button primary wide" href=to>
                        {label}
                    </a>
                </p>
                <RequestIdNote />
            </AuthLayout>
        }
    })
}
