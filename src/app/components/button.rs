//! Buttons that show progress or success.

use leptos::{either::Either, prelude::*};

use super::{Icon, ReadOnly};
use crate::{
    islands::{CopyButton, SubmitButton},
    text::text,
};

/// The submit button of a form. `look` is one or more of `primary`, `danger`, `small` and `wide`. It is
/// disabled while nothing can be changed.
#[component]
pub fn Submit(
    label: &'static str,
    /// The label while the request is pending.
    #[prop(default = text().frame.working)]
    busy: &'static str,
    #[prop(optional)] look: &'static str,
    /// What it is about, for those who hear the label alone.
    #[prop(optional, into)]
    of: Option<String>,
    /// Whether it can be used all the same.
    #[prop(optional)]
    always: bool,
) -> impl IntoView {
    let of = of.map(|of| view! { <span class="visually-hidden">" " {of}</span> });
    let button = if ReadOnly::is_set() && !always {
        Either::Left(view! {
            <button class="button" type="submit" disabled>
                {label} {of}
            </button>
        })
    } else {
        Either::Right(view! {
            <SubmitButton>
                <span class="label">{label} {of}</span>
                <span class="busy">{busy}</span>
            </SubmitButton>
        })
    };
    view! { <span class=format!("contents {look}")>{button}</span> }
}

/// The button that copies the field next to it.
#[component]
pub fn CopyControl(#[prop(optional)] look: &'static str) -> impl IntoView {
    let t = text();
    view! {
        <span class=format!("contents {look}")>
            <CopyButton>
                <span class="label">{Icon::Copy.view()} {t.word.copy}</span>
                <span class="busy">{Icon::Check.view()} {t.frame.copied}</span>
            </CopyButton>
        </span>
    }
}
