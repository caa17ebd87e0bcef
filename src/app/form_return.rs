//! Gives a plain form back with what was typed into it: after an error with the error beside its field, and after a session
//! that had ended once the visitor has signed in again.
//!
//! After an error, the page that the form was on is rendered again in answer to the form. Where the session has ended, the
//! form's values wait in a cookie until the form's page is shown to the same user. Passwords are never kept.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use cookie::{Cookie, SameSite, time::Duration};
use http_body_util::BodyExt as _;
use leptos::prelude::*;
use tower::ServiceExt as _;

use crate::{
    browser::fetch::VIEWER,
    components::ViewerDigest,
    paths,
    respond::{page_of_form, wants_page},
    server_fns::{Problem, ProblemKind},
    session_cookie::{SessionCookie, cookies},
    state::AppState,
    viewer_guard::in_header,
};

/// How long the values of a form wait for their sender to sign in.
const MINUTES: i64 = 10;
/// The longest value of a cookie that every browser keeps, less its name and attributes.
const LONGEST: usize = 3800;
/// The names in the cookie that are not fields.
const ACTION: &str = ":action";

/// Marks a redirect to sign in.
#[derive(Clone, Copy)]
pub struct SessionEnded;

tokio::task_local! {
    static RETURNED: ReturnedForm;
}

/// A form that goes back to its sender.
#[derive(Clone)]
pub struct ReturnedForm {
    /// The address that it was posted to.
    action: String,
    /// Whom its page was made for.
    viewer: Option<String>,
    values: Vec<(String, String)>,
    problem: Option<Problem>,
    /// Whether the page has the form.
    is_shown: Arc<AtomicBool>,
}

impl ReturnedForm {
    /// Provides the form to the page that is being rendered, if one is returned.
    pub fn provide() {
        if let Ok(form) = RETURNED.try_with(Clone::clone) {
            provide_context(form);
        }
    }

    fn new(action: &str, mut values: Vec<(String, String)>) -> Self {
        let mut viewer = None;
        values.retain(|(name, value)| {
            if name == VIEWER {
                viewer = Some(value.clone());
            }
            name != VIEWER && !name.contains("password")
        });
        Self {
            action: action.to_owned(),
            viewer,
            values,
            problem: None,
            is_shown: Arc::default(),
        }
    }

    /// The form in a body; `None` if it is not one.
    fn of_body(action: &str, body: &Bytes) -> Option<Self> {
        let values = serde_urlencoded::from_bytes(body).ok()?;
        Some(Self::new(action, values))
    }

    fn of_cookie(value: &str) -> Option<Self> {
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(value).ok()?;
        let first = (!pairs.is_empty()).then(|| pairs.remove(0));
        let (_, action) = first.filter(|(name, _)| name == ACTION)?;
        Some(Self::new(&action, pairs))
    }

    fn to_cookie(&self) -> Option<String> {
        let viewer = self.viewer.as_deref().map(|viewer| (VIEWER, viewer));
        let values = self
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> = [(ACTION, self.action.as_str())]
            .into_iter()
            .chain(viewer)
            .chain(values)
            .collect();
        let value = serde_urlencoded::to_string(pairs).ok()?;
        (value.len() <= LONGEST).then_some(value)
    }

    /// The value of a field.
    fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(other, _)| other == name)?;
        Some(value)
    }

    /// What is wrong with a field, or with an empty name what is wrong with the form.
    fn error(&self, name: &str) -> Option<String> {
        let problem = self.problem.as_ref()?;
        problem.is_about(name).then(|| problem.message.clone())
    }
}

/// The form around, if it is the one that is returned; provided to the fields in it.
#[derive(Clone)]
pub struct FormAround(Option<ReturnedForm>);

impl FormAround {
    /// Returns the form that is posted to this address, with this value in its field `id`.
    pub fn find(action: &str, id: Option<&str>) -> Self {
        let viewer = use_context::<ViewerDigest>().map(|ViewerDigest(viewer)| viewer);
        let returned = use_context::<ReturnedForm>().filter(|form| {
            form.action == action
                && form.viewer == viewer
                && id.is_none_or(|id| form.value("id") == Some(id))
        });
        if let Some(form) = &returned {
            form.is_shown.store(true, Ordering::Relaxed);
        }
        Self(returned)
    }

    /// The value that was typed into a field.
    pub fn value(&self, name: &str) -> Option<String> {
        self.0.as_ref()?.value(name).map(str::to_owned)
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<String> {
        self.0.as_ref()?.error(name)
    }

    /// Returns the form around.
    pub fn current() -> Self {
        use_context().unwrap_or(Self(None))
    }

    pub const fn is_returned(&self) -> bool {
        self.0.is_some()
    }
}

/// The cookie in which a form waits. Its name follows that of the session cookie.
#[derive(Clone, Copy)]
struct DraftCookie(SessionCookie);

impl DraftCookie {
    fn name(self, headers: &HeaderMap) -> String {
        self.0.name(headers).replacen("session", "draft", 1)
    }

    fn form(self, headers: &HeaderMap) -> Option<ReturnedForm> {
        let name = self.name(headers);
        cookies(headers, &name).find_map(|cookie| ReturnedForm::of_cookie(cookie.value()))
    }

    fn keep(self, headers: &HeaderMap, value: String) -> Option<HeaderValue> {
        self.header(headers, value, Duration::minutes(MINUTES))
    }

    fn clear(self, headers: &HeaderMap) -> Option<HeaderValue> {
        self.header(headers, String::new(), Duration::ZERO)
    }

    fn header(self, headers: &HeaderMap, value: String, max_age: Duration) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(headers), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.0.is_secure)
            .max_age(max_age);
        HeaderValue::try_from(cookie.to_string()).ok()
    }
}

/// Returns plain forms, and shows those that waited. `pages` has the pages that forms are on.
pub async fn return_form(
    State((state, pages)): State<(AppState, Router)>,
    request: Request,
    next: Next,
) -> Response {
    let is_page = wants_page(request.headers()) && in_header(request.headers()).is_none();
    if is_page && request.method() == Method::GET {
        show_waiting(&state, request, next).await
    } else if is_page && request.method() == Method::POST {
        let (parts, body) = request.into_parts();
        // The CSRF guard has read it already.
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let form = ReturnedForm::of_body(parts.uri.path(), &body);
        let sent = Request::from_parts(parts.clone(), Body::from(body));
        let response = next.run(sent).await;
        match form {
            Some(form) => answer(&state, pages, &parts, form, response).await,
            None => response,
        }
    } else {
        next.run(request).await
    }
}

async fn show_waiting(state: &AppState, request: Request, next: Next) -> Response {
    let cookie = DraftCookie(state.cookie);
    let headers = request.headers().clone();
    let Some(form) = cookie.form(&headers) else {
        return next.run(request).await;
    };
    let is_shown = Arc::clone(&form.is_shown);
    let mut response = RETURNED.scope(form, next.run(request)).await;
    let clear = cookie.clear(&headers);
    if let Some(clear) = clear.filter(|_| is_shown.load(Ordering::Relaxed)) {
        response.headers_mut().append(header::SET_COOKIE, clear);
    }
    response
}

/// Replaces the answer to a plain form by the page with the form, if it can be corrected or sent again.
async fn answer(
    state: &AppState,
    pages: Router,
    parts: &Parts,
    form: ReturnedForm,
    response: Response,
) -> Response {
    let problem = response.extensions().get::<Problem>().cloned();
    let kind = problem.as_ref().map(|problem| problem.kind);
    let has_ended = response.extensions().get::<SessionEnded>().is_some();
    if has_ended || kind == Some(ProblemKind::SignedOut) {
        return sign_in_again(state, parts, &form);
    }
    if !matches!(kind, Some(ProblemKind::Refused | ProblemKind::Unavailable)) {
        return response;
    }
    let Some(mut page) = again(pages, parts, ReturnedForm { problem, ..form }).await else {
        return response;
    };
    *page.status_mut() = response.status();
    for name in [header::SET_COOKIE, header::RETRY_AFTER] {
        for value in response.headers().get_all(&name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

/// Leads to sign in, and from there back to the page with the form.
fn sign_in_again(state: &AppState, parts: &Parts, form: &ReturnedForm) -> Response {
    let path = parts.uri.path();
    // A form that is posted to a page is on that page.
    let to = if paths::return_path(Some(path)) == path {
        path.to_owned()
    } else {
        page_of_form(&parts.headers)
    };
    let kept = form
        .to_cookie()
        .and_then(|value| DraftCookie(state.cookie).keep(&parts.headers, value));
    let mut response = Redirect::to(&paths::sign_in_again(&to, kept.is_some())).into_response();
    if let Some(kept) = kept {
        response.headers_mut().append(header::SET_COOKIE, kept);
    }
    response
}

/// Renders the page that the form was on, with the form as it was sent. `None` if the page cannot be shown or does not have
/// the form.
async fn again(pages: Router, parts: &Parts, form: ReturnedForm) -> Option<Response> {
    let mut request = Request::get(page_of_form(&parts.headers))
        .body(Body::empty())
        .ok()?;
    for name in [
        header::COOKIE,
        header::HOST,
        header::ACCEPT,
        header::USER_AGENT,
    ] {
        for value in parts.headers.get_all(&name) {
            request.headers_mut().append(name.clone(), value.clone());
        }
    }
    *request.extensions_mut() = parts.extensions.clone();
    let is_shown = Arc::clone(&form.is_shown);
    let page = RETURNED.scope(form, pages.oneshot(request)).await;
    let page = page.unwrap_or_else(|never| match never {});
    (page.status() == StatusCode::OK && is_shown.load(Ordering::Relaxed)).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> ReturnedForm {
        ReturnedForm::of_body("/fn/x", &Bytes::from(body.to_owned())).expect("a form")
    }

    #[test]
    fn what_was_typed_survives_the_cookie_and_passwords_are_not_in_it() {
        let sent = form(
            "viewer=abc&description=%F0%9F%94%91+%3Ckey%3E%3B%22&current_password=a&password=b&id=7",
        );
        let value = sent.to_cookie().expect("short enough");
        assert!(
            value
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"\";,\\".contains(&b)),
            "{value}"
        );
        assert!(!value.contains("password"), "{value}");
        let back = ReturnedForm::of_cookie(&value).expect("a form");
        assert_eq!(back.action, "/fn/x");
        assert_eq!(back.viewer.as_deref(), Some("abc"));
        assert_eq!(back.value("description"), Some("🔑 <key>;\""));
        assert_eq!(back.value("id"), Some("7"));
        assert_eq!(back.value("password"), None);
    }

    #[test]
    fn what_is_too_long_for_a_cookie_is_not_kept() {
        let longest = "\u{10348}".repeat(255);
        let encoded = serde_urlencoded::to_string([("description", longest)]).expect("text");
        assert!(
            form(&encoded).to_cookie().is_some(),
            "the longest description"
        );
        assert!(
            form(&format!("description={}", "x".repeat(LONGEST)))
                .to_cookie()
                .is_none()
        );
    }

    #[test]
    fn nonsense_is_no_form() {
        for value in [
            "",
            "x",
            "action=/fn/x",
            "%ff",
            ":action",
            "description=x&:action=y",
        ] {
            let form = ReturnedForm::of_cookie(value);
            assert!(form.is_none_or(|form| form.action.is_empty()), "{value}");
        }
    }
}
