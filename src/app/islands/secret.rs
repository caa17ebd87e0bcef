//! The secret of a new key: shown once, never lost by accident, and cleared when it is left.

use leptos::{ev, html, prelude::*};

use super::page::on_window;
use crate::browser::dom::{focus_first, focused, go_back, push_entry};

/// The secret on the screen. It is in the field that shows it, and nowhere else.
#[derive(Clone, Copy)]
pub struct SecretContext {
    pub dialog: NodeRef<html::Dialog>,
    field: NodeRef<html::Textarea>,
    /// Ticked by a person who has saved the secret.
    saved_box: NodeRef<html::Input>,
    /// Whether the dialog shows the secret; otherwise the form.
    pub is_shown: RwSignal<bool>,
    /// The box is ticked.
    is_saved: RwSignal<bool>,
    /// The person tried to leave without having saved the secret.
    is_reminded: RwSignal<bool>,
    /// The history has an entry for the secret, which Back leaves instead of the page.
    has_entry: RwSignal<bool>,
}

impl SecretContext {
    pub fn provide() -> Self {
        let context = Self {
            dialog: NodeRef::new(),
            field: NodeRef::new(),
            saved_box: NodeRef::new(),
            is_shown: RwSignal::new(false),
            is_saved: RwSignal::new(false),
            is_reminded: RwSignal::new(false),
            has_entry: RwSignal::new(false),
        };
        provide_context(context);
        context
    }

    /// Returns the context of the dialog around.
    fn around() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Shows the secret, and guards it from now on.
    pub fn show(self, secret: &str) {
        if let Some(field) = element(self.field) {
            field.set_value(secret);
        }
        self.is_shown.set(true);
        // Closed while the answer was on its way, the dialog would hide the secret.
        self.open();
        push_entry(None);
        self.has_entry.set(true);
    }

    /// Moves the focus to the field, which selects the secret.
    pub fn focus(self) {
        if let Some(field) = element(self.field) {
            field.focus().ok();
        }
    }

    fn clear(self) {
        if let Some(field) = element(self.field) {
            field.set_value("");
        }
    }

    /// Whether closing the dialog would lose the secret.
    fn must_stay(self) -> bool {
        self.is_shown.get_untracked() && !self.is_saved.get_untracked()
    }

    fn remind(self) {
        self.is_reminded.set(true);
        if let Some(saved_box) = element(self.saved_box) {
            saved_box.focus().ok();
        }
    }

    fn open(self) {
        if let Some(dialog) = element(self.dialog).filter(|dialog| !dialog.open()) {
            dialog.show_modal().ok();
        }
    }

    /// Closes the dialog, unless the secret would be lost.
    fn finish(self) {
        if self.must_stay() {
            self.remind();
        } else if let Some(dialog) = element(self.dialog) {
            dialog.close();
        }
    }

    /// Escape. While the secret is shown, the browser would answer it in silence.
    pub fn on_escape(self, event: &ev::Event) {
        if self.is_shown.get_untracked() {
            event.prevent_default();
            self.finish();
        }
    }

    /// A click outside of the dialog is one on its backdrop, and so one on the dialog itself, but not within its bounds.
    pub fn on_click(self, event: &ev::MouseEvent) {
        let Some(dialog) = element(self.dialog).filter(|_| self.must_stay()) else {
            return;
        };
        let (x, y) = (event.offset_x(), event.offset_y());
        let is_within =
            (0..dialog.offset_width()).contains(&x) && (0..dialog.offset_height()).contains(&y);
        if event.target().as_ref() == Some(&dialog) && !is_within {
            self.remind();
        }
    }

    /// The dialog was closed, perhaps in a way that could not be prevented. Returns whether it stays
    /// closed; then the secret is cleared.
    pub fn on_close(self) -> bool {
        if self.must_stay() {
            self.open();
            self.remind();
            return false;
        }
        self.clear();
        self.is_shown.set(false);
        self.is_reminded.set(false);
        if let Some(saved_box) = element(self.saved_box) {
            saved_box.set_checked(false);
        }
        self.is_saved.set(false);
        if self.has_entry.get_untracked() {
            self.has_entry.set(false);
            go_back();
        }
        if focused().is_none() {
            focus_first(["create-open"]);
        }
        true
    }

    /// Warns before leaving with an unsaved secret, and clears the secret when the page is left.
    pub fn guard(self) {
        on_window("beforeunload", move |event| {
            if self.must_stay() {
                event.prevent_default();
            }
        });
        on_window("popstate", move |_| {
            if self.must_stay() {
                push_entry(None);
                self.remind();
            } else if self.is_shown.get_untracked() {
                self.has_entry.set(false);
                self.finish();
            }
        });
        on_window("pagehide", move |_| {
            self.clear();
            self.is_shown.set(false);
        });
    }
}

/// Returns the element, while its island is there.
fn element<E>(node: NodeRef<E>) -> Option<E::Output>
where
    E: html::ElementType,
    E::Output: wasm_bindgen::JsCast + Clone + 'static,
{
    node.try_get_untracked().flatten()
}

/// The field that shows the secret.
#[island]
pub fn SecretField() -> impl IntoView {
    let secret = SecretContext::around();
    view! {
        <textarea
            id="secret"
            class="secret"
            readonly
            rows="2"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            node_ref=secret.field
        ></textarea>
    }
}

/// The box by which the person says that they have saved the key.
#[island]
pub fn SavedBox(children: Children) -> impl IntoView {
    let secret = SecretContext::around();
    let change = move |event: ev::Event| {
        let is_saved = event_target_checked(&event);
        secret.is_saved.set(is_saved);
        if is_saved {
            secret.is_reminded.set(false);
        }
    };
    view! {
        <label class="check">
            <input type="checkbox" autocomplete="off" node_ref=secret.saved_box on:change=change />
            {children()}
        </label>
    }
}

/// Asks to save the key first, once somebody tried to leave without.
#[island]
pub fn SaveFirst(children: Children) -> impl IntoView {
    let secret = SecretContext::around();
    view! {
        <p class="error" role="alert" hidden=move || !secret.is_reminded.get()>
            {children()}
        </p>
    }
}

/// Closes the dialog, once the key is saved. Pressed before, it says what is missing, which a button that is `disabled`
/// cannot.
#[island]
pub fn DoneButton(children: Children) -> impl IntoView {
    let secret = SecretContext::around();
    view! {
        <button
            class="button"
            class:primary=move || secret.is_saved.get()
            type="button"
            aria-disabled=move || (!secret.is_saved.get()).then_some("true")
            on:click=move |_| secret.finish()
        >
            {children()}
        </button>
    }
}
