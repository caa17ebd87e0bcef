//! The id of a request, for whoever asks for support.

use leptos::prelude::*;

use crate::{request_log::current_id, text::text};

/// Stands at the end of an error page. The log has the id on each line of the request.
#[component]
pub fn RequestIdNote() -> impl IntoView {
    current_id().map(|id| {
        view! {
            <p class="hint" id="request-id">
                {text().problem.request_id}
                " "
                <code>{id.as_str().to_owned()}</code>
            </p>
        }
    })
}
