//! The sign-in and sign-up pages.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use latchkey_model::project::Project;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{PageError, signed_in_visitor::query};
use crate::{
    components::{AuthLayout, FormError, PostForm, ProjectName, Submit, TextField},
    form_return::FormAround,
    islands::{SignInForm, SignUpForm},
    paths,
    server_fns::accounts::{SignIn, SignUp},
    shell,
    state::AppState,
    text::{in_sentence, text},
};

/// The page to open after signing in.
pub struct ReturnTo {
    to: Option<String>,
    /// What the page says about why the visitor is here.
    notice: Option<&'static str>,
}

impl<S: Sync> FromRequestParts<S> for ReturnTo {
    type Rejection = Infallible;

    /// Never fails. As in a list of keys, the last value of a name counts, and unknown names are
    /// ignored.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = query(&parts.uri);
        Ok(Self {
            notice: query.iter().find_map(|(name, value)| notice(name, value)),
            to: query
                .into_iter()
                .rfind(|(name, _)| name == "to")
                .map(|(_, to)| to),
        })
    }
}

fn notice(name: &str, value: &str) -> Option<&'static str> {
    let t = text();
    match (name, value) {
        ("reset", _) => Some(t.reset.done),
        ("ended", "kept") => Some(t.auth.ended_kept),
        ("ended", _) => Some(t.auth.ended),
        _ => None,
    }
}

/// # Errors
/// When the database cannot answer.
pub async fn sign_in(
    State(state): State<AppState>,
    return_to: ReturnTo,
    headers: axum::http::HeaderMap,
) -> Result<Response, PageError> {
    let t = text();
    if let Some(response) = redirect_if_signed_in(&state, &headers, &return_to).await? {
        return Ok(response);
    }
    let Some(project) = state.sign_in_project().await? else {
        return Ok(no_project());
    };
    let title = (t.auth.sign_in_to)(&in_sentence(&project.display_name));
    let notice = return_to
        .notice
        .map(|notice| view! { <p class="callout" role="status">{notice}</p> });
    let other = project
        .settings
        .sign_up_enabled
        .then(|| with_to(paths::SIGN_UP, &return_to));
    Ok(shell::page(StatusCode::OK, t.auth.sign_in, move || {
        let is_returned = FormAround::find(SignIn::PATH, None).is_returned();
        provide_context(ProjectName(project.display_name.clone()));
        let body = if project.settings.credential_enabled {
            view! {
                <SignInForm>
                <PostForm class="stack" action=SignIn::PATH>
                    <FormError />
                    <ReturnField return_to />
                    <TextField id="email" name="email" label=t.auth.email kind="email" autocomplete="username" autofocus=true />
                    <TextField
                        id="password"
                        name="password"
                        label=t.auth.password
                        kind="password"
                        autocomplete="current-password"
                        autofocus=is_returned
                    />
                    <Submit label=t.auth.sign_in look="primary wide" />
                </PostForm>
                </SignInForm>
                {other
                    .map(|to| {
                        view! {
                            <p class="aside">
                                {t.auth.no_account} " " <a href=to>{t.auth.sign_up}</a>
                            </p>
                        }
                    })}
            }
            .into_any()
        } else {
            view! { <p>{t.auth.no_passwords}</p> }.into_any()
        };
        view! { <AuthLayout title>{notice} {body}</AuthLayout> }
    }))
}

/// # Errors
/// When the database cannot answer.
pub async fn sign_up(
    State(state): State<AppState>,
    return_to: ReturnTo,
    headers: axum::http::HeaderMap,
) -> Result<Response, PageError> {
    let t = text();
    if let Some(response) = redirect_if_signed_in(&state, &headers, &return_to).await? {
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
    let title = (t.auth.sign_up_to)(&in_sentence(&display_name));
    let sign_in = with_to(paths::SIGN_IN, &return_to);
    Ok(shell::page(StatusCode::OK, t.auth.sign_up, move || {
        provide_context(ProjectName(display_name.clone()));
        let body = if settings.sign_up_enabled && settings.credential_enabled {
            view! {
                <SignUpForm>
                <PostForm class="stack" action=SignUp::PATH>
                    <FormError />
                    <ReturnField return_to />
                    <TextField id="email" name="email" label=t.auth.email kind="email" autocomplete="username" autofocus=true />
                    <TextField
                        id="password"
                        name="password"
                        label=t.auth.password
                        kind="password"
                        hint=t.auth.password_hint
                        autocomplete="new-password"
                    />
                    <Submit label=t.auth.sign_up look="primary wide" />
                </PostForm>
                </SignUpForm>
            }
            .into_any()
        } else {
            view! { <p>{t.auth.sign_up_off}</p> }.into_any()
        };
        view! {
            <AuthLayout title>
                {body}
                <p class="aside">
                    {t.auth.have_account} " " <a href=sign_in>{t.auth.sign_in}</a>
                </p>
            </AuthLayout>
        }
    }))
}

#[component]
fn ReturnField(return_to: ReturnTo) -> impl IntoView {
    return_to
        .to
        .filter(|to| paths::return_path(Some(to)) == to)
        .map(|to| view! { <input type="hidden" name="to" value=to /> })
}

fn with_to(path: &str, return_to: &ReturnTo) -> String {
    let to = paths::return_path(return_to.to.as_deref());
    if to == paths::SETTINGS_HOME {
        path.to_owned()
    } else {
        paths::sign_in_then(to).replacen(paths::SIGN_IN, path, 1)
    }
}

async fn redirect_if_signed_in(
    state: &AppState,
    headers: &axum::http::HeaderMap,
    return_to: &ReturnTo,
) -> Result<Option<Response>, PageError> {
    let Some(caller) = state.caller(headers) else {
        return Ok(None);
    };
    let signed_in = state.domain.viewer(&caller).await?.is_some();
    Ok(
        signed_in
            .then(|| Redirect::to(paths::return_path(return_to.to.as_deref())).into_response()),
    )
}

fn no_project() -> Response {
    let t = &text().auth;
    shell::page(StatusCode::OK, t.no_project, || {
        view! {
            <AuthLayout title=t.no_project>
                <p>{t.no_project_hint}</p>
            </AuthLayout>
        }
    })
}
