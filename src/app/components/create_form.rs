//! The form that makes a key: in the dialog, and on a page of its own.

use latchkey_model::{
    description::MAX_DESCRIPTION,
    expiry::{CUSTOM, DAY_MILLIS, DEFAULT_LIFETIME, LIFETIMES, Millis, NEVER},
    id::{CreationToken, TeamId},
};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{FormProblem, Icon, TextField};
use crate::{
    paths,
    server_fns::api_keys::CreateApiKey,
    text::{text, time},
};

/// What the form holds.
#[derive(Debug, Clone)]
pub struct CreateFormState {
    /// The team the key is for; the viewer where there is none.
    pub team: Option<TeamId>,
    /// The same form makes one key, however often it is sent.
    pub token: CreationToken,
    /// Now, by the database.
    pub now: Millis,
    /// What was typed before.
    pub description: String,
    /// What was chosen before.
    pub expires: String,
    /// What was typed before.
    pub custom: String,
    /// What is wrong with the description.
    pub description_error: Option<String>,
    /// What is wrong with the date.
    pub expires_error: Option<String>,
    /// What is wrong otherwise.
    pub error: Option<String>,
}

impl CreateFormState {
    /// An empty form.
    pub fn new(team: Option<TeamId>, token: CreationToken, now: Millis) -> Self {
        Self {
            team,
            token,
            now,
            description: String::new(),
            expires: DEFAULT_LIFETIME.to_owned(),
            custom: String::new(),
            description_error: None,
            expires_error: None,
            error: None,
        }
    }
}

/// The form. It posts to a page of its own; the script sends it to the server function instead and
/// shows the answer in place.
#[component]
pub fn CreateForm(
    /// What it holds.
    state: CreateFormState,
    /// The way out.
    children: Children,
) -> impl IntoView {
    let t = text();
    let chosen = state.expires.clone();
    let option = |value: &'static str, label: &'static str| {
        let selected = chosen == value;
        view! { <option value=value selected=selected>{label}</option> }
    };
    let options = LIFETIMES
        .iter()
        .zip(t.keys.lifetimes)
        .map(|(lifetime, label)| option(lifetime.value, label))
        .collect_view();
    let notes = LIFETIMES
        .iter()
        .map(|lifetime| {
            let at = state.now + lifetime.days * DAY_MILLIS;
            view! {
                <p class="hint choice" data-choice=lifetime.value>
                    {(t.keys.expires_on)(&time::exact(at))}
                </p>
            }
        })
        .collect_view();
    view! {
        <form
            class="stack"
            id="create-form"
            method="post"
            action=paths::new_key(state.team)
            data-fn=CreateApiKey::PATH
        >
            <FormProblem error=state.error />
            <input type="hidden" name="token" value=state.token.to_string() />
            {state.team.map(|team| view! { <input type="hidden" name="team" value=team.to_string() /> })}
            <TextField
                id="create-description"
                name="description"
                label=t.keys.description
                value=state.description
                error=state.description_error
                placeholder=t.keys.description_placeholder
                max=MAX_DESCRIPTION
                autofocus=true
            />
            <div class="field">
                <div class="field-label">
                    <label for="create-expires">{t.keys.expires}</label>
                </div>
                <select id="create-expires" name="expires" autocomplete="off" aria-describedby="create-expires-notes">
                    {options}
                    {option(CUSTOM, t.keys.custom)}
                    {option(NEVER, t.keys.never_choice)}
                </select>
                <div id="create-expires-notes" aria-live="polite">
                    {notes}
                    <p class="callout warning choice" data-choice=NEVER>
                        {Icon::Warning.view()}
                        <span>{t.keys.never_warning}</span>
                    </p>
                </div>
            </div>
            <div class="choice" data-choice=CUSTOM>
                <TextField
                    id="create-custom"
                    name="custom"
                    label=t.keys.custom_label
                    kind="datetime-local"
                    value=state.custom
                    hint=t.keys.custom_hint
                    plain_hint=t.keys.custom_hint_plain
                    error=state.expires_error
                    optional=true
                />
            </div>
            <div class="actions">
                {children()}
                <button class="button primary" type="submit" data-busy=t.keys.creating>
                    {t.keys.create}
                </button>
            </div>
        </form>
    }
}
