//! Sign-in and security: the password.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use latchkey_model::{caller::UserRef, user::User};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{PageError, SignedInVisitor};
use crate::{
    components::{FormError, Frame, Place, PostForm, Submit, TextField},
    islands::ChangePasswordForm,
    paths,
    server_fns::security::ChangePassword,
    shell,
    state::AppState,
    text::text,
};

/// # Errors
/// When the database cannot answer.
pub async fn security(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    let user = state.domain.user(&visitor.caller, UserRef::Me).await?;
    let message = visitor.message(None);
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let allows_passwords = viewer.project.settings.credential_enabled;
    Ok(shell::page(StatusCode::OK, text().security.title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::Security message>
                <Password user allows_passwords />
            </Frame>
        }
    })
    .into_response())
}

#[component]
fn Password(user: User, allows_passwords: bool) -> impl IntoView {
    let t = &text().security;
    let email = user.primary_email.unwrap_or_default();
    let has_password = user.has_password;
    let can_sign_in = user.primary_email_auth_enabled || !has_password;
    let content = if allows_passwords && can_sign_in && !email.is_empty() {
        let hint = if has_password {
            t.change_hint
        } else {
            t.set_hint
        };
        let label = if has_password { t.change } else { t.set };
        view! {
            <ChangePasswordForm>
                <PostForm class="stack box setting" action=ChangePassword::PATH>
                    <h3>{t.password}</h3>
                    <p class="quiet">{hint}</p>
                    <FormError />
                    // For password managers: the account that the new password belongs to.
                    <input type="hidden" name="username" value=email autocomplete="username" />
                    // Built here, inside of the form that it belongs to.
                    {has_password
                        .then(|| {
                            view! {
                                <TextField
                                    id="current-password"
                                    name="current_password"
                                    label=t.current_password
                                    kind="password"
                                    autocomplete="current-password"
                                />
                            }
                        })}
                    <TextField
                        id="new-password"
                        name="password"
                        label=t.new_password
                        kind="password"
                        hint=text().auth.password_hint
                        autocomplete="new-password"
                    />
                    <div class="actions">
                        <Submit label look="primary" />
                    </div>
                </PostForm>
            </ChangePasswordForm>
        }
        .into_any()
    } else {
        view! {
            <div class="stack box">
                <h3>{t.password}</h3>
                <p class="quiet">{t.no_password}</p>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="security-title">
            <div class="section-head">
                <div>
                    <h2 id="security-title">{t.title}</h2>
                    <p class="intro">
                        {t.intro} " " <a href=paths::SESSIONS>{text().sessions.title}</a>
                    </p>
                </div>
            </div>
            {content}
        </section>
    }
}
