//! The switches for API keys and their limit: each is a form.

use latchkey_model::{owner::OwnerKind, project::Project};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{Icon, PostForm, Submit, TextField};
use crate::{
    islands::{FormError, KeyLimitForm, KeySwitchForm},
    server_fns::project::{AllowApiKeys, LimitApiKeys},
    text::{in_sentence, text},
};

#[component]
pub fn KeySwitches(project: Project) -> impl IntoView {
    let t = text();
    let settings = project.settings;
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
                <Switch kind=OwnerKind::User on=settings.allow_user_api_keys />
                <Switch kind=OwnerKind::Team on=settings.allow_team_api_keys />
                <Limit limit=settings.max_api_keys_per_owner />
                <p class="hint">{t.project.switching_off}</p>
            </div>
        </section>
    }
}

/// How many valid keys an owner can have.
#[component]
fn Limit(limit: Option<u32>) -> impl IntoView {
    let t = text();
    view! {
        <KeyLimitForm>
        <PostForm class="switch-row key-limit-row" action=LimitApiKeys::PATH>
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
            <Submit label=t.word.save />
            <FormError />
        </PostForm>
        </KeyLimitForm>
    }
}

/// A button that posts the opposite state, and shows the current one.
#[component]
fn Switch(kind: OwnerKind, on: bool) -> impl IntoView {
    let t = text();
    let (label, hint) = match kind {
        OwnerKind::User => (t.project.user_keys, t.project.user_keys_hint),
        OwnerKind::Team => (t.project.team_keys, t.project.team_keys_hint),
    };
    let id = format!("switch-{}", kind.as_str());
    let (label_id, hint_id) = (format!("{id}-label"), format!("{id}-hint"));
    view! {
        <KeySwitchForm>
        <PostForm class="switch-row" action=AllowApiKeys::PATH>
            <input type="hidden" name="kind" value=kind.as_str() />
            <input type="hidden" name="allowed" value=(!on).to_string() />
            <div>
                <h3 id=label_id.clone()>{label}</h3>
                <p class="hint" id=hint_id.clone()>{hint}</p>
            </div>
            <button
                class="switch"
                id=id.clone()
                type="submit"
                role="switch"
                aria-checked=on.to_string()
                aria-labelledby=label_id.clone()
                aria-describedby=hint_id.clone()
            >
                <span aria-hidden="true">{if on { t.project.on } else { t.project.off }}</span>
            </button>
            <FormError />
        </PostForm>
        </KeySwitchForm>
    }
}
