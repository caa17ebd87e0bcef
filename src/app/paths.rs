//! Where each page is. Every link and form goes through here.

use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::KeyListView,
};

/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// The sign-up page.
pub const SIGN_UP: &str = "/sign-up";
/// The settings' first page.
pub const SETTINGS_HOME: &str = "/account-settings";
/// My profile.
pub const PROFILE: &str = "/account-settings/profile";
/// One's own API keys.
pub const API_KEYS: &str = "/account-settings/api-keys";
/// Making a key, on a page of its own.
pub const NEW_API_KEY: &str = "/account-settings/api-keys/new";
/// Language, theme, sign out.
pub const SETTINGS: &str = "/account-settings/settings";
/// The project, for whoever administers it.
pub const PROJECT: &str = "/account-settings/project";
/// The API, to read.
pub const API_REFERENCE: &str = "/api-reference";
/// The API, as programs read it.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// Founding a team.
pub const NEW_TEAM: &str = "/account-settings/teams/new";

/// A team's page.
pub fn team(team: TeamId) -> String {
    format!("/account-settings/teams/{team}")
}

/// Whose keys a page lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOf {
    /// One's own.
    Own,
    /// A team's.
    Team(TeamId),
    /// Everybody's in the project.
    Project,
}

impl From<Option<TeamId>> for KeysOf {
    /// A team's, or one's own where there is none.
    fn from(team: Option<TeamId>) -> Self {
        team.map_or(Self::Own, Self::Team)
    }
}

/// The page with these keys.
pub fn keys(of: impl Into<KeysOf>) -> String {
    match of.into() {
        KeysOf::Own => API_KEYS.to_owned(),
        KeysOf::Team(id) => team(id),
        KeysOf::Project => PROJECT.to_owned(),
    }
}

/// Making a key of one's own, or of a team, on a page of its own.
pub fn new_key(of: Option<TeamId>) -> String {
    of.map_or_else(
        || NEW_API_KEY.to_owned(),
        |id| format!("{}/api-keys/new", team(id)),
    )
}

/// A list of keys in this view.
pub fn key_list(of: impl Into<KeysOf>, view: &KeyListView) -> String {
    with_query(&keys(of), &view.to_pairs())
}

/// A list of keys in this view with something open: `rename` or `revoke`, for this key.
pub fn key_action(
    of: impl Into<KeysOf>,
    view: &KeyListView,
    action: &'static str,
    key: ApiKeyId,
) -> String {
    let mut pairs = view.to_pairs();
    pairs.push((action, key.to_string()));
    format!("{}#key-{key}", with_query(&keys(of), &pairs))
}

/// The sign-in page, coming back to this page afterwards.
pub fn sign_in_then(to: &str) -> String {
    with_query(SIGN_IN, &[("to", to.to_owned())])
}

/// The page to come back to, if it is one of ours: anything else would let a link that looks like
/// ours lead elsewhere.
pub fn come_back(to: Option<&str>) -> &str {
    to.filter(|to| {
        (*to == SETTINGS_HOME
            || to.starts_with("/account-settings/")
            || to.starts_with("/account-settings?"))
            && to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
            && !to.contains("//")
    })
    .unwrap_or(SETTINGS_HOME)
}

fn with_query(path: &str, pairs: &[(&'static str, String)]) -> String {
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_our_own_pages_only() {
        for to in [
            "/account-settings",
            "/account-settings/api-keys?q=a+b&page=2",
            "/account-settings?x=1",
        ] {
            assert_eq!(come_back(Some(to)), to);
        }
        for to in [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/account-settingsevil",
            "/account-settings//evil.example",
            "/account-settings/\\evil",
            "/account-settings/\r\nSet-Cookie:x",
            "javascript:alert(1)",
            "/sign-in",
        ] {
            assert_eq!(come_back(Some(to)), SETTINGS_HOME, "{to}");
        }
        assert_eq!(come_back(None), SETTINGS_HOME);
    }
}
