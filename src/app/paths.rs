//! The path of each page. Every link, form and route uses this module.

use latchkey_model::{
    id::{ApiKeyId, TeamId},
    key_list::KeyListView,
};
use serde::Serialize;

/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// The sign-in page after the password was set by a link.
pub const SIGN_IN_AFTER_RESET: &str = "/sign-in?reset=1";
/// The page of a link by which a user chooses a new password.
pub const RESET_PASSWORD: &str = "/reset-password";
/// The sign-up page.
pub const SIGN_UP: &str = "/sign-up";
/// The start page of the settings.
pub const SETTINGS_HOME: &str = "/account-settings";
pub const PROFILE: &str = "/account-settings/profile";
/// The visitor's own API keys.
pub const API_KEYS: &str = "/account-settings/api-keys";
/// The page that creates one of the visitor's own API keys.
pub const NEW_API_KEY: &str = "/account-settings/api-keys/new";
/// The password.
pub const SECURITY: &str = "/account-settings/security";
/// Where the visitor is signed in.
pub const SESSIONS: &str = "/account-settings/sessions";
/// Session and sign-out.
pub const SETTINGS: &str = "/account-settings/settings";
/// Project settings.
pub const PROJECT: &str = "/account-settings/project";
/// The API reference.
pub const API_REFERENCE: &str = "/api-reference";
/// The `OpenAPI` document.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// The visitor's teams.
pub const TEAMS: &str = "/account-settings/teams";
/// The page that creates a team.
pub const NEW_TEAM: &str = "/account-settings/teams/new";

/// A team's page, as a route.
pub const TEAM: &str = "/account-settings/teams/{team}";
/// The page that creates a team's key, as a route.
pub const NEW_TEAM_API_KEY: &str = "/account-settings/teams/{team}/api-keys/new";

/// A team's page.
pub fn team(team: TeamId) -> String {
    in_path(TEAM, team)
}

/// The link by which a user chooses a new password, on a site with this public address.
pub fn reset_link(site: &str, token: &str) -> String {
    format!(
        "{site}{}",
        with_query(RESET_PASSWORD, &[("token", token.to_owned())])
    )
}

fn in_path(route: &str, team: TeamId) -> String {
    route.replace("{team}", &team.to_string())
}

/// A page of the visitor's teams whose names contain this text.
pub fn teams(search: &str, page: u32) -> String {
    let search = (!search.is_empty()).then(|| ("q", search.to_owned()));
    let page = (page > 1).then(|| ("page", page.to_string()));
    let pairs: Vec<_> = search.into_iter().chain(page).collect();
    with_query(TEAMS, &pairs)
}

/// The team that a page is about, as far as its path says so.
pub fn open_team(path: &str) -> Option<TeamId> {
    let rest = path.strip_prefix(TEAMS)?.strip_prefix('/')?;
    rest.split('/').next()?.parse().ok()
}

/// A page with a list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyListPage {
    /// The visitor's own keys.
    Own,
    /// A team's keys.
    Team(TeamId),
    /// All keys of the project.
    Project,
}

impl From<Option<TeamId>> for KeyListPage {
    /// A team's keys, or without a team the visitor's own.
    fn from(team: Option<TeamId>) -> Self {
        team.map_or(Self::Own, Self::Team)
    }
}

pub fn keys(on: impl Into<KeyListPage>) -> String {
    match on.into() {
        KeyListPage::Own => API_KEYS.to_owned(),
        KeyListPage::Team(id) => team(id),
        KeyListPage::Project => PROJECT.to_owned(),
    }
}

/// The page that creates a key for the team, or without a team for the visitor.
pub fn new_key(of: Option<TeamId>) -> String {
    of.map_or_else(
        || NEW_API_KEY.to_owned(),
        |id| in_path(NEW_TEAM_API_KEY, id),
    )
}

/// The list of keys in this view.
pub fn key_list(on: impl Into<KeyListPage>, view: &KeyListView) -> String {
    with_query(&keys(on), &view.to_pairs())
}

/// The list of keys in this view with the form `rename` or `revoke` open for a key.
pub fn key_action(
    on: impl Into<KeyListPage>,
    view: &KeyListView,
    action: &'static str,
    key: ApiKeyId,
) -> String {
    let mut pairs = view.to_pairs();
    pairs.push((action, key.to_string()));
    let staying = view.staying.iter();
    pairs.extend(staying.map(|key| (KeyListView::STAYING, key.to_string())));
    format!("{}#key-{key}", with_query(&keys(on), &pairs))
}

/// The parameter that opens the question before keys of this kind are switched off.
pub const SWITCH_OFF: &str = "off";

/// The address of the same view of a page, with nothing open in it.
pub fn without_open_forms(address: &str) -> String {
    let is_open =
        |name: &str| ["rename", "revoke", SWITCH_OFF, KeyListView::STAYING].contains(&name);
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    if !pairs.iter().any(|(name, _)| is_open(name)) {
        return address.to_owned();
    }
    pairs.retain(|(name, _)| !is_open(name));
    with_query(path, &pairs)
}

/// Whether this is the address of a page for those who are not signed in.
pub fn is_signed_out(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    [SIGN_IN, SIGN_UP, RESET_PASSWORD].contains(&path)
}

/// The sign-in page, which leads back to this page afterwards.
pub fn sign_in_then(to: &str) -> String {
    with_query(SIGN_IN, &[("to", to.to_owned())])
}

/// The same after a session has ended while a form was open. `is_kept` is whether what was typed waits there.
pub fn sign_in_again(to: &str, is_kept: bool) -> String {
    let ended = if is_kept { "kept" } else { "1" };
    with_query(
        SIGN_IN,
        &[("to", to.to_owned()), ("ended", ended.to_owned())],
    )
}

/// The page to return to after signing in. Only paths of this site are accepted: otherwise a link
/// to this site could redirect to another.
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

fn with_query(path: &str, pairs: &[(impl Serialize, String)]) -> String {
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_a_team_say_which() {
        let id: TeamId = "01900000-0000-7000-8000-00000000000a"
            .parse()
            .expect("an id");
        for path in [team(id), new_key(Some(id))] {
            assert_eq!(open_team(&path), Some(id), "{path}");
        }
        for path in [TEAMS, NEW_TEAM, API_KEYS, "/account-settings/teams/", "/"] {
            assert_eq!(open_team(path), None, "{path}");
        }
    }

    #[test]
    fn what_was_open_is_left_out_and_the_view_stays() {
        let key = "01900000-0000-7000-8000-00000000000a";
        for (address, view) in [
            ("/account-settings/api-keys", "/account-settings/api-keys"),
            (
                "/account-settings/api-keys?q=a+b%2F&page=2",
                "/account-settings/api-keys?q=a+b%2F&page=2",
            ),
            (
                "/account-settings/api-keys?rename=KEY",
                "/account-settings/api-keys",
            ),
            (
                "/account-settings/api-keys?q=a+b&page=2&revoke=KEY&stay=KEY&stay=KEY",
                "/account-settings/api-keys?q=a+b&page=2",
            ),
            (
                "/account-settings/project?off=user&size=25",
                "/account-settings/project?size=25",
            ),
            (
                "/account-settings/project?%FF",
                "/account-settings/project?%FF",
            ),
        ] {
            assert_eq!(without_open_forms(&address.replace("KEY", key)), view);
        }
    }

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
