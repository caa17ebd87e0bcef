//! Projects and what each lets people do.

use serde::{Deserialize, Serialize};

use crate::{account::DisplayName, id::ProjectId};

/// The project's switches, each listed once: [`ProjectSettings`] holds their values and [`SettingsChange`]
/// those to change.
macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        /// What a project lets people do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub struct ProjectSettings {
            $($(#[doc = $doc])+ pub $name: bool,)+
        }

        /// Switches to change; what is `None` stays.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct SettingsChange {
            $($(#[doc = $doc])+ pub $name: Option<bool>,)+
        }

        impl SettingsChange {
            /// The names of all switches.
            pub const NAMES: [&'static str; [$(stringify!($name)),+].len()] = [$(stringify!($name)),+];

            /// The switch with this name, if there is one.
            pub fn switch(&mut self, name: &str) -> Option<&mut Option<bool>> {
                $(if name == stringify!($name) {
                    return Some(&mut self.$name);
                })+
                None
            }
        }
    };
}

switches! {
    /// Users may have API keys.
    allow_user_api_keys,
    /// Teams may have API keys.
    allow_team_api_keys,
    /// Anybody may sign up.
    sign_up_enabled,
    /// People sign in with e-mail and password.
    credential_enabled,
    /// Users may create teams.
    client_team_creation_enabled,
    /// Users may delete their account.
    client_user_deletion_enabled,
    /// Client applications must show the publishable client key.
    require_publishable_client_key,
    /// Links in messages may lead to the reader's own machine.
    allow_localhost,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_is_found_by_its_name() {
        let mut change = SettingsChange::default();
        for name in SettingsChange::NAMES {
            *change.switch(name).expect(name) = Some(true);
        }
        assert_eq!(change.allow_localhost, Some(true));
        assert_eq!(change.allow_user_api_keys, Some(true));
        assert!(change.switch("unknown").is_none());
    }
}
