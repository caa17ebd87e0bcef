//! The API keys of a user or a team: the heading, the list, and the dialog that makes a key.

use latchkey_model::{
    id::{ApiKeyId, CreationToken, TeamId},
    key_list::KeyListView,
};
use latchkey_server::domain::api_keys::KeyPage;
use leptos::prelude::*;

use super::{CreateForm, CreateFormState, Icon, SecretPanel, key_list::KeyList};
use crate::{islands::CreateKey, paths, text::text};

/// What the section shows.
#[derive(Debug, Clone)]
pub struct KeySectionState {
    /// The team whose keys these are, and its name; the viewer's own where there is none.
    pub team: Option<(TeamId, String)>,
    /// Which keys, in which order.
    pub view: KeyListView,
    /// The keys.
    pub page: KeyPage,
    /// The key whose description is being changed, where there is no script.
    pub rename: Option<ApiKeyId>,
    /// The key that is about to be revoked, where there is no script.
    pub revoke: Option<ApiKeyId>,
    /// For the form that makes a key.
    pub token: CreationToken,
}

impl KeySectionState {
    /// The team whose keys these are.
    pub fn team_id(&self) -> Option<TeamId> {
        self.team.as_ref().map(|(id, _)| *id)
    }
}

/// The section.
#[component]
pub fn KeySection(
    /// What it shows.
    state: KeySectionState,
) -> impl IntoView {
    let t = text();
    let team = state.team_id();
    let intro = state.team.as_ref().map_or_else(
        || t.keys.intro_own.to_owned(),
        |(_, name)| (t.keys.intro_team)(name),
    );
    let form = CreateFormState::new(team, state.token, state.page.now);
    view! {
        <section class="section" aria-labelledby="keys-title">
            <div class="section-head">
                <div>
                    <h2 id="keys-title" tabindex="-1">{t.keys.title}</h2>
                    <p class="intro">{intro}</p>
                </div>
                <button
                    class="button primary needs-script"
                    type="button"
                    id="create-open"
                    command="show-modal"
                    commandfor="create-dialog"
                >
                    {Icon::Plus.view()}
                    {t.keys.create}
                </button>
                <noscript>
                    <a class="button primary" href=paths::new_key(team)>
                        {Icon::Plus.view()}
                        {t.keys.create}
                    </a>
                </noscript>
            </div>
            {view! { <KeyList state /> }.into_any()}
        </section>
        <dialog class="dialog" id="create-dialog" aria-labelledby="create-title">
            <CreateKey>
                <div data-step="form">
                    <h2 id="create-title">{t.keys.create_title}</h2>
                    {view! {
                        <CreateForm state=form>
                            <button class="button" type="button" command="close" commandfor="create-dialog">
                                {t.word.cancel}
                            </button>
                        </CreateForm>
                    }.into_any()}
                </div>
                <div data-step="secret" class="stack" hidden=true data-done=t.keys.created data-save-first=t.keys.save_first>
                    <h2 tabindex="-1" data-secret-title>{t.keys.created_title}</h2>
                    <SecretPanel>
                        <label class="check">
                            <input type="checkbox" data-saved autocomplete="off" />
                            <span>{t.keys.saved_box}</span>
                        </label>
                        <p class="error" data-save-first-error role="alert"></p>
                        <div class="actions">
                            <button class="button primary" type="button" data-close>
                                {t.keys.done}
                            </button>
                        </div>
                    </SecretPanel>
                </div>
            </CreateKey>
        </dialog>
    }
}
