//! Changing a description in place: the pencil, Enter, Escape.

use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::{
    dom::{find_in, listen},
    forms,
};

/// Puts the form in the place of the description.
pub fn open(pencil: &HtmlElement) {
    let Some((shown, form, input)) = parts(pencil) else {
        return;
    };
    shown.set_hidden(true);
    form.set_hidden(false);
    input.focus().ok();
    input.select();
}

/// Puts the description back, as it was.
pub fn cancel(inside: &Element) {
    let Some((shown, form, input)) = parts(inside) else {
        return;
    };
    input.set_value(&input.default_value());
    forms::clear_errors(&form);
    form.set_hidden(true);
    shown.set_hidden(false);
    if let Some(pencil) = find_in::<HtmlElement>(&shown, "[data-rename]") {
        pencil.focus().ok();
    }
}

fn parts(inside: &Element) -> Option<(HtmlElement, HtmlFormElement, HtmlInputElement)> {
    let cell = inside.closest(".name").ok()??;
    let form = find_in::<HtmlFormElement>(&cell, "form.rename")?;
    let input = find_in(&form, "input[name=description]")?;
    Some((find_in(&cell, "[data-rename-shown]")?, form, input))
}

/// Escape puts the description back.
pub fn start() {
    listen(
        &leptos::prelude::document(),
        "keydown",
        |event: web_sys::KeyboardEvent| {
            if event.key() == "Escape"
                && let Some(form) = super::dom::at::<Element>(&event, "form.rename")
            {
                event.prevent_default();
                cancel(&form);
            }
        },
    );
}
