//! Elements, focus, the address and the history.

use leptos::{
    html::ElementType,
    prelude::{GetUntracked as _, NodeRef, document, window},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, FormData, HtmlAnchorElement, HtmlElement, HtmlFormElement, MouseEvent,
};

/// Returns the element with this id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Returns the first descendant that matches.
pub fn find<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Returns the first match inside an island's own element, where its children are.
pub fn find_in<E, T>(root: NodeRef<E>, selector: &str) -> Option<T>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
    T: JsCast,
{
    find(root.try_get_untracked()??.unchecked_ref(), selector)
}

/// Whether an element of the page matches.
pub fn is_there(selector: &str) -> bool {
    document()
        .query_selector(selector)
        .is_ok_and(|element| element.is_some())
}

/// Focuses the first of these elements that accepts the focus.
pub fn focus_first<'a>(ids: impl IntoIterator<Item = &'a str>) {
    for id in ids {
        if let Some(element) = by_id::<HtmlElement>(id) {
            element.focus().ok();
            if is_focused(&element) {
                return;
            }
        }
    }
}

/// Returns the focused element; `None` where nothing has the focus.
pub fn focused() -> Option<Element> {
    document()
        .active_element()
        .filter(|element| element.tag_name() != "BODY")
}

pub fn is_focused(element: &Element) -> bool {
    focused().is_some_and(|focused| focused == *element)
}

/// Returns the link of an ordinary click: the main button without modifier keys.
pub fn clicked_link(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let plain = event.button() == 0
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
        && !event.alt_key();
    if !plain || event.default_prevented() {
        return None;
    }
    closest(event, "a[href]")
}

/// Returns the target of an event, or its nearest ancestor that matches.
pub fn closest<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()??.dyn_into().ok()
}

/// The values that a form would submit.
pub struct FormValues(FormData);

impl FormValues {
    pub fn of(form: &HtmlFormElement) -> Option<Self> {
        FormData::new_with_form(form).ok().map(Self)
    }

    /// Returns a value; empty if the form has no such field.
    pub fn text(&self, name: &str) -> String {
        self.optional(name).unwrap_or_default()
    }

    /// Returns a value, if the form has such a field.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).as_string()
    }
}

/// Returns the path and query of the current URL.
pub fn address() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

pub fn go(to: &str) {
    window().location().assign(to).ok();
}

/// Adds a history entry. Without a URL it keeps the current one.
pub fn push_entry(url: Option<&str>) {
    if let Ok(history) = window().history() {
        history.push_state_with_url(&JsValue::NULL, "", url).ok();
    }
}

/// Changes the URL of the current history entry.
pub fn replace_entry(url: &str) {
    if let Ok(history) = window().history() {
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(url))
            .ok();
    }
}

pub fn go_back() {
    if let Ok(history) = window().history() {
        history.back().ok();
    }
}
