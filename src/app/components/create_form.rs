//! The form that creates a key, in the dialog and on its own page.

use jiff::tz::TimeZone;
use latchkey_model::{
    description::MAX_DESCRIPTION,
    expiry::{CUSTOM, DAY_MILLIS, DEFAULT_LIFETIME, LIFETIMES, Millis, NEVER},
    id::{CreationToken, TeamId},
};
use leptos::prelude::*;

use super::{FormError, Icon, PostForm, Submit, TextField};
use crate::{
    browser::time_zone::ZONED,
    form_return::FormAround,
    islands::CustomDate,
    paths,
    text::{text, time},
    time_zone,
};

/// The content of the form.
#[derive(Debug, Clone)]
pub struct CreateFormState {
    /// The team that will own the key; without one, the viewer.
    pub team: Option<TeamId>,
    /// Makes the creation idempotent: one token creates at most one key. In the dialog the list
    /// provides it.
    pub token: Option<CreationToken>,
    /// The database's time.
    pub now: Millis,
    pub description: String,
    /// The chosen lifetime.
    pub expires: String,
    /// The custom date as typed.
    pub custom: String,
    /// The zone of the custom date.
    pub zone: TimeZone,
    pub description_error: Option<String>,
    pub expires_error: Option<String>,
}

impl CreateFormState {
    pub fn new(team: Option<TeamId>, token: Option<CreationToken>, now: Millis) -> Self {
        Self {
            team,
            token,
            now,
            description: String::new(),
            expires: DEFAULT_LIFETIME.to_owned(),
            custom: String::new(),
            zone: time_zone::of_reader(),
            description_error: None,
            expires_error: None,
        }
    }
}

/// The id of the form, for fields that belong to it but are elsewhere on the page.
pub const CREATE_FORM: &str = "create-form";

/// The form. It posts to its own page; in the dialog an island submits it instead.
#[component]
pub fn CreateForm(
    state: CreateFormState,
    /// The link or button that cancels.
    children: Children,
) -> impl IntoView {
    let t = text();
    let returned = FormAround::find(&paths::new_key(state.team), None);
    let chosen = returned.value("expires").unwrap_or(state.expires);
    let option = move |value: &'static str, label: &'static str| {
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
                <p class=format!("hint choice {ZONED}") data-choice=lifetime.value>
                    {(t.keys.expires_on)(&time::exact(at))}
                </p>
            }
        })
        .collect_view();
    let zone = time_zone::name(&state.zone).to_owned();
    let zoned_hint = Some((t.keys.custom_hint)(&time::zone_in_words(&state.zone)));
    view! {
        <PostForm class="stack" id=CREATE_FORM action=paths::new_key(state.team)>
            <FormError />
            <input type="hidden" name="retry" />
            {state.token.map(|token| view! { <input type="hidden" name="token" value=token.to_string() /> })}
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
                <CustomDate>
                    <input type="hidden" name="time_zone" class=ZONED value=zone autocomplete="off" />
                    <TextField
                        id="create-custom"
                        name="custom"
                        label=t.keys.custom_label
                        kind="datetime-local"
                        value=state.custom
                        zoned_hint
                        error=state.expires_error
                        optional=true
                    />
                </CustomDate>
            </div>
            <div class="actions">
                {children()}
                <Submit label=t.keys.create busy=t.keys.creating look="primary" />
            </div>
        </PostForm>
    }
}
