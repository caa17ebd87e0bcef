//! The project's switches.

use latchkey_model::owner::OwnerKind;
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

use super::{
    form::{live_form, sending},
    page::{Announcer, PageContext},
};
use crate::{
    browser::dom::by_id,
    server_fns::project::{allow_api_keys, limit_api_keys},
};

/// The id of the dialog that asks before keys of this kind are switched off.
pub fn switch_off_dialog(kind: OwnerKind) -> String {
    ["switch-off-", kind.as_str()].concat()
}

/// Switches users' or teams' API keys on or off. Refreshes the page, because other parts show the state.
#[island]
pub fn KeySwitchForm(children: Children) -> impl IntoView {
    let page = PageContext::around();
    Announcer::provide();
    let send = sending(move |values| async move {
        let kind = if values.text("kind") == OwnerKind::Team.as_str() {
            OwnerKind::Team
        } else {
            OwnerKind::User
        };
        let done = allow_api_keys(kind, values.text("allowed") == "true").await?;
        if let Some(question) = by_id::<HtmlDialogElement>(&switch_off_dialog(kind)) {
            question.close();
        }
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
