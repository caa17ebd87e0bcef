//! The context of a server function.

use axum::http::{HeaderValue, header, request::Parts};
use latchkey_domain::{Denied, Error};
use latchkey_model::{caller::Caller, id::ApiKeyId};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{Done, Problem};
use crate::{
    notice::{Notice, NoticeCookie, NoticeKind},
    respond::PlainForm,
    state::AppState,
    text::text,
};

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

/// Returns the result of a change, with its message. The page that follows a plain form shows the notice.
pub fn done(message: impl Into<String>, notice: impl Into<Notice>) -> Done {
    if let Some(form) = use_context::<PlainForm>() {
        leave(&notice.into().with_staying(form.staying()));
    }
    Done {
        message: message.into(),
        ..Done::default()
    }
}

/// Returns the result of revoking a key.
pub fn revoked(key: ApiKeyId, had_expired: bool) -> Done {
    let t = &text().keys;
    let (message, kind) = if had_expired {
        (t.removed_now, NoticeKind::KeyRemoved)
    } else {
        (t.revoked_now, NoticeKind::KeyRevoked)
    };
    done(message, Notice::of_key(kind, key))
}

/// Leaves a notice for the next page.
pub fn leave(notice: &Notice) {
    let state = expect_context::<AppState>();
    let headers = expect_context::<Parts>().headers;
    set_cookie(NoticeCookie(state.cookie).leave(&headers, notice));
}

pub fn set_cookie(cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
}
