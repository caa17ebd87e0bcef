//! Settings: the session and signing out.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::SignedInVisitor;
use crate::{
    components::{FormError, Frame, Place, PostForm, Submit},
    islands::SignOutForm,
    server_fns::accounts::SignOut,
    shell,
    text::{in_sentence, text},
    viewer_guard::name,
};

pub async fn settings(visitor: SignedInVisitor) -> Response {
    let t = text();
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let who = name(
        viewer.email.clone(),
        viewer.display_name.clone(),
        viewer.user_id,
    );
    shell::page(StatusCode::OK, t.settings.title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::Settings>
                <section class="section" aria-labelledby="settings-title">
                    <h2 id="settings-title">{t.settings.title}</h2>
                    <SignOutForm>
                    <PostForm class="stack box" action=SignOut::PATH>
                        <h3>{t.settings.session}</h3>
                        <p class="quiet">{(t.settings.signed_in_as)(&in_sentence(&who))}</p>
                        <FormError />
                        <div class="actions">
                            <Submit label=t.settings.sign_out always=true />
                        </div>
                    </PostForm>
                    </SignOutForm>
                </section>
            </Frame>
        }
    })
}
