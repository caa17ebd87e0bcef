//! What pages ask the server to do. Each function translates a form into one call of the domain
//! and decides nothing itself. [`door`] guards them all; [`problem`] says what went wrong.

pub mod accounts;
pub mod api_keys;
pub mod door;
pub mod problem;
pub mod project;
pub mod teams;

use axum::http::{HeaderValue, header, request::Parts};
use latchkey_domain::{Denied, Error};
use latchkey_model::caller::Caller;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::state::AppState;
pub use problem::Problem;

/// Who asks, and whom.
fn asked() -> Result<(AppState, Caller), Problem> {
    let state = expect_context::<AppState>();
    let parts = expect_context::<Parts>();
    let caller = state
        .caller(&parts.headers)
        .ok_or(Error::from(Denied::SignedOut))?;
    Ok((state, caller))
}

/// Where the page goes from here.
fn then(path: &str) {
    if let Ok(path) = HeaderValue::from_str(path) {
        expect_context::<ResponseOptions>().insert_header(header::LOCATION, path);
    }
}

/// Sets the session cookie.
fn set_cookie(cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        expect_context::<ResponseOptions>().insert_header(header::SET_COOKIE, cookie);
    }
}
