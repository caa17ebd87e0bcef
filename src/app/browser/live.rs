//! Makes the page live. Everything is listened for at the document, so that parts of the page can
//! be replaced without listening anew.

use std::cell::Cell;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, Event, HtmlAnchorElement, HtmlButtonElement, HtmlDialogElement, HtmlElement,
    HtmlFormElement, HtmlInputElement, HtmlTextAreaElement, MouseEvent, VisibilityState,
};

use super::{
    clipboard,
    dom::{all_in, at, by_id, data, find, listen},
    forms, list,
    region::{self, Address},
    rename,
};

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// Starts listening, once.
pub fn start() {
    if STARTED.replace(true) {
        return;
    }
    let document = document();
    listen(&document, "submit", on_submit);
    listen(&document, "click", on_click);
    listen(&document, "input", on_input);
    listen(&document, "change", on_change);
    listen(&document, "focusin", on_focus);
    listen(&document, "close", on_close);
    listen(&document, "visibilitychange", |_: Event| on_return());
    listen(&window(), "popstate", |_: Event| list::on_pop_state());
    // A page from the back/forward cache may belong to a session that has ended.
    listen(&window(), "pageshow", |event: Event| {
        let kept =
            js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy());
        if kept {
            window().location().reload().ok();
        }
    });
    rename::start();
    region::begin();
    if let Some(root) = document.document_element() {
        root.class_list().add_1("live").ok();
    }
}

fn on_submit(event: Event) {
    let Some(form) = at::<HtmlFormElement>(&event, "form[data-live]") else {
        return;
    };
    event.prevent_default();
    if data(&form, "live").as_deref() == Some("list") {
        list::submit(&form, Address::Push);
    } else {
        forms::submit(form);
    }
}

fn on_click(event: MouseEvent) {
    if event.button() != 0
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
        || event.alt_key()
    {
        return;
    }
    if let Some(link) = at::<HtmlAnchorElement>(&event, "a[data-live]") {
        event.prevent_default();
        list::show(link.href(), Address::Push);
    } else if let Some(pencil) = at::<HtmlElement>(&event, "[data-rename]") {
        event.prevent_default();
        rename::open(&pencil);
    } else if let Some(link) = at::<Element>(&event, "[data-rename-cancel]") {
        event.prevent_default();
        rename::cancel(&link);
    } else if let Some(link) = at::<Element>(&event, "[data-close-dialog]") {
        if let Some(dialog) = at::<HtmlDialogElement>(&event, "dialog") {
            event.prevent_default();
            dialog.close();
        }
        drop(link);
    } else if let Some(button) = at::<HtmlElement>(&event, "[data-copy]") {
        let field = data(&button, "copy").unwrap_or_default();
        clipboard::copy(button, &field);
    } else if let Some(button) = at::<HtmlElement>(&event, "[data-download]") {
        clipboard::download(&data(&button, "download").unwrap_or_default());
    } else if let Some(button) = at::<HtmlButtonElement>(&event, "button[commandfor]") {
        command(&button);
    }
}

/// Opens and closes dialogs in browsers that do not know `command` themselves.
fn command(button: &HtmlButtonElement) {
    if js_sys::Reflect::has(button, &"commandForElement".into()).unwrap_or_default() {
        return;
    }
    let Some(dialog) = button
        .get_attribute("commandfor")
        .and_then(|id| by_id::<HtmlDialogElement>(&id))
    else {
        return;
    };
    match button.get_attribute("command").as_deref() {
        Some("show-modal") if !dialog.open() => {
            dialog.show_modal().ok();
        }
        Some("close") => dialog.close(),
        _ => {}
    }
}

fn on_input(event: Event) {
    let Some(input) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    forms::on_input(&input);
    if input.get_attribute("type").as_deref() == Some("search")
        && let Some(form) = at::<HtmlFormElement>(&event, "form[data-live=list]")
    {
        list::on_typing(form);
    }
}

fn on_change(event: Event) {
    let select = at::<Element>(&event, "form[data-live=list] select");
    if let Some(form) = select.and_then(|select| select.closest("form").ok().flatten()) {
        list::submit(form.unchecked_ref(), Address::Push);
    }
}

fn on_focus(event: Event) {
    if let Some(field) = at::<HtmlInputElement>(&event, "input[data-select-on-focus]") {
        field.select();
    } else if let Some(field) = at::<HtmlTextAreaElement>(&event, "textarea[data-select-on-focus]")
    {
        field.select();
    }
}

/// A dialog that is opened again begins afresh.
fn on_close(event: Event) {
    let Some(dialog) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlDialogElement>().ok())
    else {
        return;
    };
    for form in all_in::<HtmlFormElement>(&dialog, "form[data-live]") {
        form.reset();
        forms::clear_errors(&form);
    }
}

/// Somebody comes back to the page: what they see may have changed meanwhile, or may not be theirs
/// any more. What they are in the middle of is left alone.
fn on_return() {
    let busy =
        find::<Element>("dialog[open], form.rename:not([hidden]), form[aria-busy]").is_some();
    if document().visibility_state() == VisibilityState::Visible
        && !busy
        && by_id::<Element>("key-list").is_some()
    {
        spawn_local(async {
            region::refresh("key-list").await;
        });
    }
}
