//! The limit of an owner's keys, where it is near or reached.

use latchkey_model::api_key::KeyLimit;
use leptos::prelude::*;

use super::Icon;
use crate::text::text;

/// Stands above the list. Empty while the limit is far; the class `full` once it is reached, by which
/// the style sheet turns the dialog's form into its explanation.
#[component]
pub fn KeyLimitNote(limit: Option<KeyLimit>) -> impl IntoView {
    let t = text();
    let limit = limit.filter(|limit| limit.is_near());
    let full = limit.is_some_and(KeyLimit::is_reached);
    let words = limit.map(|limit| {
        if full {
            (t.keys.limit_reached)(limit.most)
        } else {
            (t.keys.limit_near)(limit.valid, limit.most)
        }
    });
    view! {
        <div class="key-limit" id="key-limit" class:full=full>
            {words.map(|words| view! { <p class="hint">{words}</p> })}
        </div>
    }
}

/// Stands where the form would, once a limit is reached.
#[component]
pub fn KeyLimitReached(message: String) -> impl IntoView {
    view! {
        <p class="callout warning">
            {Icon::Warning.view()}
            <span>{message}</span>
        </p>
    }
}
