//! What a list of API keys shows.

use latchkey_model::{
    api_key::KeyPage,
    id::{ApiKeyId, CreationToken, TeamId},
    key_list::KeyListView,
};

use crate::paths::{self, KeyListPage};

/// The owner of the keys in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyListOwner {
    Viewer,
    /// The team and its name.
    Team(TeamId, String),
    /// All users and teams of the project with this name. These keys can only be revoked.
    Project(String),
}

/// The state of a list.
#[derive(Debug, Clone)]
pub struct KeyListState {
    pub owner: KeyListOwner,
    pub view: KeyListView,
    pub page: KeyPage,
    /// The key whose rename form is open, without script.
    pub rename: Option<ApiKeyId>,
    /// The key whose revoke dialog is open, without script.
    pub revoke: Option<ApiKeyId>,
    /// The token for the form that creates a key.
    pub token: CreationToken,
}

impl KeyListState {
    /// The team that owns the keys, if one does.
    pub const fn team_id(&self) -> Option<TeamId> {
        match self.owner {
            KeyListOwner::Team(id, _) => Some(id),
            KeyListOwner::Viewer | KeyListOwner::Project(_) => None,
        }
    }

    pub const fn on(&self) -> KeyListPage {
        match self.owner {
            KeyListOwner::Viewer => KeyListPage::Own,
            KeyListOwner::Team(id, _) => KeyListPage::Team(id),
            KeyListOwner::Project(_) => KeyListPage::Project,
        }
    }

    /// The address of this view, without open forms.
    pub fn address(&self) -> String {
        paths::key_list(self.on(), &self.view)
    }

    /// Whether the list says whose each key is, or who created it.
    pub const fn has_people(&self) -> bool {
        !matches!(self.owner, KeyListOwner::Viewer)
    }

    /// Whether the list has keys of several owners.
    pub const fn is_inventory(&self) -> bool {
        matches!(self.owner, KeyListOwner::Project(_))
    }
}
