//! Replaces a part of the page by what the server says it is now.

use std::cell::{Cell, RefCell};

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, DomParser, Element, HtmlElement, HtmlInputElement, HtmlSelectElement, SupportedType,
};

use super::{
    dom::{by_id, data, focus, go, here, text, toast},
    fetch,
};

/// What becomes of the address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// A new entry: Back leads to the view before.
    Push,
    /// The same entry, as while somebody is typing.
    Replace,
    /// It is right already.
    Keep,
}

thread_local! {
    /// Counts what was asked for, so that a slow answer does not undo a later one.
    static ASKED: Cell<u32> = const { Cell::new(0) };
    /// The address of what is shown.
    static SHOWN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Shows the region as it is on the page at `url`. Returns whether it is there now.
pub async fn show(url: &str, region: &str, address: Address) -> bool {
    let asked = ASKED.get().wrapping_add(1);
    ASKED.set(asked);
    let Some(old) = by_id::<HtmlElement>(region) else {
        return false;
    };
    old.set_attribute("aria-busy", "true").ok();
    let page = fetch::page(url).await;
    if ASKED.get() != asked {
        return true;
    }
    let Some(page) = page else {
        old.remove_attribute("aria-busy").ok();
        toast(&text("textOffline"));
        return false;
    };
    let Some(document) = parse(&page.html) else {
        return false;
    };
    if let Some(new) = document.get_element_by_id(region) {
        let active = focused_in(&old);
        old.replace_with_with_node_1(&new).ok();
        if let Some(id) = active {
            focus(&id);
        }
        sync_search(&document);
        if region == "frame" {
            // The dialog was replaced as well.
            super::create_key::start();
        }
        remember(url, address);
        return true;
    }
    if page.redirected {
        // Signed out: the server sends us to the door.
        go(&page.url);
        return false;
    }
    gone(&document);
    false
}

/// Whether Back or Forward has led to another view than the one shown: a link within the page, or an
/// entry that a dialog made, leads to the same.
pub fn is_elsewhere() -> bool {
    let page = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
    SHOWN.with_borrow(|shown| {
        shown
            .as_ref()
            .is_none_or(|shown| page(shown) != page(&here()))
    })
}

/// What the page shows at its start.
pub fn begin() {
    SHOWN.set(Some(here()));
}

/// The region again, as it is now.
pub async fn refresh(region: &str) -> bool {
    let url = by_id::<HtmlElement>(region)
        .and_then(|region| data(&region, "page"))
        .unwrap_or_else(here);
    show(&url, region, Address::Keep).await
}

/// The region is not the visitor's any more: the page is shown without it, and says so.
fn gone(document: &Document) {
    match (
        by_id::<Element>("frame"),
        document.get_element_by_id("frame"),
    ) {
        (Some(old), Some(new)) => {
            old.replace_with_with_node_1(&new).ok();
            focus("main");
            toast(&text("textGone"));
        }
        // The whole page is: the server's own page says so.
        _ => {
            window().location().reload().ok();
        }
    }
}

/// Without the head: its style carries the nonce of another answer, which this page's policy refuses.
fn parse(html: &str) -> Option<Document> {
    let body = html.find("<body").and_then(|at| html.get(at..))?;
    DomParser::new()
        .ok()?
        .parse_from_string(body, SupportedType::TextHtml)
        .ok()
}

/// The id of the element that has the focus, if it is in there.
fn focused_in(region: &HtmlElement) -> Option<String> {
    let active = document().active_element()?;
    let id = active.id();
    (region.contains(Some(&active)) && !id.is_empty()).then_some(id)
}

/// The search form stays when the list changes; it shows what the list understood, except where
/// somebody is typing.
fn sync_search(new: &Document) {
    let (Some(old), Some(new)) = (
        by_id::<HtmlElement>("key-search"),
        new.get_element_by_id("key-search"),
    ) else {
        return;
    };
    old.set_hidden(new.has_attribute("hidden"));
    let active = document().active_element();
    for field in super::dom::all_in::<Element>(&old, "select, input[type=search]") {
        let name = field.get_attribute("name").unwrap_or_default();
        let Some(other) = super::dom::find_in::<Element>(&new, &format!("[name={name}]")) else {
            continue;
        };
        if active.as_ref() == Some(&field) {
            continue;
        }
        match (
            field.dyn_ref::<HtmlSelectElement>(),
            other.dyn_ref::<HtmlSelectElement>(),
        ) {
            (Some(field), Some(other)) => field.set_value(&other.value()),
            _ => {
                if let (Some(field), Some(other)) = (
                    field.dyn_ref::<HtmlInputElement>(),
                    other.dyn_ref::<HtmlInputElement>(),
                ) {
                    field.set_value(&other.value());
                }
            }
        }
    }
}

fn remember(url: &str, address: Address) {
    let Ok(history) = window().history() else {
        return;
    };
    match address {
        Address::Push if url != here() => {
            history
                .push_state_with_url(&JsValue::NULL, "", Some(url))
                .ok();
        }
        Address::Replace => {
            history
                .replace_state_with_url(&JsValue::NULL, "", Some(url))
                .ok();
        }
        Address::Push | Address::Keep => {}
    }
    SHOWN.set(Some(here()));
}
