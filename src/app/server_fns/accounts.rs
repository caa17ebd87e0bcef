//! Sign-up, sign-in, sign-out, and changing the display name.

use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done, redirect, set_cookie},
    crate::{device_cookie::DeviceCookie, notice::NoticeKind, paths, state::AppState, text::text},
    axum::http::{HeaderMap, header, request::Parts},
    latchkey_domain::{
        Error, Subject,
        accounts::{Credentials, SignedIn},
    },
    latchkey_model::{id::ProjectId, session_lifetime::SessionLifetime},
};

/// Builds the credentials for the project that users sign in to.
#[cfg(feature = "ssr")]
async fn credentials(
    email: String,
    password: String,
) -> Result<(AppState, ProjectId, Credentials), Error> {
    let state = expect_context::<AppState>();
    let parts = expect_context::<Parts>();
    let project = state
        .sign_in_project()
        .await?
        .ok_or(Error::NotFound(Subject::Project))?;
    let credentials = Credentials {
        email,
        password,
        source: state.source(&parts),
        browser: DeviceCookie(state.cookie).value(&parts.headers),
        former: state.caller(&parts.headers),
        user_agent: user_agent(&parts.headers),
        lifetime: SessionLifetime::Browser,
    };
    Ok((state, project.id, credentials))
}

#[cfg(feature = "ssr")]
fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::USER_AGENT)?;
    Some(value.to_str().ok()?.to_owned())
}

/// Says of a locked database what it means for whoever signs in or up.
#[cfg(feature = "ssr")]
fn signing_in(error: Error) -> Problem {
    let is_locked = matches!(error, Error::Locked);
    let mut problem = Problem::from(error);
    if is_locked {
        text()
            .problem
            .locked_sign_in
            .clone_into(&mut problem.message);
    }
    problem
}

/// Starts the browser's session and redirects to the page `to`.
#[cfg(feature = "ssr")]
fn welcome(state: &AppState, project: ProjectId, signed_in: &SignedIn, to: &str) -> Done {
    let headers = &expect_context::<Parts>().headers;
    set_cookie(state.cookie.start(headers, project, &signed_in.token));
    set_cookie(DeviceCookie(state.cookie).keep(headers, &signed_in.browser));
    redirect(paths::return_path(Some(to)))
}

/// Signs in and redirects to the page `to`.
#[server(name = SignIn, prefix = "/fn", endpoint = "sign-in", protocol = Form)]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] to: String,
) -> Result<Done, Problem> {
    let (state, project, credentials) = credentials(email, password).await?;
    let signed_in = state
        .domain
        .sign_in(project, credentials)
        .await
        .map_err(signing_in)?;
    Ok(welcome(&state, project, &signed_in, &to))
}

/// Creates an account, signs in and redirects to the page `to`.
#[server(name = SignUp, prefix = "/fn", endpoint = "sign-up", protocol = Form)]
pub async fn sign_up(
    email: String,
    password: String,
    #[server(default)] to: String,
) -> Result<Done, Problem> {
    let (state, project, credentials) = credentials(email, password).await?;
    let signed_in = state
        .domain
        .sign_up(project, credentials)
        .await
        .map_err(signing_in)?;
    Ok(welcome(&state, project, &signed_in, &to))
}

/// Ends the session. Succeeds even if it has already ended.
#[server(name = SignOut, prefix = "/fn", endpoint = "sign-out", protocol = Form)]
pub async fn sign_out() -> Result<Done, Problem> {
    let state = expect_context::<AppState>();
    let headers = expect_context::<Parts>().headers;
    if let Some(caller) = state.caller(&headers) {
        state.domain.sign_out(&caller).await?;
    }
    set_cookie(state.cookie.end(&headers));
    Ok(redirect(paths::SIGN_IN))
}

/// Changes the caller's display name.
#[server(name = RenameUser, prefix = "/fn", endpoint = "profile/rename", protocol = Form)]
pub async fn rename_user(display_name: String) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    state.domain.rename_user(&caller, &display_name).await?;
    Ok(done(text().profile.renamed, NoticeKind::UserRenamed))
}
