//! The second step of the dialog that creates a key: the secret, once.

use leptos::prelude::*;

use super::create_key::CreateKeyContext;

/// The field that shows the secret. Nothing else holds it.
#[island]
pub fn SecretField() -> impl IntoView {
    let create = CreateKeyContext::around();
    view! {
        <textarea
            id="secret"
            class="secret"
            readonly
            rows="2"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            node_ref=create.secret
        ></textarea>
    }
}

/// The checkbox “I have saved this key”.
#[island]
pub fn SavedBox(children: Children) -> impl IntoView {
    let create = CreateKeyContext::around();
    view! {
        <label class="check">
            <input type="checkbox" autocomplete="off" node_ref=create.saved_box />
            {children()}
        </label>
    }
}

/// Asks to save the key first. Shown after an attempt to leave with an unsaved key.
#[island]
pub fn SaveFirst(children: Children) -> impl IntoView {
    let create = CreateKeyContext::around();
    view! {
        <p class="error" role="alert" hidden=move || !create.is_reminded.get()>
            {children()}
        </p>
    }
}

/// Closes the dialog, once the key is saved.
#[island]
pub fn DoneButton(children: Children) -> impl IntoView {
    let create = CreateKeyContext::around();
    view! {
        <button class="button primary" type="button" on:click=move |_| create.finish()>
            {children()}
        </button>
    }
}
