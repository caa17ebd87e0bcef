//! Copying a field's text, and saving it as a file.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlAnchorElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Url};

use super::dom::{announce, by_id, text, toast};

/// The variable in the file.
const VARIABLE: &str = "LATCHKEY_API_KEY";

/// Copies a field; the button says so for a while. Where the browser refuses, the text is left
/// selected and the person told how to copy it.
pub fn copy(button: HtmlElement, field: &str) {
    let Some(field) = Field::find(field) else {
        return;
    };
    spawn_local(async move {
        // Absent where the page is not served securely.
        let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
            .ok()
            .filter(wasm_bindgen::JsValue::is_object)
            .map(JsCast::unchecked_into::<web_sys::Clipboard>);
        let copied = match clipboard {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&field.value()))
                .await
                .is_ok(),
            None => false,
        };
        if copied {
            let message = text("textCopied");
            announce(&message);
            if button.text_content().as_deref() == Some(&message) {
                return;
            }
            let before = button.inner_html();
            button.set_text_content(Some(&message));
            gloo_timers::callback::Timeout::new(2_000, move || button.set_inner_html(&before))
                .forget();
        } else {
            field.select();
            toast(&text("textCopyFailed"));
        }
    });
}

/// Saves a field as `.env`.
pub fn download(field: &str) {
    let Some(field) = Field::find(field) else {
        return;
    };
    let parts = js_sys::Array::of1(&format!("{VARIABLE}={}\n", field.value()).into());
    let saved = Blob::new_with_str_sequence(&parts).and_then(|blob| {
        let url = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(".env");
        link.click();
        Url::revoke_object_url(&url)
    });
    if saved.is_err() {
        toast(&text("textCopyFailed"));
    }
}

/// A field whose text can be taken: one line, or several.
enum Field {
    /// One line.
    Line(HtmlInputElement),
    /// Several.
    Area(HtmlTextAreaElement),
}

impl Field {
    /// The field with this id.
    fn find(id: &str) -> Option<Self> {
        by_id(id)
            .map(Self::Line)
            .or_else(|| by_id(id).map(Self::Area))
    }

    /// What it holds.
    fn value(&self) -> String {
        match self {
            Self::Line(field) => field.value(),
            Self::Area(field) => field.value(),
        }
    }

    /// Selects all of it, with the focus in it.
    fn select(&self) {
        match self {
            Self::Line(field) => {
                field.focus().ok();
                field.select();
            }
            Self::Area(field) => {
                field.focus().ok();
                field.select();
            }
        }
    }
}
