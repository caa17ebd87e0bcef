//! Parses the values of forms into the types of the domain. A malformed id is treated as an unknown
//! one.

use jiff::tz::TimeZone;
use latchkey_domain::{Error, Field, Invalid, Subject, api_keys::NewKey, clock::Clock};
use latchkey_model::{
    api_key::KeyScope,
    expiry::{CUSTOM, Expiry, Millis},
    id::{ApiKeyId, CreationToken, SessionId, TeamId},
    project::LARGEST_KEY_LIMIT,
};
use serde::Deserialize;

use crate::{
    server_fns::error_table::ErrorResponse,
    text::{text, time},
    time_zone,
};

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
    /// The date field: a time of the zone's clocks, or with an offset.
    #[serde(default)]
    pub custom: String,
    /// The name of the time zone that the form was rendered in.
    #[serde(default)]
    pub time_zone: String,
    pub token: String,
    /// `1` if an earlier attempt got no response.
    #[serde(default)]
    pub retry: String,
}

impl CreateKeyValues {
    /// Returns the time zone that the date is of.
    pub fn zone(&self) -> TimeZone {
        time_zone::named(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    pub fn parse(self) -> Result<NewKey, ErrorResponse> {
        let custom = if self.expires == CUSTOM {
            Some(custom_date(&self.custom, &self.zone())?)
        } else {
            None
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

fn custom_date(typed: &str, zone: &TimeZone) -> Result<Millis, ErrorResponse> {
    time::parse(typed, zone).map_err(|words| ErrorResponse::invalid(Field::Expires, words))
}

/// “Expires on 20 December 2026, 14:05 CET.”
pub fn expiry_in_words(custom: &str, time_zone: &str) -> Result<String, ErrorResponse> {
    let zone = time_zone::named(time_zone).unwrap_or(TimeZone::UTC);
    let at = custom_date(custom, &zone)?;
    let now = Clock::System.now_millis();
    if at <= now {
        return Err(Error::invalid(Field::Expires, Invalid::InThePast).into());
    }
    if time::is_never(at, now) {
        return Ok(text().word.never.to_owned());
    }
    Ok((text().keys.expires_on)(&time::exact_in(at, &zone)))
}
