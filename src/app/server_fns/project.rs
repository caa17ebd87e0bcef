//! What administrators can do with a project's API keys.

use latchkey_model::owner::OwnerKind;
use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done},
    crate::{
        forms::{key_id, key_limit},
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
    let (setting, message) = match (kind, allowed) {
        (OwnerKind::User, true) => (&mut settings.allow_user_api_keys, t.user_keys_on),
        (OwnerKind::User, false) => (&mut settings.allow_user_api_keys, t.user_keys_off),
        (OwnerKind::Team, true) => (&mut settings.allow_team_api_keys, t.team_keys_on),
        (OwnerKind::Team, false) => (&mut settings.allow_team_api_keys, t.team_keys_off),
    };
    *setting = Some(allowed);
    let change = ProjectChange {
        settings,
        ..ProjectChange::default()
    };
    state.domain.change_project(&caller, &change).await?;
    Ok(done(message))
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
    Ok(done(&(text().project.key_limit_changed)(limit)))
}

/// Revokes a key of any owner. `understood` is the checkbox of the dialog.
#[server(name = RevokeAnyApiKey, prefix = "/fn", endpoint = "project/revoke-api-key", protocol = Form)]
pub async fn revoke_any_api_key(id: String, understood: String) -> Result<Done, Problem> {
    drop(understood);
    let (state, caller) = authenticated()?;
    state.domain.revoke_any_key(&caller, key_id(&id)?).await?;
    Ok(done(text().keys.revoked_now))
}
