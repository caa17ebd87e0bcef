//! Teams and who is in them.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    caller::UserRef,
    expiry::Millis,
    id::{TeamId, UserId},
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

/// What a new team is to be, or what to change about one: columns by their names, as in
/// [`UserChange`](super::users::UserChange).
#[derive(Default)]
pub struct TeamChange {
    /// `display_name`, `profile_image_url`, the three metadata.
    pub fields: Map<String, Value>,
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
