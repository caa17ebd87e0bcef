//! The page that somebody gets who uses a page of another account.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;

use crate::{
    components::{AuthLayout, RequestIdNote},
    islands::Region,
    paths, shell,
    text::{in_sentence, text},
};

/// Says who is signed in now, and leads to their settings. An island that asked for its page shows
/// this instead of all of it.
pub fn other_viewer_page(who: &str) -> Response {
    let t = &text().problem;
    let title = t.other_viewer_title;
    let who = in_sentence(who);
    let (explanation, label) = ((t.other_viewer)(&who), (t.continue_as)(&who));
    shell::page(StatusCode::CONFLICT, title, move || {
        view! {
            <Region>
            <div id="page">
                <AuthLayout title>
                    <p>{explanation}</p>
                    <p class="hint">{t.other_viewer_hint}</p>
                    <p>
                        <a class="button primary wide" href=paths::SETTINGS_HOME>
                            <bdi>{label}</bdi>
                        </a>
                    </p>
                    <RequestIdNote />
                </AuthLayout>
            </div>
            </Region>
        }
    })
}
