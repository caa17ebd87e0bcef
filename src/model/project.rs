//! Projects and what each lets people do.

use serde::{Deserialize, Serialize};

use crate::{account::DisplayName, id::ProjectId};

/// What a project lets people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ProjectSettings {
    /// Users may have API keys.
    pub allow_user_api_keys: bool,
    /// Teams may have API keys.
    pub allow_team_api_keys: bool,
    /// Anybody may make an account.
    pub sign_up_enabled: bool,
    /// People sign in with e-mail and password.
    pub credential_enabled: bool,
    /// Users may found teams.
    pub client_team_creation_enabled: bool,
    /// Users may delete their account.
    pub client_user_deletion_enabled: bool,
    /// Client applications must show the publishable client key.
    pub require_publishable_client_key: bool,
    /// Links in messages may lead to the reader's own machine.
    pub allow_localhost: bool,
}

/// A place of the application's where links in messages may lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDomain {
    /// Scheme, host and port.
    pub domain: String,
    /// Where its account pages begin.
    pub handler_path: String,
}

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub display_name: String,
    /// What it lets people do.
    pub settings: ProjectSettings,
    /// Where links in messages may lead.
    pub domains: Vec<TrustedDomain>,
}

/// What to change about a project; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// Its name.
    pub display_name: Option<DisplayName>,
    /// Its switches.
    pub settings: SettingsChange,
    /// All trusted domains.
    pub domains: Option<Vec<TrustedDomain>>,
}

/// Switches to change; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Users may have API keys.
    pub allow_user_api_keys: Option<bool>,
    /// Teams may have API keys.
    pub allow_team_api_keys: Option<bool>,
    /// Anybody may make an account.
    pub sign_up_enabled: Option<bool>,
    /// People sign in with e-mail and password.
    pub credential_enabled: Option<bool>,
    /// Users may found teams.
    pub client_team_creation_enabled: Option<bool>,
    /// Users may delete their account.
    pub client_user_deletion_enabled: Option<bool>,
    /// Client applications must show the publishable client key.
    pub require_publishable_client_key: Option<bool>,
    /// Links in messages may lead to the reader's own machine.
    pub allow_localhost: Option<bool>,
}

impl SettingsChange {
    /// The names of all switches.
    pub const NAMES: [&'static str; 8] = [
        "allow_user_api_keys",
        "allow_team_api_keys",
        "sign_up_enabled",
        "credential_enabled",
        "client_team_creation_enabled",
        "client_user_deletion_enabled",
        "require_publishable_client_key",
        "allow_localhost",
    ];

    /// The switch with this name, if there is one.
    pub fn switch(&mut self, name: &str) -> Option<&mut Option<bool>> {
        Some(match name {
            "allow_user_api_keys" => &mut self.allow_user_api_keys,
            "allow_team_api_keys" => &mut self.allow_team_api_keys,
            "sign_up_enabled" => &mut self.sign_up_enabled,
            "credential_enabled" => &mut self.credential_enabled,
            "client_team_creation_enabled" => &mut self.client_team_creation_enabled,
            "client_user_deletion_enabled" => &mut self.client_user_deletion_enabled,
            "require_publishable_client_key" => &mut self.require_publishable_client_key,
            "allow_localhost" => &mut self.allow_localhost,
            _ => return None,
        })
    }
}
