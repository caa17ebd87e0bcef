//! The dialog that asks before a key is revoked.

use leptos::{html, prelude::*};
use web_sys::HtmlDialogElement;

use super::{
    form::{FormState, LiveForm, SendForm, sending},
    key_list::KeyListContext,
    page::Announcer,
};
use crate::{
    browser::dom::find_in,
    server_fns::{Done, Problem, api_keys::revoke_api_key, project::revoke_any_api_key},
};

/// The dialog around the form that revokes a user's or a team's key.
#[island]
pub fn RevokeKey(children: Children) -> impl IntoView {
    let dialog = RevokeDialog::new();
    let send = sending(move |values| async move {
        let id = values.text("id");
        let outcome = revoke_api_key(
            values.optional("team"),
            id.clone(),
            values.text("understood"),
        )
        .await;
        dialog.settle(outcome, &id).await
    });
    dialog.view(send, children)
}

/// The dialog around the form that revokes any key of the project.
#[island]
pub fn RevokeAnyKey(children: Children) -> impl IntoView {
    let dialog = RevokeDialog::new();
    let send = sending(move |values| async move {
        let id = values.text("id");
        let outcome = revoke_any_api_key(id.clone(), values.text("understood")).await;
        dialog.settle(outcome, &id).await
    });
    dialog.view(send, children)
}

/// What both dialogs do.
#[derive(Clone, Copy)]
struct RevokeDialog {
    root: NodeRef<html::Div>,
    list: KeyListContext,
    form: FormState,
    announcer: Announcer,
}

impl RevokeDialog {
    fn new() -> Self {
        Self {
            announcer: Announcer::provide(),
            root: NodeRef::new(),
            list: KeyListContext::around(),
            form: FormState::provide(),
        }
    }

    /// Shows what has become of the key, which stays where it is, with the focus in its row.
    async fn settle(self, outcome: Result<Done, Problem>, id: &str) -> Result<(), Problem> {
        if outcome.as_ref().err().is_none_or(Problem::is_outdated)
            && let Some(dialog) = find_in::<_, HtmlDialogElement>(self.root, "dialog")
        {
            dialog.close();
        }
        self.list.stay(id);
        let (link, name) = (["rename-link-", id].concat(), ["name-", id].concat());
        self.list.settle(outcome, &[&link, &name]).await
    }

    /// Resets the dialog when it is closed.
    fn reset(self) {
        self.form.reset(self.root);
        self.announcer.take_back(None);
    }

    fn view(self, send: SendForm, children: Children) -> impl IntoView {
        view! {
            <div class="contents" node_ref=self.root on:close:capture=move |_| self.reset()>
                <LiveForm form=self.form send>
                    {children()}
                </LiveForm>
            </div>
        }
    }
}
