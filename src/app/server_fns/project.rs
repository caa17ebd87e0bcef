//! What whoever administers the project can do with its API keys.
#![expect(
    missing_docs,
    reason = "the macro makes public structs of the arguments"
)]

use latchkey_domain::{Error, Subject};
use latchkey_model::project::{ProjectChange, SettingsChange};
use latchkey_model::{id::ApiKeyId, owner::OwnerKind};
use leptos::prelude::*;
use server_fn::codec::{Json, PostUrl};

use super::{Problem, asked};

/// Switches users' or teams' API keys on or off.
#[server(name = AllowApiKeys, prefix = "/fn", endpoint = "project/api-keys", input = PostUrl, output = Json)]
pub async fn allow_api_keys(kind: OwnerKind, allowed: bool) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let settings = match kind {
        OwnerKind::User => SettingsChange {
            allow_user_api_keys: Some(allowed),
            ..SettingsChange::default()
        },
        OwnerKind::Team => SettingsChange {
            allow_team_api_keys: Some(allowed),
            ..SettingsChange::default()
        },
    };
    let change = ProjectChange {
        settings,
        ..ProjectChange::default()
    };
    state.domain.change_project(&caller, &change).await?;
    Ok(())
}

/// Ends a key of anybody's. `understood` is the box that the dialog asks for.
#[server(name = RevokeAnyApiKey, prefix = "/fn", endpoint = "project/revoke-api-key", input = PostUrl, output = Json)]
pub async fn revoke_any_api_key(id: String, understood: String) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let key = id
        .parse::<ApiKeyId>()
        .map_err(|_| Error::NotFound(Subject::ApiKey))?;
    drop(understood);
    Ok(state.domain.revoke_any_key(&caller, key).await?)
}
