//! Changing the password, and ending sessions.

use leptos::prelude::*;

use super::form::{leading, live_form, refreshing};
use crate::server_fns::{
    password_reset::reset_password,
    security::{change_password, end_other_sessions, end_session},
};

#[island]
pub fn ChangePasswordForm(children: Children) -> impl IntoView {
    let send = refreshing(|values| {
        change_password(values.text("current_password"), values.text("password"))
    });
    live_form(send, children)
}

/// Sets a password by a link, and leads to sign in with it.
#[island]
pub fn ResetPasswordForm(children: Children) -> impl IntoView {
    let send = leading(|values| reset_password(values.text("token"), values.text("password")));
    live_form(send, children)
}

#[island]
pub fn EndSessionForm(children: Children) -> impl IntoView {
    live_form(
        refreshing(|values| end_session(values.text("id"))),
        children,
    )
}

#[island]
pub fn EndOtherSessionsForm(children: Children) -> impl IntoView {
    live_form(refreshing(|_| end_other_sessions()), children)
}
