//! What administrators can do with a project's API keys.

use latchkey_model::owner::OwnerKind;
use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done, revoked},
    crate::{
        forms::{key_id, key_limit},
        notice::NoticeKind,
        text::text,
    },
    latchkey_model::{
        patch::Patch,
        project::{ProjectChange, SettingsChange},
    },
};

/// Switches users' or teams' API keys on or off.
#[server(name = AllowApiKeys, prefix = "/fn", endpoint = "project/api-keys", protocol = Form)]
pub async fn allow_api_keys(kind: OwnerKind, allowed: bool) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let t = &text().project;
    let mut settings = SettingsChange::default();
    let (message, notice) = match (kind, allowed) {
        (OwnerKind::User, true) => (t.user_keys_on, NoticeKind::UserKeysOn),
        (OwnerKind::User, false) => (t.user_keys_off, NoticeKind::UserKeysOff),
        (OwnerKind::Team, true) => (t.team_keys_on, NoticeKind::TeamKeysOn),
        (OwnerKind::Team, false) => (t.team_keys_off, NoticeKind::TeamKeysOff),
    };
    let setting = match kind {
        OwnerKind::User => &mut settings.allow_user_api_keys,
        OwnerKind::Team => &mut settings.allow_team_api_keys,
    };
    *setting = Some(allowed);
    let change = ProjectChange {
        settings,
        ..ProjectChange::default()
    };
    state.domain.change_project(&caller, &change).await?;
    Ok(done(message, notice))
}

/// Limits how many valid keys an owner can have; empty for no limit.
#[server(name = LimitApiKeys, prefix = "/fn", endpoint = "project/key-limit", protocol = Form)]
pub async fn limit_api_keys(limit: String) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let limit = key_limit(&limit)?;
    let change = ProjectChange {
        settings: SettingsChange {
            max_api_keys_per_owner: limit.map_or(Patch::Clear, Patch::Set),
            ..SettingsChange::default()
        },
        ..ProjectChange::default()
    };
    state.domain.change_project(&caller, &change).await?;
    let message = (text().project.key_limit_changed)(limit);
    Ok(done(message, NoticeKind::KeyLimitChanged))
}

/// Revokes a key of any owner. `understood` is the checkbox of the dialog.
#[server(name = RevokeAnyApiKey, prefix = "/fn", endpoint = "project/revoke-api-key", protocol = Form)]
pub async fn revoke_any_api_key(id: String, understood: String) -> Result<Done, Problem> {
    drop(understood);
    let (state, caller) = authenticated()?;
    let key = key_id(&id)?;
    let had_expired = state.domain.revoke_any_key(&caller, key).await?;
    Ok(revoked(key, had_expired))
}
