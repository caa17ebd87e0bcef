//! What pages say and leave out while the database is locked.

use leptos::prelude::*;

use super::Icon;
use crate::{islands::LOCKED, text::text};

/// Whether nothing can be changed; provided by the frame.
#[derive(Clone, Copy)]
pub struct ReadOnly(pub bool);

impl ReadOnly {
    pub fn is_set() -> bool {
        use_context::<Self>().is_some_and(|Self(read_only)| read_only)
    }
}

/// The banner of every page.
#[component]
pub fn Locked() -> impl IntoView {
    view! {
        <div id=LOCKED role="status">
            <LockedNote />
        </div>
    }
}

/// The same words in a dialog, which hides the banner.
#[component]
pub fn LockedNote() -> impl IntoView {
    view! {
        <p class="callout warning">
            {Icon::Warning.view()} <span>{text().frame.locked}</span>
        </p>
    }
}
