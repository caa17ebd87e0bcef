//! Making, renaming and revoking API keys. `team` is absent for the caller's own keys.
#![expect(
    missing_docs,
    reason = "the macro makes public structs of the arguments"
)]

use latchkey_domain::{Error, Field, Invalid, Subject, api_keys::NewKey};
use latchkey_model::api_key::KeyScope;
use latchkey_model::{
    expiry::Expiry,
    id::{ApiKeyId, CreationToken},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, PostUrl};

use super::{Problem, asked};
use crate::text::time;

/// The one answer that holds a secret. The browser shows it and keeps it nowhere.
#[derive(Serialize, Deserialize)]
pub struct CreatedApiKey {
    /// The key's id.
    pub id: String,
    /// The key itself.
    pub secret: String,
    /// The token for the form's next key.
    pub next_token: String,
}

/// Which keys a form means. What is no id is nobody's team.
fn keys(team: Option<&str>) -> Result<KeyScope, Error> {
    match team {
        None => Ok(KeyScope::Own),
        Some(team) => team
            .parse()
            .map(KeyScope::OfTeam)
            .map_err(|_| Error::NotFound(Subject::ApiKey)),
    }
}

/// The form that makes a key, as it was sent.
#[derive(Debug, Clone, Deserialize)]
pub struct CreateForm {
    /// What the key is for.
    pub description: String,
    /// The choice of lifetime.
    pub expires: String,
    /// The date field: UTC, or with an offset.
    #[serde(default)]
    pub custom: String,
    /// The date field's instant in the browser's own zone, where there is a script.
    #[serde(default)]
    pub custom_millis: String,
    /// The form's token.
    pub token: String,
    /// Set when an earlier try got no answer.
    #[serde(default)]
    pub retry: String,
}

impl CreateForm {
    /// What the domain needs.
    ///
    /// # Errors
    /// When the date or the token is none.
    pub fn read(self) -> Result<NewKey, Error> {
        let custom = if self.custom_millis.is_empty() {
            time::parse(&self.custom)
        } else {
            self.custom_millis.parse().ok()
        };
        let wrong = |_| Error::Invalid {
            field: Field::Expires,
            problem: Invalid::Expiry,
        };
        let expires = Expiry::from_choice(&self.expires, custom).map_err(wrong)?;
        Ok(NewKey {
            description: self.description,
            expires,
            token: self
                .token
                .parse::<CreationToken>()
                .map_err(|_| Error::NotFound(Subject::ApiKey))?,
            retry: self.retry == "1",
        })
    }
}

/// Makes a key and hands over its secret.
#[server(name = CreateApiKey, prefix = "/fn", endpoint = "api-keys/create", input = PostUrl, output = Json)]
pub async fn create_api_key(
    team: Option<String>,
    description: String,
    expires: String,
    #[server(default)] custom: String,
    #[server(default)] custom_millis: String,
    token: String,
    #[server(default)] retry: String,
) -> Result<CreatedApiKey, Problem> {
    let (state, caller) = asked()?;
    let keys = keys(team.as_deref())?;
    let form = CreateForm {
        description,
        expires,
        custom,
        custom_millis,
        token,
        retry,
    };
    let created = state.domain.create_key(&caller, keys, form.read()?).await?;
    Ok(CreatedApiKey {
        id: created.id.to_string(),
        secret: created.secret.expose().to_owned(),
        next_token: state.domain.form_token().to_string(),
    })
}

/// Changes what a key is for.
#[server(name = RenameApiKey, prefix = "/fn", endpoint = "api-keys/rename", input = PostUrl, output = Json)]
pub async fn rename_api_key(
    team: Option<String>,
    id: String,
    description: String,
) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let keys = keys(team.as_deref())?;
    let key = id
        .parse::<ApiKeyId>()
        .map_err(|_| Error::NotFound(Subject::ApiKey))?;
    Ok(state
        .domain
        .rename_key(&caller, keys, key, &description)
        .await?)
}

/// Ends a key. `understood` is the box that the dialog asks for.
#[server(name = RevokeApiKey, prefix = "/fn", endpoint = "api-keys/revoke", input = PostUrl, output = Json)]
pub async fn revoke_api_key(
    team: Option<String>,
    id: String,
    understood: String,
) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let keys = keys(team.as_deref())?;
    let key = id
        .parse::<ApiKeyId>()
        .map_err(|_| Error::NotFound(Subject::ApiKey))?;
    drop(understood);
    Ok(state.domain.revoke_key(&caller, keys, key).await?)
}
