//! The project's switches.

use latchkey_model::owner::OwnerKind;
use leptos::prelude::*;

use super::{
    form::{live_form, sending},
    page::PageContext,
};
use crate::server_fns::project::{allow_api_keys, limit_api_keys};

/// Switches users' or teams' API keys on or off. Refreshes the page, because other parts show the state.
#[island]
pub fn KeySwitchForm(children: Children) -> impl IntoView {
    let page = PageContext::around();
    let send = sending(move |values| async move {
        let kind = if values.text("kind") == OwnerKind::Team.as_str() {
            OwnerKind::Team
        } else {
            OwnerKind::User
        };
        let done = allow_api_keys(kind, values.text("allowed") == "true").await?;
        page.refresh().await;
        page.say(done.message);
        Ok(())
    });
    live_form(send, children)
}

/// Limits the keys of an owner.
#[island]
pub fn KeyLimitForm(children: Children) -> impl IntoView {
    let page = PageContext::around();
    let send = sending(move |values| async move {
        let done = limit_api_keys(values.text("limit")).await?;
        page.refresh().await;
        page.say(done.message);
        Ok(())
    });
    live_form(send, children)
}
