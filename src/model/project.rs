//! Projects and what each lets people do.

use serde::{Deserialize, Serialize};

use crate::{account::DisplayName, id::ProjectId};

/// The project's switches, each listed once with what a new project has: [`ProjectSettings`] holds their
/// values and [`SettingsChange`] those to change.
macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:literal),+ $(,)?) => {
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

        impl ProjectSettings {
            /// How many switches there are.
            pub const COUNT: usize = [$(stringify!($name)),+].len();

            /// Every switch by its name.
            pub const fn named(self) -> [(&'static str, bool); Self::COUNT] {
                [$((stringify!($name), self.$name)),+]
            }

            #[must_use]
            pub fn changed(self, change: SettingsChange) -> Self {
                Self {
                    $($name: change.$name.unwrap_or(self.$name),)+
                }
            }
        }

        /// The settings of a new project.
        impl Default for ProjectSettings {
            fn default() -> Self {
                Self {
                    $($name: $default,)+
                }
            }
        }

        impl SettingsChange {
            /// The switch with this name, if there is one.
            pub fn switch(&mut self, name: &str) -> Option<&mut Option<bool>> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// The names of the switches that stay as they are.
            pub fn unchanged(self) -> Vec<&'static str> {
                [$((stringify!($name), self.$name)),+]
                    .into_iter()
                    .filter(|(_, value)| value.is_none())
                    .map(|(name, _)| name)
                    .collect()
            }
        }
    };
}

switches! {
    /// Users may have API keys.
    allow_user_api_keys = false,
    /// Teams may have API keys.
    allow_team_api_keys = false,
    /// Anybody may sign up.
    sign_up_enabled = true,
    /// People sign in with e-mail and password.
    credential_enabled = true,
    /// Users may create teams.
    client_team_creation_enabled = false,
    /// Users may delete their account.
    client_user_deletion_enabled = false,
    /// Client applications must show the publishable client key.
    require_publishable_client_key = false,
    /// Links in messages may lead to the reader's own machine.
    allow_localhost = true,
}

/// An origin of the application, where links in messages may lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDomain {
    /// Scheme, host and port.
    pub domain: String,
    /// The path of its account pages.
    pub handler_path: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub display_name: String,
    pub settings: ProjectSettings,
    pub domains: Vec<TrustedDomain>,
}

/// What to change about a project; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    pub display_name: Option<DisplayName>,
    pub settings: SettingsChange,
    /// Replaces all trusted domains.
    pub domains: Option<Vec<TrustedDomain>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_is_found_by_its_name() {
        let mut change = SettingsChange::default();
        assert_eq!(change.unchanged().len(), ProjectSettings::COUNT);
        for (name, value) in ProjectSettings::default().named() {
            *change.switch(name).expect(name) = Some(!value);
        }
        assert_eq!(change.allow_localhost, Some(false));
        assert_eq!(change.allow_user_api_keys, Some(true));
        assert!(change.unchanged().is_empty());
        assert!(change.switch("unknown").is_none());
    }

    #[test]
    fn what_a_change_leaves_out_stays() {
        let change = SettingsChange {
            allow_user_api_keys: Some(true),
            ..SettingsChange::default()
        };
        let changed = ProjectSettings::default().changed(change);
        assert!(changed.allow_user_api_keys && changed.sign_up_enabled);
        assert!(!changed.allow_team_api_keys);
    }
}
