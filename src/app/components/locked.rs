//! The banner while the database is locked.

use leptos::prelude::*;

use super::Icon;
use crate::text::text;

#[component]
pub fn Locked() -> impl IntoView {
    view! {
        <p class="callout warning" id="locked" role="status">
            {Icon::Warning.view()} <span>{text().frame.locked}</span>
        </p>
    }
}
