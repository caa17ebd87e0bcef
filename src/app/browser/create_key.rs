//! The dialog that makes a key. The secret goes from the answer into the one field that shows it,
//! and nowhere else; leaving the page or closing the dialog empties the field.

use std::{cell::Cell, rc::Rc};

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Event, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    HtmlTextAreaElement,
};

use super::{
    dom::{announce, at, by_id, data, find_in, focus, listen, text},
    fetch::{self, Answer},
    forms, region,
};

const LIST: &str = "key-list";

/// The parts of the dialog.
struct Dialog {
    window: HtmlDialogElement,
    form: HtmlFormElement,
    form_step: HtmlElement,
    secret_step: HtmlElement,
    secret: HtmlTextAreaElement,
    saved: HtmlInputElement,
    save_first: HtmlElement,
    /// A secret is on the screen.
    showing: Cell<bool>,
    /// The last try got no answer, so it may have made a key.
    lost: Cell<bool>,
}

/// Makes the dialog live, where the page has one.
pub fn start() {
    let Some(parts) = Dialog::find().map(Rc::new) else {
        return;
    };
    let d = Rc::clone(&parts);
    listen(&parts.form, "submit", move |event: Event| {
        event.prevent_default();
        let d = Rc::clone(&d);
        spawn_local(async move { d.create().await });
    });
    let d = Rc::clone(&parts);
    listen(&parts.window, "click", move |event: Event| {
        if at::<HtmlElement>(&event, "[data-close]").is_some() {
            d.close();
        }
    });
    // Escape: the browser lets it be refused once, so a close that happens anyway is undone.
    let d = Rc::clone(&parts);
    listen(&parts.window, "cancel", move |event: Event| {
        if d.must_stay() {
            event.prevent_default();
            d.ask_to_save();
        }
    });
    let d = Rc::clone(&parts);
    listen(&parts.window, "close", move |_: Event| {
        if d.must_stay() {
            d.window.show_modal().ok();
            d.ask_to_save();
        } else {
            d.reset();
        }
    });
    let d = Rc::clone(&parts);
    listen(&window(), "beforeunload", move |event: Event| {
        if d.must_stay() {
            event.prevent_default();
        }
    });
    // Back: the secret's own entry in the history was left; it is made again.
    let d = Rc::clone(&parts);
    listen(&window(), "popstate", move |event: Event| {
        if d.must_stay() {
            event.stop_immediate_propagation();
            push_entry();
            d.ask_to_save();
        }
    });
    let d = Rc::clone(&parts);
    listen(&window(), "pagehide", move |_: Event| {
        d.secret.set_value("");
    });
}

/// An entry that Back leaves instead of the page.
fn push_entry() {
    if let Ok(history) = window().history() {
        history.push_state(&JsValue::NULL, "").ok();
    }
}

impl Dialog {
    fn find() -> Option<Self> {
        let dialog: HtmlDialogElement = by_id("create-dialog")?;
        let secret_step: HtmlElement = find_in(&dialog, "[data-step=secret]")?;
        Some(Self {
            form: find_in(&dialog, "form")?,
            form_step: find_in(&dialog, "[data-step=form]")?,
            secret: find_in(&dialog, "#secret")?,
            saved: find_in(&secret_step, "[data-saved]")?,
            save_first: find_in(&secret_step, "[data-save-first-error]")?,
            window: dialog,
            secret_step,
            showing: Cell::new(false),
            lost: Cell::new(false),
        })
    }

    fn must_stay(&self) -> bool {
        self.showing.get() && !self.saved.checked()
    }

    fn ask_to_save(&self) {
        let message = data(&self.secret_step, "saveFirst").unwrap_or_default();
        self.save_first.set_text_content(Some(&message));
        self.saved.focus().ok();
    }

    async fn create(&self) {
        if self.form.has_attribute("aria-busy") || self.showing.get() {
            return;
        }
        let Some(values) = self.values() else {
            return;
        };
        forms::clear_errors(&self.form);
        forms::set_busy(&self.form, true);
        let url = data(&self.form, "fn").unwrap_or_default();
        let answer = fetch::post(&url, &values).await;
        forms::set_busy(&self.form, false);
        self.lost.set(matches!(answer, Answer::Lost));
        match answer {
            Answer::Done { value, .. } => {
                if let Some(token) = fetch::get(&value, "next_token") {
                    self.set_token(&token);
                }
                if let Some(secret) = fetch::get(&value, "secret") {
                    self.show(&secret);
                }
                region::refresh(LIST).await;
            }
            Answer::Refused { status: 401, .. } => forms::sign_in_again(),
            Answer::Refused {
                status,
                field,
                message,
            } => {
                forms::show_error(&self.form, field.as_deref(), &message);
                if matches!(status, 403 | 404 | 409) {
                    self.renew().await;
                }
            }
            Answer::Lost => forms::show_error(&self.form, None, &text("textOffline")),
        }
    }

    /// What the form sends; a date of one's own also as the instant it means here.
    fn values(&self) -> Option<FormData> {
        let values = FormData::new_with_form(&self.form).ok()?;
        let custom = values
            .get("custom")
            .as_string()
            .filter(|text| !text.is_empty());
        if let Some(local) = custom {
            let millis = js_sys::Date::new(&local.into()).get_time();
            if millis.is_finite() {
                values
                    .append_with_str("custom_millis", &millis.to_string())
                    .ok();
            }
        }
        if self.lost.get() {
            values.append_with_str("retry", "1").ok();
        }
        Some(values)
    }

    fn show(&self, secret: &str) {
        self.showing.set(true);
        self.secret.set_value(secret);
        if !self.window.open() {
            // Closed while the answer was on its way: the secret must not stay out of sight.
            self.window.show_modal().ok();
        }
        self.form_step.set_hidden(true);
        self.secret_step.set_hidden(false);
        self.window.set_attribute("closedby", "none").ok();
        push_entry();
        self.secret.focus().ok();
        announce(&data(&self.secret_step, "done").unwrap_or_default());
    }

    /// The list shows the new key, and the form gets a new token.
    async fn renew(&self) {
        if !region::refresh(LIST).await {
            return;
        }
        let token = by_id::<HtmlElement>(LIST).and_then(|list| data(&list, "token"));
        if let Some(token) = token {
            self.set_token(&token);
        }
    }

    fn set_token(&self, token: &str) {
        if let Some(field) = find_in::<HtmlInputElement>(&self.form, "[name=token]") {
            field.set_default_value(token);
            field.set_value(token);
        }
    }

    /// “Done”.
    fn close(&self) {
        if self.must_stay() {
            self.ask_to_save();
        } else {
            self.window.close();
        }
    }

    /// The dialog as it was before, without the secret.
    fn reset(&self) {
        let was_showing = self.showing.replace(false);
        self.secret.set_value("");
        self.saved.set_checked(false);
        self.save_first.set_text_content(None);
        self.secret_step.set_hidden(true);
        self.form_step.set_hidden(false);
        self.window.remove_attribute("closedby").ok();
        self.form.reset();
        forms::clear_errors(&self.form);
        forms::recount(&self.form);
        if was_showing {
            if let Ok(history) = window().history() {
                history.back().ok();
            }
            let lost = document()
                .active_element()
                .is_none_or(|active| active.tag_name() == "BODY");
            if lost {
                focus("create-open");
            }
        }
    }
}
