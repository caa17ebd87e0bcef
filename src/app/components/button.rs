//! Buttons that change while something happens.

use leptos::prelude::*;

use super::Icon;
use crate::{
    islands::{CopyButton, SubmitButton},
    text::text,
};

/// The button that sends a form. `look` is `primary`, `danger`, `small`, `wide`, or several of them.
#[component]
pub fn Submit(
    label: &'static str,
    /// The label while an answer is awaited.
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

/// The button that copies the field beside it.
#[component]
pub fn Copy(#[prop(optional)] look: &'static str) -> impl IntoView {
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
