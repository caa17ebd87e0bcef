//! Digests, computed by the browser.

use js_sys::{Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Returns the SHA-256 digest of a text in hexadecimal digits. `None` where the page was not loaded
/// securely, so that the browser has no `crypto.subtle`.
pub async fn sha256(text: &str) -> Option<String> {
    let crypto = window().crypto().ok()?;
    let is_there =
        Reflect::get(&crypto, &JsValue::from_str("subtle")).is_ok_and(|subtle| subtle.is_object());
    if !is_there {
        return None;
    }
    let text = Uint8Array::from(text.as_bytes());
    let digest = crypto
        .subtle()
        .digest_with_str_and_js_u8_array("SHA-256", &text)
        .ok()?;
    let digest = Uint8Array::new(&JsFuture::from(digest).await.ok()?).to_vec();
    let digits = |byte: &u8| [byte >> 4, byte & 15];
    let digit = |value: u8| char::from_digit(u32::from(value), 16);
    digest.iter().flat_map(digits).map(digit).collect()
}
