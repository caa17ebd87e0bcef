//! Buttons that show progress or success.

use leptos::prelude::*;

use super::Icon;
use crate::{
    islands::{CopyButton, SubmitButton},
    text::text,
};

/// The submit button of a form. `look` is one or more of `primary`, `danger`, `small` and `wide`.
#[component]
pub fn Submit(
    label: &'static str,
    /// The label while the request is pending.
    #[prop(default = text().frame.working)]
    busy: &'static str,
    #[prop(optional)] look: &'static str,
) -> impl IntoView {
    view! {
        <span class=format!("contents {look}")>
            <SubmitButton>
                <span class="label">{label}</span>
                <span class="busy">{busy}</span>
            </SubmitButton>
        </span>
    }
}

/// The button that copies the field next to it.
#[component]
pub fn CopyControl(#[prop(optional)] look: &'static str) -> impl IntoView {
    let t = text();
    view! {
        <span class=format!("contents {look}")>
            <CopyButton>
                <span class="label">{Icon::Copy.view()} {t.word.copy}</span>
                <span class="busy">{t.frame.copied}</span>
            </CopyButton>
        </span>
    }
}
