//! Protects people from their own old tabs: what a page sends does nothing if somebody else has
//! signed in since it was rendered.
//!
//! Every page says whom it was made for. Plain forms repeat that in a field ([`PostForm`]), islands in
//! a header with every request, and here both are compared with the user of the session. A session
//! never changes its user, so nothing can come between the comparison and the change. Where nobody is
//! signed in any longer, the change itself is denied.
//!
//! [`PostForm`]: crate::components::PostForm

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt as _;
use latchkey_domain::{Denied, Error};
use latchkey_model::{
    caller::{Caller, UserRef},
    id::UserId,
};
use server_fn::ServerFn as _;

use crate::{
    browser::fetch::{VIEWER, VIEWER_HEADER},
    pages::other_viewer_page,
    respond::{refuse, refuse_error, wants_page},
    server_fns::accounts::{SignIn, SignUp},
    state::AppState,
    text::{in_sentence, text},
};

/// Passes on a form unless its page was made for another user than the one who is signed in. Signing
/// in and up are for nobody in particular.
pub async fn viewer_guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_open = [SignIn::PATH, SignUp::PATH].contains(&request.uri().path());
    let caller = state.caller(request.headers());
    let Some(caller) = caller.filter(|_| request.method() == Method::POST && !is_open) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    // The CSRF guard has read it already.
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let Ok(body) = body else {
        let message = text().problem.malformed;
        return refuse(&parts.headers, StatusCode::BAD_REQUEST, message);
    };
    let made_for = in_header(&parts.headers)
        .map(str::to_owned)
        .or_else(|| in_form(&body));
    if let Some(made_for) = made_for {
        match other_viewer(&state, &caller, &made_for).await {
            Ok(None) => {}
            Ok(Some(who)) => return refuse_other(&parts.headers, &who),
            Err(error) => return refuse_error(&parts.headers, &error),
        }
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Returns whom an island's request was made for.
pub fn in_header(headers: &HeaderMap) -> Option<&str> {
    headers.get(VIEWER_HEADER)?.to_str().ok()
}

fn in_form(body: &Bytes) -> Option<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
    fields
        .into_iter()
        .find(|(name, _)| name == VIEWER)
        .map(|(_, value)| value)
}

/// Returns the name of the user who is signed in, unless the page was made for that user.
async fn other_viewer(
    state: &AppState,
    caller: &Caller,
    made_for: &str,
) -> Result<Option<String>, Error> {
    let user = match state.domain.user(caller, UserRef::Me).await {
        Ok(user) => user,
        Err(Error::Denied(Denied::SignedOut) | Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_same = state.domain.is_viewer(caller.project(), user.id, made_for);
    Ok((!is_same).then(|| name(user.primary_email, user.display_name, user.id)))
}

/// The name by which people recognise their account.
pub fn name(email: Option<String>, display_name: Option<String>, id: UserId) -> String {
    email.or(display_name).unwrap_or_else(|| id.to_string())
}

fn refuse_other(headers: &HeaderMap, who: &str) -> Response {
    if wants_page(headers) {
        other_viewer_page(who)
    } else {
        let t = &text().problem;
        let message = format!("{} {}", (t.other_viewer)(&in_sentence(who)), t.reload);
        refuse(headers, StatusCode::CONFLICT, &message)
    }
}
