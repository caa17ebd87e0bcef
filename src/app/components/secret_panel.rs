//! The secret, once.

use leptos::prelude::*;

use super::Icon;
use crate::text::text;

/// Shows a new key's secret. In the dialog the field is empty until the answer has come; on the
/// page of its own it arrives filled, in an answer that nobody keeps. A key consists of letters,
/// digits and `_`, so as the field's content it needs no escaping.
#[component]
pub fn SecretPanel(
    /// The secret, on the page of its own.
    #[prop(optional_no_strip, into)]
    secret: Option<String>,
    /// What ends it.
    children: Children,
) -> impl IntoView {
    let t = text();
    view! {
        <p class="callout warning">{Icon::Warning.view()} <span>{t.keys.secret_once}</span></p>
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
                data-select-on-focus
                inner_html=secret.unwrap_or_default()
            ></textarea>
        </div>
        <div class="actions start needs-script">
            <button class="button" type="button" data-copy="secret">
                {Icon::Copy.view()}
                {t.keys.copy}
            </button>
            <button class="button" type="button" data-download="secret">
                {t.keys.download}
            </button>
        </div>
        {children()}
    }
}
