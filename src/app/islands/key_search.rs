//! The search form of a list of API keys.

use latchkey_model::{key_list::DEFAULT_PAGE_SIZE, key_text::find_key};
use wasm_bindgen::JsCast as _;
use web_sys::{
    Document, Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement,
    UrlSearchParams,
};

use crate::browser::{
    digest::sha256,
    dom::{FormValues, by_id, closest, find, is_focused},
    fetch::DIGEST,
};

/// The id of the words that say which key it is that was pasted into the search.
pub const PASTED_KEY: &str = "pasted-key";

/// A view to be shown.
#[derive(Clone, Default)]
pub struct View {
    pub url: String,
    /// The form that it answers.
    pub form: Option<String>,
}

impl From<String> for View {
    fn from(url: String) -> Self {
        Self { url, form: None }
    }
}

/// The form around an event, if it is the search form.
pub fn search_form(event: &Event) -> Option<HtmlFormElement> {
    closest(event, "form[role=search]")
}

/// The field for the text.
fn text_field(form: &HtmlFormElement) -> Option<HtmlInputElement> {
    find(form, "[name=q]")
}

/// Takes a key out of the search form, if one was typed or pasted into it.
pub fn take_key(form: &HtmlFormElement) -> Option<String> {
    let field = text_field(form)?;
    let key = find_key(&field.value())?;
    field.set_value("");
    Some(key)
}

/// Returns the view that shows which key of the list this is. Only the key's digest is sent; a browser
/// that cannot compute it posts the form itself.
pub async fn view_of_key(form: &HtmlFormElement, key: &str) -> Option<View> {
    let Some(digest) = sha256(key).await else {
        text_field(form)?.set_value(key);
        form.submit().ok();
        return None;
    };
    Some(View {
        url: form.get_attribute("action")?,
        form: Some([DIGEST, "=", &digest].concat()),
    })
}

/// The address of the view that the search form asks for. What is as it is by default is left out.
pub fn search_url(form: &HtmlFormElement) -> Option<String> {
    let (values, query) = (FormValues::of(form)?, UrlSearchParams::new().ok()?);
    for name in ["q", "status", "inactive", "sort", "size"] {
        let value = values.text(name);
        if !value.trim().is_empty() && (name, value.as_str()) != ("size", DEFAULT_PAGE_SIZE) {
            query.set(name, &value);
        }
    }
    let query = String::from(query.to_string());
    let separator = if query.is_empty() { "" } else { "?" };
    Some(form.get_attribute("action")? + separator + &query)
}

/// The search form stays while the list changes. It shows what the list shows, except, unless `all`, in
/// the field that has the focus: somebody may be typing.
pub fn sync_search(new: &Document, all: bool) {
    let (Some(old), Some(new)) = (
        by_id::<HtmlElement>("key-search"),
        new.get_element_by_id("key-search"),
    ) else {
        return;
    };
    old.set_hidden(new.has_attribute("hidden"));
    for selector in ["[name=q]", "[name=status]", "[name=sort]", "[name=size]"] {
        let field = |form: &Element| find::<Element>(form, selector);
        let (Some(field), Some(value)) = (field(&old), field(&new).map(|field| value_of(&field)))
        else {
            continue;
        };
        if all || !is_focused(&field) {
            set_value(&field, &value);
        }
    }
}

fn value_of(field: &Element) -> String {
    match field.dyn_ref::<HtmlSelectElement>() {
        Some(select) => select.value(),
        None => field.get_attribute("value").unwrap_or_default(),
    }
}

fn set_value(field: &Element, value: &str) {
    match field.dyn_ref::<HtmlSelectElement>() {
        Some(select) => select.set_value(value),
        None => field.unchecked_ref::<HtmlInputElement>().set_value(value),
    }
}
