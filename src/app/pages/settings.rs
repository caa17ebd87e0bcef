//! Settings: the session and signing out.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::SignedInVisitor;
use crate::{
    components::{Frame, Place, Submit},
    islands::{FormError, SignOutForm},
    server_fns::accounts::SignOut,
    shell,
    text::text,
};

pub async fn settings(visitor: SignedInVisitor) -> Response {
    let t = text();
    let viewer = visitor.viewer;
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
                    <SignOutForm>
                    <form class="stack box" method="post" action=SignOut::PATH>
                        <p>{(t.settings.signed_in_as)(&who)}</p>
                        <FormError />
                        <div class="actions start">
                            <Submit label=t.settings.sign_out />
                        </div>
                    </form>
                    </SignOutForm>
                </section>
            </Frame>
        }
    })
}
