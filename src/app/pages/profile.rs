//! My profile, which is also the settings' first page.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::Visit;
use crate::{
    components::{FormProblem, Frame, Icon, Place, TextField},
    server_fns::accounts::RenameUser,
    shell,
    text::text,
};

/// The settings' first page: the list, and beside it, where there is room, the profile.
pub async fn home(visit: Visit) -> Response {
    show(visit, Place::Home, text().frame.title)
}

/// My profile.
pub async fn profile(visit: Visit) -> Response {
    show(visit, Place::Profile, text().profile.title)
}

fn show(visit: Visit, place: Place, title: &'static str) -> Response {
    let t = text();
    let viewer = visit.viewer;
    let name = viewer.display_name.clone().unwrap_or_default();
    let email = viewer
        .email
        .clone()
        .unwrap_or_else(|| t.profile.no_email.to_owned());
    let user_id = viewer.user_id.to_string();
    shell::page(StatusCode::OK, title, move || {
        view! {
            <Frame viewer place>
                <section class="section" aria-labelledby="profile-title">
                    <div class="section-head">
                        <div>
                            <h2 id="profile-title">{t.profile.title}</h2>
                            <p class="intro">{t.profile.intro}</p>
                        </div>
                    </div>
                    <form
                        class="stack narrow"
                        method="post"
                        action=RenameUser::PATH
                        data-live="post"
                        data-region="who"
                        data-done=t.profile.renamed
                    >
                        <FormProblem />
                        <TextField
                            id="display-name"
                            name="display_name"
                            label=t.profile.display_name
                            value=name
                            autocomplete="name"
                        />
                        <div class="actions start">
                            <button class="button primary" type="submit" data-busy=t.frame.working>
                                {t.word.save}
                            </button>
                        </div>
                    </form>
                    <dl class="facts">
                        <dt>{t.profile.email}</dt>
                        <dd><bdi>{email}</bdi></dd>
                        <dt>{t.profile.user_id}</dt>
                        <dd class="with-button">
                            <input
                                class="plain mono"
                                id="user-id"
                                type="text"
                                readonly
                                size="36"
                                value=user_id
                                aria-label=t.profile.user_id
                                autocomplete="off"
                                data-select-on-focus
                            />
                            <button class="button small needs-script" type="button" data-copy="user-id">
                                {Icon::Copy.view()}
                                {t.word.copy}
                            </button>
                        </dd>
                    </dl>
                </section>
            </Frame>
        }
    })
}
