//! Parses the values of forms into the types of the domain. A malformed id is treated as an unknown
//! one.

use latchkey_domain::{Error, Field, Invalid, Subject, api_keys::NewKey};
use latchkey_model::{
    api_key::KeyScope,
    expiry::Expiry,
    id::{ApiKeyId, CreationToken, SessionId, TeamId},
    project::LARGEST_KEY_LIMIT,
};
use serde::Deserialize;

use crate::text::time;

pub fn team_id(text: &str) -> Result<TeamId, Error> {
    text.parse().map_err(|_| Error::NotFound(Subject::Team))
}

pub fn session_id(text: &str) -> Result<SessionId, Error> {
    text.parse().map_err(|_| Error::NotFound(Subject::Session))
}

pub fn key_id(text: &str) -> Result<ApiKeyId, Error> {
    text.parse().map_err(|_| Error::NotFound(Subject::ApiKey))
}

/// The scope of a form: a team's keys, or the caller's own.
pub fn key_scope(team: Option<&str>) -> Result<KeyScope, Error> {
    team.map_or(Ok(KeyScope::Own), |team| {
        team_id(team).map(KeyScope::OfTeam)
    })
}

/// A limit of API keys; `None` for no limit.
pub fn key_limit(text: &str) -> Result<Option<u32>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .ok()
        .filter(|limit| *limit <= LARGEST_KEY_LIMIT)
        .map(Some)
        .ok_or_else(|| Error::invalid(Field::KeyLimit, Invalid::WholeNumber(LARGEST_KEY_LIMIT)))
}

/// The form that creates an API key.
#[derive(Debug, Clone, Deserialize)]
pub struct CreateKeyValues {
    pub description: String,
    /// The chosen lifetime.
    pub expires: String,
    /// The date field: UTC, or with an offset.
    #[serde(default)]
    pub custom: String,
    /// The instant of the date field in the browser's time zone, in milliseconds; set by script.
    #[serde(default)]
    pub custom_millis: String,
    pub token: String,
    /// `1` if an earlier attempt got no response.
    #[serde(default)]
    pub retry: String,
}

impl CreateKeyValues {
    pub fn parse(self) -> Result<NewKey, Error> {
        let custom = if self.custom_millis.is_empty() {
            time::parse(&self.custom)
        } else {
            self.custom_millis.parse().ok()
        };
        let expires = Expiry::from_choice(&self.expires, custom)
            .map_err(|_| Error::invalid(Field::Expires, Invalid::Expiry))?;
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
