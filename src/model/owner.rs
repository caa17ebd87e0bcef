//! Who a key belongs to.

use serde::{Deserialize, Serialize};

use crate::id::{TeamId, UserId};

/// The user or the team that a key acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    /// The key acts as this user.
    User(UserId),
    /// The key acts as this team.
    Team(TeamId),
}

/// The kind of an [`KeyOwner`], as it is written inside the key string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// A user's key.
    User,
    /// A team's key.
    Team,
}

impl OwnerKind {
    /// The four letters in the key string and in `type` on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
        }
    }
}

impl KeyOwner {
    /// Whether this is a user or a team.
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::User(_) => OwnerKind::User,
            Self::Team(_) => OwnerKind::Team,
        }
    }
}
