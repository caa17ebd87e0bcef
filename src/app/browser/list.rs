//! The list's controls: links and the search form change the view without a reload.

use std::cell::Cell;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

use super::{
    dom::{announce, by_id, here, text},
    region::{self, Address},
};

/// How long somebody pauses before what they type is looked for.
const PAUSE_MILLIS: u32 = 250;

thread_local! {
    static WAITING: Cell<Option<Timeout>> = const { Cell::new(None) };
}

/// Shows the list in the view that the address names.
pub fn show(url: String, address: Address) {
    WAITING.set(None);
    spawn_local(async move {
        if region::show(&url, "key-list", address).await {
            announce(&text("textUpdated"));
        }
    });
}

/// Shows the list in the view that the search form asks for.
pub fn submit(form: &HtmlFormElement, address: Address) {
    let (Ok(values), Ok(query)) = (FormData::new_with_form(form), UrlSearchParams::new()) else {
        return;
    };
    for name in ["q", "status", "inactive", "sort", "dir", "size"] {
        let value = values.get(name).as_string().unwrap_or_default();
        if !value.trim().is_empty() && (name, value.as_str()) != ("size", "10") {
            query.set(name, &value);
        }
    }
    let path = form.get_attribute("action").unwrap_or_default();
    let query = String::from(query.to_string());
    let separator = if query.is_empty() { "" } else { "?" };
    show(format!("{path}{separator}{query}"), address);
}

/// Somebody types in the search form.
pub fn on_typing(form: HtmlFormElement) {
    let later = Timeout::new(PAUSE_MILLIS, move || submit(&form, Address::Replace));
    WAITING.set(Some(later));
}

/// Back or forward within the page.
pub fn on_pop_state() {
    if by_id::<web_sys::Element>("key-list").is_some() && region::is_elsewhere() {
        show(here(), Address::Keep);
    }
}
