//! Teams and their members.

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

/// Maximum number of members that a page shows.
pub const MEMBERS_SHOWN: i64 = 100;

/// A member, as shown to other members.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    pub user_id: UserId,
    pub display_name: Option<String>,
    pub email: Option<String>,
    /// Permissions granted directly: roles and single permissions.
    pub permissions: Vec<String>,
}

/// A team, as shown to its members.
#[derive(Debug, Clone)]
pub struct Team {
    pub id: TeamId,
    pub display_name: String,
    /// The caller's permissions in the team, direct and contained.
    pub permissions: Vec<String>,
    /// The members, oldest first, at most [`MEMBERS_SHOWN`]; empty if the caller may not see them.
    pub members: Vec<Member>,
    /// Number of members; 0 if the caller may not see them.
    pub member_count: i64,
}

impl Team {
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    /// Has no effect while the project does not allow team keys.
    pub fn can_manage_keys(&self) -> bool {
        self.may(permission::MANAGE_API_KEYS)
    }
}

/// A team, as returned by the API.
#[derive(Debug, Clone, Deserialize)]
pub struct TeamBody {
    pub id: TeamId,
    pub display_name: String,
    pub profile_image_url: Option<String>,
    /// Application data that members can read and change.
    pub client_metadata: Option<Value>,
    /// Application data that members can read.
    pub client_read_only_metadata: Option<Value>,
    /// Application data that only servers can read.
    pub server_metadata: Option<Value>,
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

    /// Whether only a server may create this team.
    pub const fn is_for_servers(&self) -> bool {
        self.client_read_only_metadata.is_some() || self.server_metadata.is_some()
    }
}

/// Changes to a team. Serialised, it has the changed columns by their names.
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
    /// Whether only a server may make this change: members may change the name, the profile image
    /// and the client metadata.
    pub const fn is_for_servers(&self) -> bool {
        !self.client_read_only_metadata.is_keep() || !self.server_metadata.is_keep()
    }
}

#[derive(Debug, Clone, Default)]
pub struct TeamListing {
    /// Only this user's teams; `None` for all.
    pub of: Option<UserRef>,
    /// A part of the name, or the whole ID; empty for all.
    pub search: String,
    /// Newest first.
    pub descending: bool,
    pub limit: Option<u32>,
}

/// The user who becomes `team_admin` of a new team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamCreator {
    /// The caller's user; nobody for a server without a user.
    Caller,
    /// The caller's user, which is required.
    Me,
    /// This user. Only a server may name a user other than the caller.
    User(UserId),
}
