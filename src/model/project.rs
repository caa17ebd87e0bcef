//! Projects and their settings.

use serde::{Deserialize, Serialize};

use crate::{account::DisplayName, id::ProjectId, patch::Patch};

/// The name of the setting [`ProjectSettings::max_api_keys_per_owner`].
pub const MAX_API_KEYS: &str = "max_api_keys_per_owner";

/// The largest limit of valid keys. It is low enough to count them whenever a key is created.
pub const LARGEST_KEY_LIMIT: u32 = 1_000_000;

/// The limit of a new project.
const DEFAULT_KEY_LIMIT: u32 = 100;

/// Declares the switches with their defaults, beside the limit of keys: [`ProjectSettings`] with their values, and
/// [`SettingsChange`] with changes.
macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:literal),+ $(,)?) => {
        /// A project's settings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub struct ProjectSettings {
            $($(#[doc = $doc])+ pub $name: bool,)+
            /// The maximum number of valid keys of a user or a team, as far as people create them;
            /// `None` for no limit. Servers and imports are not limited.
            pub max_api_keys_per_owner: Option<u32>,
        }

        /// Changes to the settings; `None` keeps the old value.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct SettingsChange {
            $($(#[doc = $doc])+ pub $name: Option<bool>,)+
            /// At most [`LARGEST_KEY_LIMIT`].
            pub max_api_keys_per_owner: Patch<u32>,
        }

        impl ProjectSettings {
            /// The number of switches.
            pub const COUNT: usize = [$(stringify!($name)),+].len();

            /// Every switch with its name.
            pub const fn named(self) -> [(&'static str, bool); Self::COUNT] {
                [$((stringify!($name), self.$name)),+]
            }

            #[must_use]
            pub fn changed(self, change: SettingsChange) -> Self {
                Self {
                    $($name: change.$name.unwrap_or(self.$name),)+
                    max_api_keys_per_owner: match change.max_api_keys_per_owner {
                        Patch::Keep => self.max_api_keys_per_owner,
                        Patch::Clear => None,
                        Patch::Set(limit) => Some(limit),
                    },
                }
            }
        }

        /// The settings of a new project.
        impl Default for ProjectSettings {
            fn default() -> Self {
                Self {
                    $($name: $default,)+
                    max_api_keys_per_owner: Some(DEFAULT_KEY_LIMIT),
                }
            }
        }

        impl SettingsChange {
            /// Returns the switch with this name.
            pub fn switch(&mut self, name: &str) -> Option<&mut Option<bool>> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// Returns the names of the switches that are not changed.
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
    /// New users may sign up.
    sign_up_enabled = true,
    /// Users may sign in with e-mail and password.
    credential_enabled = true,
    /// Users may create teams.
    client_team_creation_enabled = false,
    /// Users may delete their account.
    client_user_deletion_enabled = false,
    /// Client applications must send the publishable client key.
    require_publishable_client_key = false,
    /// Callback URLs may be on `localhost`.
    allow_localhost = true,
}

/// A trusted domain, on which callback URLs may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDomain {
    /// Scheme, host and port.
    pub domain: String,
    /// The path of the application's account pages.
    pub handler_path: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub display_name: String,
    pub settings: ProjectSettings,
    pub domains: Vec<TrustedDomain>,
}

/// Changes to a project; `None` keeps the old value.
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
        assert_eq!(changed.max_api_keys_per_owner, Some(100));
    }

    #[test]
    fn the_limit_of_keys_can_be_changed_and_taken_away() {
        for (patch, limit) in [
            (Patch::Keep, Some(100)),
            (Patch::Set(0), Some(0)),
            (Patch::Clear, None),
        ] {
            let change = SettingsChange {
                max_api_keys_per_owner: patch,
                ..SettingsChange::default()
            };
            let changed = ProjectSettings::default().changed(change);
            assert_eq!(changed.max_api_keys_per_owner, limit);
        }
    }
}
