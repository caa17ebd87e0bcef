//! The switches for API keys and their limit: each is a form.

use latchkey_model::{
    api_key::WorkingKeys, key_list::KeyListView, owner::OwnerKind, project::Project,
};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn as _;

use super::{FormError, Icon, PostForm, Submit, TextField};
use crate::{
    islands::{
        AskFirst, CloseDialog, DialogStatus, KeyLimitForm, KeySwitchForm, switch_off_dialog,
    },
    paths::{self, KeyListPage},
    server_fns::project::{AllowApiKeys, LimitApiKeys},
    text::{in_sentence, text},
};

#[component]
pub fn KeySwitches(
    project: Project,
    working: WorkingKeys,
    /// The view of the list on the same page.
    view: KeyListView,
    /// The kind of keys for which the question is open, without script.
    asked: Option<String>,
) -> impl IntoView {
    let t = text();
    let settings = project.settings;
    let switch = |kind: OwnerKind, on: bool, working: i64| {
        let is_asked = asked.as_deref() == Some(kind.as_str());
        view! { <Switch kind on working list=view.clone() is_asked /> }
    };
    let (class, icon, state) = if settings.allow_user_api_keys || settings.allow_team_api_keys {
        ("badge valid", Icon::Check, t.project.enabled)
    } else {
        ("badge", Icon::Revoked, t.project.disabled)
    };
    view! {
        <section class="section" aria-labelledby="switches-title">
            <div class="section-head">
                <div>
                    <div class="titled">
                        <h2 id="switches-title">{t.project.switches_title}</h2>
                        <span class=class>{icon.view()} {state}</span>
                    </div>
                    <p class="intro">{(t.project.switches_intro)(&in_sentence(&project.display_name))}</p>
                </div>
            </div>
            <div class="switches">
                {switch(OwnerKind::User, settings.allow_user_api_keys, working.of_users)}
                {switch(OwnerKind::Team, settings.allow_team_api_keys, working.of_teams)}
                <p class="hint">{t.project.switching_off}</p>
            </div>
            <Limit limit=settings.max_api_keys_per_owner />
        </section>
    }
}

/// How many valid keys an owner can have.
#[component]
fn Limit(limit: Option<u32>) -> impl IntoView {
    let t = text();
    view! {
        <KeyLimitForm>
        <PostForm class="stack box setting" action=LimitApiKeys::PATH>
            <FormError />
            <TextField
                id="key-limit-input"
                name="limit"
                label=t.project.key_limit
                kind="text"
                numeric=true
                value=limit.map(|limit| limit.to_string()).unwrap_or_default()
                hint=t.project.key_limit_hint
                optional=true
            />
            <div class="actions">
                <Submit label=t.word.save look="primary" />
            </div>
        </PostForm>
        </KeyLimitForm>
    }
}

/// A switch: a button that says whether keys of this kind are allowed. Switching on is a form that posts; switching off
/// asks first, in a dialog. Without script its button leads to the same page with the dialog open.
#[component]
fn Switch(
    kind: OwnerKind,
    on: bool,
    /// The keys that stop working.
    working: i64,
    list: KeyListView,
    is_asked: bool,
) -> impl IntoView {
    if !on {
        return Either::Left(view! {
            <KeySwitchForm>
            <PostForm class="switch-row" action=AllowApiKeys::PATH>
                <input type="hidden" name="kind" value=kind.as_str() />
                <input type="hidden" name="allowed" value="true" />
                <SwitchButton kind on />
                <FormError />
            </PostForm>
            </KeySwitchForm>
        });
    }
    let view = list
        .to_pairs()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    Either::Right(view! {
        <AskFirst>
        <form class="switch-row" method="get" action=paths::PROJECT>
            {view}
            <input type="hidden" name=paths::SWITCH_OFF value=kind.as_str() />
            <SwitchButton kind on />
        </form>
        <KeySwitchForm>
            <SwitchOffDialog kind working list is_asked />
        </KeySwitchForm>
        </AskFirst>
    })
}

#[component]
fn SwitchButton(kind: OwnerKind, on: bool) -> impl IntoView {
    let t = text();
    let (label, hint) = match kind {
        OwnerKind::User => (t.project.user_keys, t.project.user_keys_hint),
        OwnerKind::Team => (t.project.team_keys, t.project.team_keys_hint),
    };
    let id = format!("switch-{}", kind.as_str());
    let (label_id, hint_id) = (format!("{id}-label"), format!("{id}-hint"));
    view! {
        <div>
            <h3 id=label_id.clone()>{label}</h3>
            <p class="hint" id=hint_id.clone()>{hint}</p>
        </div>
        <button
            class="switch"
            id=id
            type="submit"
            role="switch"
            aria-checked=on.to_string()
            aria-labelledby=label_id
            aria-describedby=hint_id
        >
            <span aria-hidden="true">{if on { t.project.on } else { t.project.off }}</span>
        </button>
    }
}

/// The question before keys of this kind are switched off.
#[component]
fn SwitchOffDialog(
    kind: OwnerKind,
    working: i64,
    list: KeyListView,
    is_asked: bool,
) -> impl IntoView {
    let t = &text().project;
    let title = match kind {
        OwnerKind::User => t.user_keys_off_title,
        OwnerKind::Team => t.team_keys_off_title,
    };
    let most = WorkingKeys::MOST;
    let stopping = (t.keys_that_stop)(working.min(most), working > most);
    let id = switch_off_dialog(kind);
    let (title_id, body_id) = (format!("{id}-title"), format!("{id}-body"));
    let (name, words) = (title_id.clone(), body_id.clone());
    view! {
        <dialog
            class="dialog"
            id=id
            aria-labelledby=name
            aria-describedby=words
            open=is_asked
        >
            <PostForm class="stack" action=AllowApiKeys::PATH>
                <h2 id=title_id>{title}</h2>
                <div class="stack" id=body_id>
                    <p><strong>{stopping}</strong></p>
                    <p>{t.switch_off_warning}</p>
                </div>
                <FormError />
                <input type="hidden" name="kind" value=kind.as_str() />
                <input type="hidden" name="allowed" value="false" />
                <div class="actions">
                    <CloseDialog>
                        <a class="button" href=paths::key_list(KeyListPage::Project, &list)>
                            {text().word.cancel}
                        </a>
                    </CloseDialog>
                    <Submit label=t.switch_off look="danger" />
                </div>
            </PostForm>
            <DialogStatus />
        </dialog>
    }
}
