//! Signing in and up.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use latchkey_model::project::Project;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{PageError, visit::query};
use crate::{
    components::{Door, FormProblem, TextField},
    paths,
    server_fns::accounts::{SignIn, SignUp},
    shell,
    state::AppState,
    text::text,
};

/// Where to go afterwards.
pub struct Then {
    to: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Then {
    type Rejection = Infallible;

    /// Never refuses: as in a list of keys, the last value of a name counts, and a name that says
    /// nothing here is ignored.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let to = query(&parts.uri)
            .into_iter()
            .rfind(|(name, _)| name == "to")
            .map(|(_, to)| to);
        Ok(Self { to })
    }
}

/// The sign-in page.
///
/// # Errors
/// When the database cannot answer.
pub async fn sign_in(
    State(state): State<AppState>,
    then: Then,
    headers: axum::http::HeaderMap,
) -> Result<Response, PageError> {
    let t = text();
    if let Some(response) = already_in(&state, &headers, &then).await? {
        return Ok(response);
    }
    let Some(project) = state.sign_in_project().await? else {
        return Ok(no_project());
    };
    let title = (t.door.sign_in_to)(&project.display_name);
    let other = project
        .settings
        .sign_up_enabled
        .then(|| with_to(paths::SIGN_UP, &then));
    Ok(shell::page(StatusCode::OK, t.door.sign_in, move || {
        let body = if project.settings.credential_enabled {
            view! {
                <form class="stack" method="post" action=SignIn::PATH data-live="post">
                    <FormProblem />
                    <To then=then />
                    <TextField id="email" name="email" label=t.door.email kind="email" autocomplete="username" />
                    <TextField
                        id="password"
                        name="password"
                        label=t.door.password
                        kind="password"
                        autocomplete="current-password"
                    />
                    <button class="button primary wide" type="submit" data-busy=t.frame.working>
                        {t.door.sign_in}
                    </button>
                </form>
                {other
                    .map(|to| {
                        view! {
                            <p class="aside">
                                {t.door.no_account} " " <a href=to>{t.door.sign_up}</a>
                            </p>
                        }
                    })}
            }
            .into_any()
        } else {
            view! { <p>{t.door.no_passwords}</p> }.into_any()
        };
        view! { <Door title>{body}</Door> }
    }))
}

/// The sign-up page.
///
/// # Errors
/// When the database cannot answer.
pub async fn sign_up(
    State(state): State<AppState>,
    then: Then,
    headers: axum::http::HeaderMap,
) -> Result<Response, PageError> {
    let t = text();
    if let Some(response) = already_in(&state, &headers, &then).await? {
        return Ok(response);
    }
    let Some(project) = state.sign_in_project().await? else {
        return Ok(no_project());
    };
    let Project {
        display_name,
        settings,
        ..
    } = project;
    let title = (t.door.sign_up_to)(&display_name);
    let sign_in = with_to(paths::SIGN_IN, &then);
    Ok(shell::page(StatusCode::OK, t.door.sign_up, move || {
        let body = if settings.sign_up_enabled && settings.credential_enabled {
            view! {
                <form class="stack" method="post" action=SignUp::PATH data-live="post">
                    <FormProblem />
                    <To then=then />
                    <TextField id="email" name="email" label=t.door.email kind="email" autocomplete="username" />
                    <TextField
                        id="password"
                        name="password"
                        label=t.door.password
                        kind="password"
                        hint=t.door.password_hint
                        autocomplete="new-password"
                    />
                    <button class="button primary wide" type="submit" data-busy=t.frame.working>
                        {t.door.sign_up}
                    </button>
                </form>
            }
            .into_any()
        } else {
            view! { <p>{t.door.sign_up_off}</p> }.into_any()
        };
        view! {
            <Door title>
                {body}
                <p class="aside">
                    {t.door.have_account} " " <a href=sign_in>{t.door.sign_in}</a>
                </p>
            </Door>
        }
    }))
}

#[component]
fn To(then: Then) -> impl IntoView {
    then.to
        .filter(|to| paths::come_back(Some(to)) == to)
        .map(|to| view! { <input type="hidden" name="to" value=to /> })
}

fn with_to(path: &str, then: &Then) -> String {
    let to = paths::come_back(then.to.as_deref());
    if to == paths::SETTINGS_HOME {
        path.to_owned()
    } else {
        paths::sign_in_then(to).replacen(paths::SIGN_IN, path, 1)
    }
}

async fn already_in(
    state: &AppState,
    headers: &axum::http::HeaderMap,
    then: &Then,
) -> Result<Option<Response>, PageError> {
    let Some(caller) = state.caller(headers) else {
        return Ok(None);
    };
    let signed_in = state.domain.viewer(&caller).await?.is_some();
    Ok(signed_in.then(|| Redirect::to(paths::come_back(then.to.as_deref())).into_response()))
}

fn no_project() -> Response {
    let t = &text().door;
    shell::page(StatusCode::OK, t.no_project, || {
        view! {
            <Door title=t.no_project>
                <p>{t.no_project_hint}</p>
            </Door>
        }
    })
}
