//! The section with the API keys of a user or a team: heading, list, and the dialog that creates a
//! key.

use std::sync::Arc;

use latchkey_model::api_key::KeyPage;
use latchkey_model::{
    id::{ApiKeyId, CreationToken, TeamId},
    key_list::KeyListView,
};
use leptos::prelude::*;

use super::{
    Copy, CreateForm, CreateFormState, Icon, key_list::KeyList, secret_panel::SecretWarning,
};
use crate::{
    islands::{
        CloseDialog, CopyField, CreateKey, DoneButton, DownloadButton, KeyListSection, OpenDialog,
        SaveFirst, SavedBox, SecretField,
    },
    paths::{self, KeyListPage},
    text::text,
};

/// The owner of the keys in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyListOwner {
    Viewer,
    /// The team and its name.
    Team(TeamId, String),
    /// All users and teams of the project with this name. These keys can only be revoked.
    Project(String),
}

/// The state of a list.
#[derive(Debug, Clone)]
pub struct KeyListState {
    pub owner: KeyListOwner,
    pub view: KeyListView,
    pub page: KeyPage,
    /// The key whose rename form is open, without script.
    pub rename: Option<ApiKeyId>,
    /// The key whose revoke dialog is open, without script.
    pub revoke: Option<ApiKeyId>,
    /// The token for the form that creates a key.
    pub token: CreationToken,
}

impl KeyListState {
    /// The team that owns the keys, if one does.
    pub const fn team_id(&self) -> Option<TeamId> {
        match self.owner {
            KeyListOwner::Team(id, _) => Some(id),
            KeyListOwner::Viewer | KeyListOwner::Project(_) => None,
        }
    }

    pub const fn on(&self) -> KeyListPage {
        match self.owner {
            KeyListOwner::Viewer => KeyListPage::Own,
            KeyListOwner::Team(id, _) => KeyListPage::Team(id),
            KeyListOwner::Project(_) => KeyListPage::Project,
        }
    }

    /// The address of this view, without open forms.
    pub fn address(&self) -> String {
        paths::key_list(self.on(), &self.view)
    }

    /// Whether the list has keys of several owners.
    pub const fn is_inventory(&self) -> bool {
        matches!(self.owner, KeyListOwner::Project(_))
    }
}

#[component]
pub fn KeySection(state: KeyListState) -> impl IntoView {
    let t = text();
    let intro = match &state.owner {
        KeyListOwner::Team(_, name) => (t.keys.intro_team)(name),
        KeyListOwner::Viewer | KeyListOwner::Project(_) => t.keys.intro_own.to_owned(),
    };
    let team = state.team_id();
    let form = CreateFormState::new(team, None, state.page.now);
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
            {view! { <CreateDialog form /> }.into_any()}
        </KeyListSection>
    }
}

/// A link to the page that creates a key. With script it opens the dialog instead.
#[component]
pub fn OpenCreateDialog(
    team: Option<TeamId>,
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    /// An icon before the label.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <OpenDialog>
            <a class=class id=id href=paths::new_key(team) aria-controls="create-dialog">
                {children.map(|children| children())}
                {text().keys.create}
            </a>
        </OpenDialog>
    }
}

#[component]
fn CreateDialog(form: CreateFormState) -> impl IntoView {
    let t = text();
    view! {
        <CreateKey>
            <div class="form-step">
                <h2 id="create-title">{t.keys.create_title}</h2>
                <CreateForm state=form>
                    <CloseDialog>
                        <button class="button" type="button">
                            {t.word.cancel}
                        </button>
                    </CloseDialog>
                </CreateForm>
            </div>
            <div class="secret-step stack">
                <h2>{t.keys.created_title}</h2>
                <SecretWarning />
                <CopyField>
                    <div class="field">
                        <div class="field-label">
                            <label for="secret">{t.keys.secret_label}</label>
                        </div>
                        <SecretField />
                    </div>
                    <div class="actions start">
                        <Copy />
                        <DownloadButton>{t.keys.download}</DownloadButton>
                    </div>
                </CopyField>
                <SavedBox>
                    <span>{t.keys.saved_checkbox}</span>
                </SavedBox>
                <SaveFirst>{t.keys.save_first}</SaveFirst>
                <div class="actions">
                    <DoneButton>{t.keys.done}</DoneButton>
                </div>
            </div>
        </CreateKey>
    }
}
