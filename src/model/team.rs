//! Teams and who is in them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    account::DisplayName,
    caller::UserRef,
    expiry::Millis,
    id::{TeamId, UserId},
    patch::Patch,
    permission,
};

/// So many members a page shows; it says how many there are.
pub const MEMBERS_SHOWN: i64 = 100;

/// A member, as the others see them.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// Their name, if they have given one.
    pub display_name: Option<String>,
    /// Their address, if they have one.
    pub email: Option<String>,
    /// What they were granted directly: roles and single permissions.
    pub permissions: Vec<String>,
}

/// A team, as one of its members sees it.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub display_name: String,
    /// All that the caller may do in it, directly or through a role.
    pub permissions: Vec<String>,
    /// The members, oldest first, at most [`MEMBERS_SHOWN`]; none where the caller may not see them.
    pub members: Vec<Member>,
    /// How many members there are; 0 where the caller may not see them.
    pub member_count: i64,
}

impl Team {
    /// Whether the caller holds this permission.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    /// Whether the caller may see, make and revoke the team's keys, if the project has team keys.
    pub fn can_manage_keys(&self) -> bool {
        self.may(permission::MANAGE_API_KEYS)
    }
}

/// A team, as programs see it.
#[derive(Debug, Clone, Deserialize)]
pub struct TeamBody {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub display_name: String,
    /// A picture, if it has one.
    pub profile_image_url: Option<String>,
    /// What the application keeps of it, and members may change.
    pub client_metadata: Option<Value>,
    /// What the application keeps of it, and members may see.
    pub client_read_only_metadata: Option<Value>,
    /// What the application keeps of it for itself.
    pub server_metadata: Option<Value>,
    /// When it was created.
    pub created_at_millis: Millis,
}

/// A team to create.
#[derive(Serialize)]
pub struct NewTeam {
    pub display_name: DisplayName,
    pub profile_image_url: Option<String>,
    pub client_metadata: Option<Value>,
    pub client_read_only_metadata: Option<Value>,
    pub server_metadata: Option<Value>,
}

impl NewTeam {
    pub const fn named(display_name: DisplayName) -> Self {
        Self {
            display_name,
            profile_image_url: None,
            client_metadata: None,
            client_read_only_metadata: None,
            server_metadata: None,
        }
    }

    /// Whether only a server may create it.
    pub const fn is_for_servers(&self) -> bool {
        self.client_read_only_metadata.is_some() || self.server_metadata.is_some()
    }
}

/// What to change about a team. Serialised, it holds the changed columns by their names.
#[derive(Default, Serialize)]
pub struct TeamChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub profile_image_url: Patch<String>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub client_metadata: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub client_read_only_metadata: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub server_metadata: Patch<Value>,
}

impl TeamChange {
    /// Whether only a server may make this change: members change the name, the picture and the client
    /// metadata.
    pub const fn is_for_servers(&self) -> bool {
        !self.client_read_only_metadata.is_keep() || !self.server_metadata.is_keep()
    }
}

/// Which teams a program wants to see.
#[derive(Debug, Clone, Default)]
pub struct TeamListing {
    /// Only this user's teams; all where it is `None`.
    pub of: Option<UserRef>,
    /// Part of a name, or a whole id; empty for all.
    pub search: String,
    /// Newest first.
    pub descending: bool,
    pub limit: Option<u32>,
}

/// Who becomes the `team_admin` of a new team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamCreator {
    /// The one who asks, where a user does; nobody, where a server does.
    Caller,
    /// The one who asks; there must be a user.
    Me,
    /// This user. Only a server may name another.
    User(UserId),
}
