//! Copies text to the clipboard, or saves it as a file.

use js_sys::{Array, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Clipboard, HtmlAnchorElement, Url};

/// Copies a text. Returns whether the browser allowed it.
pub async fn copy(text: &str) -> bool {
    // Browsers provide a clipboard only to pages that are served securely.
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())
        .ok()
        .filter(JsValue::is_object)
        .map(wasm_bindgen::JsCast::unchecked_into::<Clipboard>);
    match clipboard {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

/// Saves a text as a file. Returns whether the browser allowed it.
pub fn save_as(name: &str, text: &str) -> bool {
    let save = || -> Result<(), JsValue> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&url)
    };
    save().is_ok()
}
