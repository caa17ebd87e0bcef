//! The section with the API keys of a user or a team: heading, list, and the dialog that creates a
//! key.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    CreateFormState, Icon, KeyListOwner, KeyListState,
    create_dialog::{CreateDialog, OpenCreateDialog},
    key_list::KeyList,
};
use crate::{
    islands::KeyListSection,
    text::{in_sentence, text},
};

#[component]
pub fn KeySection(state: KeyListState) -> impl IntoView {
    let t = text();
    let intro = match &state.owner {
        KeyListOwner::Team(_, name) => (t.keys.intro_team)(&in_sentence(name)),
        KeyListOwner::Viewer | KeyListOwner::Project(_) => t.keys.intro_own.to_owned(),
    };
    let team = state.team_id();
    let form = CreateFormState::new(team, None, state.page.now);
    let limit = state.page.limit;
    view! {
        <KeyListSection>
            <section class="section" aria-labelledby="keys-title">
                <div class="section-head">
                    <div>
                        <h2 id="keys-title" tabindex="-1">{t.keys.title}</h2>
                        <p class="intro">{intro}</p>
                    </div>
                    <OpenCreateDialog team class="button primary" id="create-open">
                        {Icon::Plus.view()}
                    </OpenCreateDialog>
                </div>
                {view! { <KeyList state=Arc::new(state) /> }.into_any()}
            </section>
            {view! { <CreateDialog form limit /> }.into_any()}
        </KeyListSection>
    }
}
