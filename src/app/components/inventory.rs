//! All API keys of the project, for its administrators.

use std::sync::Arc;

use latchkey_model::project::ProjectSettings;
use leptos::prelude::*;

use super::{Icon, KeyListOwner, KeyListState, key_list::KeyList};
use crate::{
    islands::KeyListSection,
    text::{in_sentence, text},
};

#[component]
pub fn Inventory(state: KeyListState, settings: ProjectSettings) -> impl IntoView {
    let t = text();
    let intro = match &state.owner {
        KeyListOwner::Project(name) => Some((t.project.all_intro)(&in_sentence(name))),
        KeyListOwner::Viewer | KeyListOwner::Team(..) => None,
    };
    let off = match (settings.allow_user_api_keys, settings.allow_team_api_keys) {
        (true, true) => None,
        (false, true) => Some(t.project.user_keys_off_notice),
        (true, false) => Some(t.project.team_keys_off_notice),
        (false, false) => Some(t.project.all_keys_off_notice),
    };
    let rest = off.filter(|_| state.page.total > 0).map(|words| {
        view! {
            <p class="callout warning rest">
                {Icon::Warning.view()}
                <span>{words}</span>
            </p>
        }
    });
    view! {
        <KeyListSection>
        <section class="section" aria-labelledby="keys-title">
            <div class="section-head">
                <div>
                    <h2 id="keys-title" tabindex="-1">{t.project.all_title}</h2>
                    <p class="intro">{intro}</p>
                </div>
            </div>
            {rest}
            {view! { <KeyList state=Arc::new(state) /> }.into_any()}
        </section>
        </KeyListSection>
    }
}
