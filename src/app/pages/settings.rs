//! Settings: signing out.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::Visit;
use crate::{
    components::{FormProblem, Frame, Place},
    server_fns::accounts::SignOut,
    shell,
    text::text,
};

/// The page.
pub async fn settings(visit: Visit) -> Response {
    let t = text();
    let viewer = visit.viewer;
    let who = viewer
        .email
        .clone()
        .or_else(|| viewer.display_name.clone())
        .unwrap_or_else(|| viewer.user_id.to_string());
    shell::page(StatusCode::OK, t.settings.title, move || {
        view! {
            <Frame viewer place=Place::Settings>
                <section class="section" aria-labelledby="settings-title">
                    <h2 id="settings-title">{t.settings.title}</h2>
                    <h3>{t.settings.session}</h3>
                    <form class="stack" method="post" action=SignOut::PATH data-live="post">
                        <p>{(t.settings.signed_in_as)(&who)}</p>
                        <FormProblem />
                        <div class="actions start">
                            <button class="button" type="submit" data-busy=t.frame.working>
                                {t.settings.sign_out}
                            </button>
                        </div>
                    </form>
                </section>
            </Frame>
        }
    })
}
