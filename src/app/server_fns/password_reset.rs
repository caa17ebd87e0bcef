//! Sets a new password by a link.

use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::redirect,
    crate::{paths, state::AppState},
    axum::http::request::Parts,
    latchkey_domain::{Error, Subject},
};

/// Sets the password of the user whom the link with this token is for, and redirects to sign in with it.
#[server(name = ResetPassword, prefix = "/fn", endpoint = "password/reset", protocol = Form)]
pub async fn reset_password(token: String, password: String) -> Result<Done, Problem> {
    let state = expect_context::<AppState>();
    let source = state.source(&expect_context::<Parts>());
    let project = state
        .sign_in_project()
        .await?
        .ok_or(Error::NotFound(Subject::PasswordReset))?;
    state
        .domain
        .reset_password(project.id, &token, password, source)
        .await?;
    Ok(redirect(paths::SIGN_IN_AFTER_RESET))
}
