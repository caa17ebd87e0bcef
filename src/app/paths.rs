//! The address of each page. Every link, form and route goes through here.

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
/// The visitor's own API keys.
pub const API_KEYS: &str = "/account-settings/api-keys";
/// Creates one of the visitor's own API keys.
pub const NEW_API_KEY: &str = "/account-settings/api-keys/new";
/// Language, theme, sign out.
pub const SETTINGS: &str = "/account-settings/settings";
/// The project, for its administrators.
pub const PROJECT: &str = "/account-settings/project";
/// The API reference.
pub const API_REFERENCE: &str = "/api-reference";
/// The API as an `OpenAPI` document.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// Creates a team.
pub const NEW_TEAM: &str = "/account-settings/teams/new";

/// A team's page, as a route.
pub const TEAM: &str = "/account-settings/teams/{team}";
/// The page that creates a team's key, as a route.
pub const NEW_TEAM_API_KEY: &str = "/account-settings/teams/{team}/api-keys/new";

/// A team's page.
pub fn team(team: TeamId) -> String {
    in_path(TEAM, team)
}

fn in_path(route: &str, team: TeamId) -> String {
    route.replace("{team}", &team.to_string())
}

/// A page that lists keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyListPage {
    /// The visitor's own.
    Own,
    /// A team's.
    Team(TeamId),
    /// Those of everybody in the project.
    Project,
}

impl From<Option<TeamId>> for KeyListPage {
    /// A team's, or the visitor's own without one.
    fn from(team: Option<TeamId>) -> Self {
        team.map_or(Self::Own, Self::Team)
    }
}

/// The page with these keys.
pub fn keys(on: impl Into<KeyListPage>) -> String {
    match on.into() {
        KeyListPage::Own => API_KEYS.to_owned(),
        KeyListPage::Team(id) => team(id),
        KeyListPage::Project => PROJECT.to_owned(),
    }
}

/// The page that creates a key: a team's, or the visitor's own without one.
pub fn new_key(of: Option<TeamId>) -> String {
    of.map_or_else(
        || NEW_API_KEY.to_owned(),
        |id| in_path(NEW_TEAM_API_KEY, id),
    )
}

/// A list of keys in this view.
pub fn key_list(on: impl Into<KeyListPage>, view: &KeyListView) -> String {
    with_query(&keys(on), &view.to_pairs())
}

/// A list of keys in this view with something open: `rename` or `revoke`, for this key.
pub fn key_action(
    on: impl Into<KeyListPage>,
    view: &KeyListView,
    action: &'static str,
    key: ApiKeyId,
) -> String {
    let mut pairs = view.to_pairs();
    pairs.push((action, key.to_string()));
    format!("{}#key-{key}", with_query(&keys(on), &pairs))
}

/// Whether this is the address of signing in or up.
pub fn is_sign_in(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    path == SIGN_IN || path == SIGN_UP
}

/// The sign-in page, which returns to this page afterwards.
pub fn sign_in_then(to: &str) -> String {
    with_query(SIGN_IN, &[("to", to.to_owned())])
}

/// The page to return to after signing in, if it is one of ours: anything else would let a link that
/// looks like ours lead elsewhere.
pub fn return_path(to: Option<&str>) -> &str {
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
    fn only_our_own_pages_are_returned_to() {
        for to in [
            "/account-settings",
            "/account-settings/api-keys?q=a+b&page=2",
            "/account-settings?x=1",
        ] {
            assert_eq!(return_path(Some(to)), to);
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
            assert_eq!(return_path(Some(to)), SETTINGS_HOME, "{to}");
        }
        assert_eq!(return_path(None), SETTINGS_HOME);
    }
}
