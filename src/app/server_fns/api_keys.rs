//! Creates, renames and revokes API keys. Without `team`, the caller's own.

use leptos::prelude::*;

use super::{CreatedApiKey, Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done, revoked},
    crate::{
        forms::{CreateKeyValues, expiry_in_words, key_id, key_scope},
        notice::{Notice, NoticeKind},
        text::{key_name, text},
    },
    latchkey_model::api_key::KeyLookup,
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
    Ok(Done {
        message: words,
        ..Done::default()
    })
}

/// Changes a key's description. `was` is what the form showed: a program's description may be more than a
/// field can show, and is left alone where nothing was changed.
#[server(name = RenameApiKey, prefix = "/fn", endpoint = "api-keys/rename", protocol = Form)]
pub async fn rename_api_key(
    team: Option<String>,
    id: String,
    description: String,
    was: Option<String>,
) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let keys = key_scope(team.as_deref())?;
    let key = key_id(&id)?;
    if was.is_some_and(|was| was.trim() == description.trim()) {
        let lookup = KeyLookup::Scope(keys);
        let key = state.domain.key(&caller, lookup, key).await?;
        return Ok(done(
            text().keys.not_renamed,
            Notice::of_key(NoticeKind::KeyNotRenamed, key.id),
        ));
    }
    let key = state
        .domain
        .rename_key(&caller, keys, key, &description)
        .await?;
    let message = (text().keys.renamed)(&key_name(&key.description));
    Ok(done(
        message,
        Notice::of_key(NoticeKind::KeyRenamed, key.id),
    ))
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
    let key = state.domain.revoke_key(&caller, keys, key_id(&id)?).await?;
    let had_expired = key
        .expires_at
        .is_some_and(|end| Some(end) <= key.revoked_at);
    Ok(revoked(key.id, had_expired))
}
