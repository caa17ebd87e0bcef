//! Short names for what the other files do to the page all the time.

use std::cell::Cell;

use gloo_timers::callback::Timeout;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, Event, EventTarget, HtmlElement};

/// How long a toast stays.
const TOAST_MILLIS: u32 = 6_000;

thread_local! {
    /// The end of the toast that is shown.
    static TOAST_ENDS: Cell<Option<Timeout>> = const { Cell::new(None) };
}

/// The element with this id.
pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The first match in the page.
pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// The first match inside an element.
pub fn find_in<T: JsCast>(root: &Element, selector: &str) -> Option<T> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// All matches inside an element.
pub fn all_in<T: JsCast>(root: &Element, selector: &str) -> Vec<T> {
    let Ok(nodes) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..nodes.length())
        .filter_map(|index| nodes.item(index)?.dyn_into().ok())
        .collect()
}

/// Where an event happened, or the nearest element around it that matches.
pub fn at<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()??
        .dyn_into()
        .ok()
}

/// What a `data-` attribute says.
pub fn data(element: &HtmlElement, name: &str) -> Option<String> {
    element.dataset().get(name)
}

/// Listens for as long as the page lives, also to what does not bubble.
pub fn listen<E: JsCast + 'static>(
    target: &EventTarget,
    event: &str,
    handler: impl Fn(E) + 'static,
) {
    let closure =
        Closure::<dyn Fn(Event)>::new(move |event: Event| handler(event.unchecked_into()));
    target
        .add_event_listener_with_callback_and_bool(event, closure.as_ref().unchecked_ref(), true)
        .ok();
    closure.forget();
}

/// One of the texts that the page carries for its script.
pub fn text(name: &str) -> String {
    document()
        .body()
        .and_then(|body| data(&body, name))
        .unwrap_or_default()
}

/// Says something to those who listen.
pub fn announce(message: &str) {
    if let Some(announcer) = by_id::<HtmlElement>("announcer") {
        announcer.set_text_content(Some(message));
    }
}

/// Says something to everybody, for a few seconds. It takes the place of what was said before.
pub fn toast(message: &str) {
    announce(message);
    let Some(toast) = by_id::<HtmlElement>("toast") else {
        return;
    };
    toast.set_text_content(Some(message));
    // As a popover it lies above an open dialog; hiding it first puts it on top again.
    toast.hide_popover().ok();
    toast.show_popover().ok();
    let end = Timeout::new(TOAST_MILLIS, move || {
        toast.hide_popover().ok();
    });
    // The former end is called off with this: it would come too early for the new toast.
    TOAST_ENDS.set(Some(end));
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) -> bool {
    by_id::<HtmlElement>(id).is_some_and(|element| {
        element.focus().ok();
        document()
            .active_element()
            .is_some_and(|active| active.id() == id)
    })
}

/// Where the page is.
pub fn here() -> String {
    window().location().href().unwrap_or_default()
}

/// Leaves for another page.
pub fn go(to: &str) {
    window().location().assign(to).ok();
}
