//! Changing a key's description in place.

use leptos::{ev, html, prelude::*};
use web_sys::{HtmlElement, HtmlInputElement};

use super::{
    form::{FormState, LiveForm, sending},
    key_list::{KeyListContext, Renaming},
};
use crate::{
    browser::dom::{clicked_link, find_in, focused},
    server_fns::{Problem, api_keys::rename_api_key},
};

/// The description with the link that opens the form, and the form that takes its place.
#[island]
pub fn RenameKey(children: Children) -> impl IntoView {
    let list = KeyListContext::around();
    let form = FormState::provide();
    let root = NodeRef::<html::Div>::new();
    let parts = move || Parts::find(root);
    // Follows the one description of the list that is being changed, whichever it is.
    Effect::new(move |is_later: Option<()>| {
        list.renaming.track();
        let Some(parts) = parts() else {
            return;
        };
        if is_later.is_none() && !parts.form.hidden() {
            // The server rendered it open.
            list.renaming
                .update_untracked(|renaming| *renaming = Some(parts.renaming()));
        }
        parts.follow(list, form, is_later.is_none());
    });
    let cancel = move || list.renaming.set(None);
    let click = move |event: ev::MouseEvent| {
        if clicked_link(&event).is_none() {
            return;
        }
        event.prevent_default();
        match parts() {
            Some(parts) if parts.form.hidden() => list.renaming.set(Some(parts.renaming())),
            _ => cancel(),
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        // Escape that ends an input method's suggestion is not meant for the form.
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            cancel();
        }
    };
    let typed = move |event: ev::Event| {
        let text = event_target_value(&event);
        list.renaming.update_untracked(|renaming| {
            if let Some(renaming) = renaming {
                renaming.text = Some(text);
            }
        });
    };
    let send = sending(move |values| async move {
        let description = values.text("description");
        if values.optional("was").as_ref() == Some(&description) {
            cancel();
            return Ok(());
        }
        let id = values.text("id");
        let link = ["rename-link-", &id].concat();
        let outcome = rename_api_key(values.optional("team"), id, description, None).await;
        if outcome.as_ref().err().is_none_or(Problem::is_outdated) {
            list.renaming.update_untracked(|renaming| *renaming = None);
        }
        list.settle(outcome, &[&link]).await
    });
    view! {
        <div class="rename-key" node_ref=root on:click=click on:keydown=key on:input=typed>
            <LiveForm form send>
                {children()}
            </LiveForm>
        </div>
    }
}

/// The children: the description with its link, and the form.
struct Parts {
    shown: HtmlElement,
    link: HtmlElement,
    form: HtmlElement,
    id: HtmlInputElement,
    input: HtmlInputElement,
}

impl Parts {
    fn find(root: NodeRef<html::Div>) -> Option<Self> {
        Some(Self {
            shown: find_in(root, ".description")?,
            link: find_in(root, ".description a")?,
            form: find_in(root, "form")?,
            id: find_in(root, "[name=id]")?,
            input: find_in(root, "[name=description]")?,
        })
    }

    /// The beginning of a change of this description.
    fn renaming(&self) -> Renaming {
        Renaming {
            id: self.id.value(),
            text: None,
        }
    }

    /// Shows the form where this description is being changed, and otherwise the description.
    fn follow(&self, list: KeyListContext, form: FormState, is_new: bool) {
        let id = self.id.value();
        let renaming = list
            .renaming
            .get_untracked()
            .filter(|renaming| renaming.id == id);
        let was_open = !self.form.hidden();
        let loses_focus = focused().is_none_or(|focused| self.form.contains(Some(&focused)));
        self.form.set_hidden(renaming.is_none());
        self.shown.set_hidden(renaming.is_some());
        match renaming {
            // Typed before the list was replaced.
            Some(Renaming {
                text: Some(text), ..
            }) => {
                self.input.set_value(&text);
                if focused().is_none() {
                    self.input.focus().ok();
                }
            }
            Some(Renaming { text: None, .. }) if !was_open && (!is_new || focused().is_none()) => {
                self.input.focus().ok();
                self.input.select();
            }
            Some(_) => {}
            None => {
                self.input.set_value(&self.input.default_value());
                form.edit();
                if was_open && loses_focus {
                    self.link.focus().ok();
                }
            }
        }
    }
}
