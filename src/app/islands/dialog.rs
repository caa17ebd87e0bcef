//! Dialogs: links that open and close them. Without script they are links to pages that do the same.

use leptos::{ev, html, prelude::*};
use web_sys::{Element, HtmlDialogElement};

use super::page::{Announcer, LiveRegion};
use crate::browser::dom::{by_id, clicked_link, closest, find_in};

/// A link to a page, which opens the dialog that it controls instead. With script it is a button, for
/// those who listen and on the keyboard.
#[island]
pub fn OpenDialog(children: Children) -> impl IntoView {
    let root = NodeRef::<html::Span>::new();
    let link = move || find_in::<_, Element>(root, "a");
    Effect::new(move |_| {
        if let Some(link) = link() {
            link.set_attribute("role", "button").ok();
            link.set_attribute("aria-haspopup", "dialog").ok();
        }
    });
    // Without the dialog the link leads to its page.
    let open = move |event: &ev::Event| {
        let dialog = link()
            .and_then(|link| link.get_attribute("aria-controls"))
            .and_then(|id| by_id::<HtmlDialogElement>(&id));
        if let Some(dialog) = dialog {
            event.prevent_default();
            if !dialog.open() {
                dialog.show_modal().ok();
            }
        }
    };
    let click = move |event: ev::MouseEvent| {
        if clicked_link(&event).is_some() {
            open(&event);
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == " " {
            open(&event);
        }
    };
    view! {
        <span class="contents" node_ref=root on:click=click on:keydown=key>
            {children()}
        </span>
    }
}

/// A form that leads to the page with a dialog open, and the dialog, which it opens instead.
#[island]
pub fn AskFirst(children: Children) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let ask = move |event: ev::SubmitEvent| {
        // The form in the dialog sends itself.
        if let Some(dialog) = find_in::<_, HtmlDialogElement>(root, "dialog")
            && !event.default_prevented()
        {
            event.prevent_default();
            if !dialog.open() {
                dialog.show_modal().ok();
            }
        }
    };
    view! {
        <div class="contents" node_ref=root on:submit=ask>
            {children()}
        </div>
    }
}

/// A link back to the page, or a button, which closes the dialog around it instead.
#[island]
pub fn CloseDialog(children: Children) -> impl IntoView {
    let close = |event: ev::MouseEvent| {
        let is_meant =
            closest::<Element>(&event, "button").is_some() || clicked_link(&event).is_some();
        if let Some(dialog) = closest::<HtmlDialogElement>(&event, "dialog").filter(|_| is_meant) {
            event.prevent_default();
            dialog.close();
        }
    };
    view! {
        <span class="contents" on:click=close>
            {children()}
        </span>
    }
}

/// The live region of the dialog around it.
#[island]
pub fn DialogStatus() -> impl IntoView {
    let announcer = Announcer::around();
    view! { <LiveRegion announcer /> }
}
