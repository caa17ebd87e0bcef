//! Changing the password.

use leptos::prelude::*;

use super::form::{live_form, refreshing};
use crate::server_fns::security::change_password;

#[island]
pub fn ChangePasswordForm(children: Children) -> impl IntoView {
    let send = refreshing(|values| {
        change_password(values.text("current_password"), values.text("password"))
    });
    live_form(send, children)
}
