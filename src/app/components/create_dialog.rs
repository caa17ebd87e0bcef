//! The dialog that creates an API key, and the link that opens it.

use latchkey_model::{api_key::KeyLimit, id::TeamId};
use leptos::prelude::*;

use super::{
    CopyControl, CreateForm, CreateFormState, KeyLimitReached, LockedNote, ProjectName, ReadOnly,
    secret_panel::SecretWarning,
};
use crate::{
    env_file::EnvFile,
    islands::{
        CloseDialog, CopyField, CreateKey, DoneButton, DownloadButton, OpenDialog, SaveFirst,
        SavedBox, SecretField,
    },
    paths,
    text::text,
};

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
            <a
                class=class
                id=id
                href=paths::new_key(team)
                aria-controls="create-dialog"
                aria-describedby="key-limit"
            >
                {children.map(|children| children())}
                {text().keys.create}
            </a>
        </OpenDialog>
    }
}

/// The dialog, with its two steps: the form, or a message that the limit is reached, and the secret.
#[component]
pub fn CreateDialog(form: CreateFormState, limit: Option<KeyLimit>) -> impl IntoView {
    let t = text();
    let env = EnvFile::of_project(&ProjectName::current());
    view! {
        <CreateKey>
            <div class="form-step">
                <h2 id="create-title">{t.keys.create_title}</h2>
                {ReadOnly::is_set().then(|| view! { <LockedNote /> })}
                <CreateForm state=form>
                    <CloseDialog>
                        <button class="button" type="button">
                            {t.word.cancel}
                        </button>
                    </CloseDialog>
                </CreateForm>
                {limit
                    .map(|limit| {
                        view! {
                            <div class="no-room stack">
                                <KeyLimitReached message=(text().keys.limit_reached)(limit.most) />
                                <div class="actions">
                                    <CloseDialog>
                                        <button class="button" type="button">
                                            {t.word.close}
                                        </button>
                                    </CloseDialog>
                                </div>
                            </div>
                        }
                    })}
            </div>
            <div class="secret-step stack">
                <h2 id="created-title">{t.keys.created_title}</h2>
                <SecretWarning />
                <CopyField>
                    <div class="field">
                        <div class="field-label">
                            <label for="secret">{t.keys.secret_label}</label>
                        </div>
                        <SecretField />
                    </div>
                    <div class="actions start">
                        <CopyControl look="primary" />
                        <DownloadButton>
                            {t.keys.download} <data class="file" value=env.file hidden></data>
                            <data class="variable" value=env.variable hidden></data>
                        </DownloadButton>
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
