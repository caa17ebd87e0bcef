//! The secret of a new key, on its own page.

use leptos::prelude::*;

use super::Icon;
use crate::text::text;

/// The warning that the secret is shown only once.
#[component]
pub fn SecretWarning() -> impl IntoView {
    let t = text();
    view! { <p class="callout warning">{Icon::Warning.view()} <span>{t.keys.secret_once}</span></p> }
}

/// Shows the secret. The response must not be cached.
#[component]
pub fn SecretPanel(
    secret: String,
    /// The form that leads on.
    children: Children,
) -> impl IntoView {
    let t = text();
    view! {
        <SecretWarning />
        <div class="field">
            <div class="field-label">
                <label for="secret">{t.keys.secret_label}</label>
            </div>
            <textarea
                id="secret"
                class="secret"
                readonly
                rows="2"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            >
                {secret}
            </textarea>
        </div>
        {children()}
    }
}
