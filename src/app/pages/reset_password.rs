//! The page of a link by which a user chooses a new password.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use latchkey_domain::{Error, Subject};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{PageError, signed_in_visitor::query};
use crate::{
    components::{AuthLayout, FormError, PostForm, Submit, TextField},
    server_fns::password_reset::ResetPassword,
    shell,
    state::AppState,
    text::text,
};

/// A plain form, which is used too seldom to be worth a part of the bundle. Opening the link uses nothing up: whoever looks at links in messages must not spend it.
///
/// # Errors
/// [`Error::NotFound`] if the link does not count any longer.
pub async fn reset_password(
    State(state): State<AppState>,
    uri: Uri,
) -> Result<Response, PageError> {
    let t = text();
    let token = query(&uri)
        .into_iter()
        .rfind(|(name, _)| name == "token")
        .map(|(_, token)| token)
        .unwrap_or_default();
    let project = state
        .sign_in_project()
        .await?
        .ok_or(Error::NotFound(Subject::PasswordReset))?;
    let email = state.domain.password_reset(project.id, &token).await?;
    Ok(shell::page(StatusCode::OK, t.reset.title, move || {
        view! {
            <AuthLayout title=t.reset.title>
                <p>{t.reset.intro} " " <strong><bdi>{email.clone()}</bdi></strong></p>
                    <PostForm class="stack" action=ResetPassword::PATH>
                        <FormError />
                        <input type="hidden" name="token" value=token />
                        // For password managers: the account that the new password belongs to.
                        <input type="hidden" name="username" value=email autocomplete="username" />
                        <TextField
                            id="new-password"
                            name="password"
                            label=t.security.new_password
                            kind="password"
                            hint=t.auth.password_hint
                            autocomplete="new-password"
                            autofocus=true
                        />
                        <Submit label=t.security.set look="primary wide" />
                    </PostForm>
            </AuthLayout>
        }
    }))
}
