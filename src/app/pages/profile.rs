//! The profile, which is also the start page of the settings.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::SignedInVisitor;
use crate::{
    components::{CopyControl, FormError, Frame, Place, PostForm, Submit, TextField},
    islands::{CopyField, RenameUserForm},
    server_fns::accounts::RenameUser,
    shell,
    text::text,
};

/// The start page of the settings: the navigation and, in a wide window, the profile.
pub async fn home(visitor: SignedInVisitor) -> Response {
    show(visitor, Place::Home, text().frame.title)
}

pub async fn profile(visitor: SignedInVisitor) -> Response {
    show(visitor, Place::Profile, text().profile.title)
}

fn show(visitor: SignedInVisitor, place: Place, title: &'static str) -> Response {
    let t = text();
    let message = visitor.message(None);
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let name = viewer.display_name.clone().unwrap_or_default();
    let email = viewer
        .email
        .clone()
        .unwrap_or_else(|| t.profile.no_email.to_owned());
    let user_id = viewer.user_id.to_string();
    shell::page(StatusCode::OK, title, move || {
        view! {
            <Frame viewer viewer_digest place message>
                <section class="section" aria-labelledby="profile-title">
                    <div class="section-head">
                        <h2 id="profile-title">{t.profile.title}</h2>
                    </div>
                    <RenameUserForm>
                    <PostForm class="stack box setting" action=RenameUser::PATH>
                        <FormError />
                        <TextField
                            id="display-name"
                            name="display_name"
                            label=t.profile.display_name
                            value=name
                            hint=t.profile.intro
                            autocomplete="name"
                        />
                        <div class="actions">
                            <Submit label=t.word.save look="primary" />
                        </div>
                    </PostForm>
                    </RenameUserForm>
                    <dl class="facts">
                        <dt>{t.profile.email}</dt>
                        <dd><bdi>{email}</bdi></dd>
                        <dt>{t.profile.user_id}</dt>
                        <dd class="with-button">
                            <CopyField>
                                <textarea
                                    class="plain mono"
                                    id="user-id"
                                    readonly
                                    rows="1"
                                    aria-label=t.profile.user_id
                                    autocomplete="off"
                                    spellcheck="false"
                                >
                                    {user_id}
                                </textarea>
                                <CopyControl look="small" />
                            </CopyField>
                        </dd>
                    </dl>
                </section>
            </Frame>
        }
    })
}
