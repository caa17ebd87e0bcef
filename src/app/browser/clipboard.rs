//! Copying a field's text, and saving it as a file.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlAnchorElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Url};

use super::dom::{announce, by_id, text, toast};

/// The variable in the file.
const VARIABLE: &str = "LATCHKEY_API_KEY";

/// What the file is called. Browsers change a name that begins with a dot.
const FILE: &str = "latchkey.env";

/// How long a button says that it has copied.
const COPIED_MILLIS: u32 = 2_000;

/// A button that says so.
struct Copied {
    button: HtmlElement,
    /// What it says otherwise.
    label: String,
    _until: Timeout,
}

thread_local! {
    static COPIED: RefCell<Option<Copied>> = const { RefCell::new(None) };
}

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
            say_so(button);
        } else {
            field.select();
            toast(&text("textCopyFailed"));
        }
    });
}

/// The button says that it has copied, for its full time also when it is pressed again.
fn say_so(button: HtmlElement) {
    let message = text("textCopied");
    announce(&message);
    as_before();
    let label = button.inner_html();
    button.set_text_content(Some(&message));
    COPIED.set(Some(Copied {
        button,
        label,
        _until: Timeout::new(COPIED_MILLIS, as_before),
    }));
}

fn as_before() {
    if let Some(Copied { button, label, .. }) = COPIED.take() {
        button.set_inner_html(&label);
    }
}

/// Saves a field as a file of settings.
pub fn download(field: &str) {
    let Some(field) = Field::find(field) else {
        return;
    };
    let parts = js_sys::Array::of1(&format!("{VARIABLE}=\"{}\"\n", field.value()).into());
    let saved = Blob::new_with_str_sequence(&parts).and_then(|blob| {
        let url = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(FILE);
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
