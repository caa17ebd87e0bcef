//! The context of a server function.

use axum::http::{HeaderValue, header, request::Parts};
use latchkey_domain::{Denied, Error};
use latchkey_model::caller::Caller;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{Done, Problem};
use crate::state::AppState;

/// Returns the application state and the caller.
pub fn authenticated() -> Result<(AppState, Caller), Problem> {
    let state = expect_context::<AppState>();
    let caller = state
        .caller(&expect_context::<Parts>().headers)
        .ok_or(Error::from(Denied::SignedOut))?;
    Ok((state, caller))
}

/// Redirects the browser: islands by the result, plain forms by the `Location` header.
pub fn redirect(path: &str) -> Done {
    if let Ok(path) = HeaderValue::from_str(path) {
        expect_context::<ResponseOptions>().insert_header(header::LOCATION, path);
    }
    Done {
        to: path.to_owned(),
        ..Done::default()
    }
}

/// Returns the result of a change, with its message.
pub fn done(message: &str) -> Done {
    Done {
        message: message.to_owned(),
        ..Done::default()
    }
}

pub fn set_cookie(cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
}
