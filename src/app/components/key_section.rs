//! The API keys of a user or a team: the heading, the list, and the dialog that makes a key.

use latchkey_model::api_key::KeyPage;
use latchkey_model::{
    id::{ApiKeyId, CreationToken, TeamId},
    key_list::KeyListView,
};
use leptos::prelude::*;

use super::{CreateForm, CreateFormState, Icon, SecretPanel, key_list::KeyList};
use crate::{
    islands::CreateKey,
    paths::{self, KeysOf},
    text::text,
};

/// Whose keys a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The viewer's own.
    Own,
    /// Those of this team, and its name.
    Team(TeamId, String),
    /// Everybody's in the project of this name.
    Project(String),
}

/// What the section shows.
#[derive(Debug, Clone)]
pub struct KeySectionState {
    /// Whose keys these are.
    pub whose: Whose,
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
    /// The team whose keys these are, if they are one team's.
    pub const fn team_id(&self) -> Option<TeamId> {
        match self.whose {
            Whose::Team(id, _) => Some(id),
            Whose::Own | Whose::Project(_) => None,
        }
    }

    /// Where their page is.
    pub const fn of(&self) -> KeysOf {
        match self.whose {
            Whose::Own => KeysOf::Own,
            Whose::Team(id, _) => KeysOf::Team(id),
            Whose::Project(_) => KeysOf::Project,
        }
    }

    /// Whether keys of several owners stand together, which are looked at and ended, and no more.
    pub const fn is_inventory(&self) -> bool {
        matches!(self.whose, Whose::Project(_))
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
    let intro = match &state.whose {
        Whose::Team(_, name) => (t.keys.intro_team)(name),
        Whose::Own | Whose::Project(_) => t.keys.intro_own.to_owned(),
    };
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
