//! Forms that are sent without leaving the page: busy while they wait, errors beside their fields.

use leptos::prelude::document;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    FormData, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement,
};

use super::{
    dom::{data, find_in, focus, go, here, text, toast},
    fetch::{self, Answer},
    region,
};

/// Whether the form is waiting for an answer.
fn is_busy(form: &HtmlFormElement) -> bool {
    form.has_attribute("aria-busy")
}

/// Marks the form as waiting, or not. Its button says so and cannot be pressed again.
pub fn set_busy(form: &HtmlFormElement, busy: bool) {
    if busy {
        form.set_attribute("aria-busy", "true").ok();
    } else {
        form.remove_attribute("aria-busy").ok();
    }
    let Some(button) = find_in::<HtmlButtonElement>(form, "button[type=submit]") else {
        return;
    };
    button.set_disabled(busy);
    let Some(label) = data(&button, "busy") else {
        return;
    };
    if busy {
        let before = button.text_content().unwrap_or_default();
        button.dataset().set("label", &before).ok();
        button.set_text_content(Some(&label));
    } else if let Some(before) = data(&button, "label") {
        button.set_text_content(Some(&before));
        button.dataset().delete("label");
    }
}

/// Takes all errors away.
pub fn clear_errors(form: &HtmlFormElement) {
    for error in super::dom::all_in::<HtmlElement>(form, "[data-error], [data-error-for]") {
        error.set_text_content(None);
    }
    for field in super::dom::all_in::<HtmlElement>(form, "[aria-invalid]") {
        field.remove_attribute("aria-invalid").ok();
    }
}

/// Puts an error beside its field and the focus into it, or above the form.
pub fn show_error(form: &HtmlFormElement, field: Option<&str>, message: &str) {
    let beside = field.and_then(|name| {
        let place = find_in::<HtmlElement>(form, &format!("[data-error-for={name}]"))?;
        let input = find_in::<HtmlElement>(form, &format!("[name={name}]"))?;
        Some((place, input))
    });
    if let Some((place, input)) = beside {
        input.set_attribute("aria-invalid", "true").ok();
        place.set_text_content(Some(message));
        input.focus().ok();
    } else if let Some(place) = find_in::<HtmlElement>(form, "[data-error]") {
        place.set_text_content(Some(message));
    }
}

/// An error is gone as soon as its field is being changed.
pub fn on_input(input: &HtmlElement) {
    if input.has_attribute("aria-invalid")
        && let Some(form) = input.closest("form").ok().flatten()
    {
        use wasm_bindgen::JsCast as _;
        input.remove_attribute("aria-invalid").ok();
        let name = input.get_attribute("name").unwrap_or_default();
        if let Ok(form) = form.dyn_into::<HtmlFormElement>()
            && let Some(error) = find_in::<HtmlElement>(&form, &format!("[data-error-for={name}]"))
        {
            error.set_text_content(None);
        }
    }
    count(input);
}

/// Shows how many characters a field holds, beside how many it may.
fn count(input: &HtmlElement) {
    use wasm_bindgen::JsCast as _;
    let Some(input) = input.dyn_ref::<HtmlInputElement>() else {
        return;
    };
    let counter = format!("[data-counter={}]", input.id());
    let Some(counter) =
        super::dom::find::<HtmlElement>(&counter).filter(|_| !input.id().is_empty())
    else {
        return;
    };
    let max = data(&counter, "max")
        .and_then(|max| max.parse().ok())
        .unwrap_or(usize::MAX);
    let used = input.value().trim().chars().count();
    counter.set_text_content(Some(&format!("{used}/{max}")));
    counter
        .class_list()
        .toggle_with_force("over", used > max)
        .ok();
}

/// Counts every field of a form afresh, as after a reset.
pub fn recount(form: &HtmlFormElement) {
    for input in super::dom::all_in::<HtmlElement>(form, "input") {
        count(&input);
    }
}

/// The session has ended: to the door, and back here afterwards.
pub fn sign_in_again() {
    let here = web_sys::Url::new(&here())
        .map(|url| format!("{}{}", url.pathname(), url.search()))
        .unwrap_or_default();
    let query = web_sys::UrlSearchParams::new().ok();
    if let Some(query) = query {
        query.set("to", &here);
        go(&format!("/sign-in?{}", String::from(query.to_string())));
    }
}

/// Sends a form to its action.
pub fn submit(form: HtmlFormElement) {
    if is_busy(&form) {
        return;
    }
    spawn_local(async move {
        clear_errors(&form);
        let Ok(values) = FormData::new_with_form(&form) else {
            return;
        };
        set_busy(&form, true);
        let url = form.get_attribute("action").unwrap_or_default();
        let answer = fetch::post(&url, &values).await;
        match answer {
            Answer::Done {
                location: Some(to), ..
            } => go(&to),
            Answer::Done { .. } => {
                set_busy(&form, false);
                done(&form).await;
            }
            Answer::Refused { status: 401, .. } => sign_in_again(),
            Answer::Refused {
                status,
                field,
                message,
            } => {
                set_busy(&form, false);
                show_error(&form, field.as_deref(), &message);
                if matches!(status, 403 | 404)
                    && let Some(region) = data(&form, "region")
                {
                    close_dialog(&form);
                    region::refresh(&region).await;
                    toast(&message);
                }
            }
            Answer::Lost => {
                set_busy(&form, false);
                show_error(&form, None, &text("textOffline"));
            }
        }
    });
}

async fn done(form: &HtmlFormElement) {
    let said = data(form, "done").unwrap_or_default();
    close_dialog(form);
    if let Some(region) = data(form, "region") {
        match data(form, "then") {
            Some(then) => region::show(&then, &region, region::Address::Replace).await,
            None => region::refresh(&region).await,
        };
        let wanted = ["focus", "fallbackFocus"];
        let lost = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        if lost {
            wanted
                .iter()
                .filter_map(|name| data(form, name))
                .any(|id| focus(&id));
        }
    }
    toast(&said);
}

fn close_dialog(form: &HtmlFormElement) {
    use wasm_bindgen::JsCast as _;
    if let Some(dialog) = form
        .closest("dialog")
        .ok()
        .flatten()
        .and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok())
    {
        dialog.close();
    }
}
