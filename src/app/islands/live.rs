//! Makes the links and forms of a page work without a reload.

use leptos::prelude::*;

use crate::browser;

/// Takes over the forms and links that say `data-live`, announces what happened, and does the
/// small things: copying, selecting, counting. Without it they are plain forms and links.
#[island]
pub fn Live() -> impl IntoView {
    browser::live::start();
    view! {
        <div class="visually-hidden" role="status" aria-live="polite" id="announcer"></div>
        <div class="toast" id="toast" popover="manual" aria-hidden="true"></div>
    }
}
