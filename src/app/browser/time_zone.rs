//! The time zone of the browser, which a cookie tells the server.

use js_sys::{Array, Intl::DateTimeFormat, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast as _;
use web_sys::{Document, HtmlDocument};

/// The cookie with the zone's name in the IANA database.
pub const COOKIE: &str = "latchkey_time_zone";
/// The id of the `data` element with the name of the zone in which the page's times are.
pub const TIME_ZONE: &str = "time-zone";
/// The class of what reads differently in another time zone.
pub const ZONED: &str = "zoned";

/// Returns the name of the browser's time zone.
pub fn local() -> Option<String> {
    let options = DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Whether the browser keeps the cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It did before.
    Already,
    Now,
    /// It refuses cookies.
    No,
}

/// Keeps the zone in the cookie, for the longest time that browsers allow.
pub fn keep(zone: &str) -> Kept {
    let document: HtmlDocument = document().unchecked_into();
    let pair = [COOKIE, "=", zone].concat();
    let is_kept = || {
        let cookies = document.cookie().unwrap_or_default();
        cookies.split("; ").any(|cookie| cookie == pair)
    };
    if is_kept() {
        return Kept::Already;
    }
    let secure = match window().location().protocol().as_deref() {
        Ok("https:") => "; secure",
        _ => "",
    };
    let cookie = [&pair, "; path=/; max-age=34560000; samesite=lax", secure].concat();
    document.set_cookie(&cookie).ok();
    if is_kept() { Kept::Now } else { Kept::No }
}

/// Takes over what reads differently in the time zone of another rendering of the page, unless something else
/// has changed too. Nothing that a person can type in or focus is replaced.
pub fn take_over(new: &Document) {
    let old = document().get_elements_by_class_name(ZONED);
    let new = new.get_elements_by_class_name(ZONED);
    if old.length() != new.length() {
        return;
    }
    // Backwards: an element that is taken over leaves its collection.
    for index in (0..old.length()).rev() {
        let (Some(old), Some(new)) = (old.item(index), new.item(index)) else {
            continue;
        };
        if old.get_attribute("datetime") == new.get_attribute("datetime") {
            old.replace_with_with_node_1(&new).ok();
        }
    }
}
