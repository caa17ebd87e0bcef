//! Creates, renames and revokes API keys. Without `team`, the caller's own.

use leptos::prelude::*;

use super::{CreatedApiKey, Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done},
    crate::{
        forms::{CreateKeyValues, expiry_in_words, key_id, key_scope},
        text::text,
    },
};

/// Creates an API key and returns its secret.
#[server(name = CreateApiKey, prefix = "/fn", endpoint = "api-keys/create", protocol = Form)]
pub async fn create_api_key(
    team: Option<String>,
    description: String,
    expires: String,
    #[server(default)] custom: String,
    #[server(default)] time_zone: String,
    token: String,
    #[server(default)] retry: String,
) -> Result<CreatedApiKey, Problem> {
    let (state, caller) = authenticated()?;
    let keys = key_scope(team.as_deref())?;
    let values = CreateKeyValues {
        description,
        expires,
        custom,
        time_zone,
        token,
        retry,
    };
    let created = state
        .domain
        .create_key(&caller, keys, values.parse()?)
        .await?;
    Ok(CreatedApiKey {
        id: created.id.to_string(),
        secret: created.secret.expose().to_owned(),
        next_token: state.domain.form_token().to_string(),
        message: text().keys.created.to_owned(),
    })
}

/// Says when a key with this custom date expires, or what is wrong with the date. Nothing is read or changed, so anybody
/// may ask.
#[server(name = DescribeExpiry, prefix = "/fn", endpoint = "api-keys/describe-expiry", protocol = Form)]
pub async fn describe_expiry(custom: String, time_zone: String) -> Result<Done, Problem> {
    // A server function is asynchronous, also this one, which waits for nothing.
    let words = std::future::ready(expiry_in_words(&custom, &time_zone)).await?;
    Ok(done(&words))
}

/// Changes a key's description.
#[server(name = RenameApiKey, prefix = "/fn", endpoint = "api-keys/rename", protocol = Form)]
pub async fn rename_api_key(
    team: Option<String>,
    id: String,
    description: String,
) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let keys = key_scope(team.as_deref())?;
    let key = key_id(&id)?;
    state
        .domain
        .rename_key(&caller, keys, key, &description)
        .await?;
    Ok(done(text().keys.renamed))
}

/// Revokes a key. `understood` is the checkbox of the dialog.
#[server(name = RevokeApiKey, prefix = "/fn", endpoint = "api-keys/revoke", protocol = Form)]
pub async fn revoke_api_key(
    team: Option<String>,
    id: String,
    understood: String,
) -> Result<Done, Problem> {
    drop(understood);
    let (state, caller) = authenticated()?;
    let keys = key_scope(team.as_deref())?;
    state.domain.revoke_key(&caller, keys, key_id(&id)?).await?;
    Ok(done(text().keys.revoked_now))
}
