//! Permissions of team members.
//!
//! The six system permissions cannot contain others. A project can define further ones, which may
//! contain system permissions and one another. Every new project has `team_member` and
//! `team_admin`.

use serde::Deserialize;

use crate::{
    caller::UserRef,
    id::{TeamId, UserId},
    patch::Patch,
};

/// May rename the team.
pub const UPDATE_TEAM: &str = "$update_team";
/// May delete the team.
pub const DELETE_TEAM: &str = "$delete_team";
/// May list the team's members.
pub const READ_MEMBERS: &str = "$read_members";
/// May remove members from the team.
pub const REMOVE_MEMBERS: &str = "$remove_members";
/// May add members to the team.
pub const INVITE_MEMBERS: &str = "$invite_members";
/// May see, create and revoke the team's API keys.
pub const MANAGE_API_KEYS: &str = "$manage_api_keys";

/// The role of a team's creator.
pub const TEAM_ADMIN: &str = "team_admin";
/// The role of a member who was added by somebody else.
pub const TEAM_MEMBER: &str = "team_member";

/// Permissions that exist in every project without a definition.
pub const SYSTEM: [&str; 6] = [
    UPDATE_TEAM,
    DELETE_TEAM,
    READ_MEMBERS,
    REMOVE_MEMBERS,
    INVITE_MEMBERS,
    MANAGE_API_KEYS,
];

/// What every new project defines: roles and the permissions they contain.
pub const DEFAULT_ROLES: [(&str, &[&str]); 2] = [
    (TEAM_ADMIN, &SYSTEM),
    (TEAM_MEMBER, &[READ_MEMBERS, INVITE_MEMBERS]),
];

/// Maximum length of a permission's name in characters, without the `$`.
pub const MAX_NAME: usize = 255;

/// Whether this can be the name of a permission: 1 to [`MAX_NAME`] lowercase letters, digits,
/// underscores and colons, after a `$` if it is a system permission. The database's constraints
/// enforce the same.
pub fn is_name(name: &str) -> bool {
    let bare = name.strip_prefix('$').unwrap_or(name);
    (1..=MAX_NAME).contains(&bare.len())
        && bare
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b':'))
}

/// A permission that a member holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPermission {
    pub id: String,
    pub user: UserId,
    pub team: TeamId,
}

#[derive(Debug, Clone, Default)]
pub struct PermissionListing {
    /// Only permissions in this team.
    pub team: Option<TeamId>,
    /// Only permissions of this user. A client must name its own user.
    pub who: Option<UserRef>,
    /// Only this permission.
    pub permission: Option<String>,
    /// Also permissions that granted ones contain.
    pub recursive: bool,
}

/// A permission that a project defines, which contains others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PermissionDefinition {
    pub id: String,
    pub description: Option<String>,
    pub contained_permission_ids: Vec<String>,
}

/// Changes to a definition; `None` keeps the old value.
#[derive(Debug, Clone, Default)]
pub struct DefinitionChange {
    pub id: Option<String>,
    pub description: Patch<String>,
    pub contained_permission_ids: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_named_as_the_database_demands() {
        for name in ["team_admin", "$manage_api_keys", "a:b_1", "$new"] {
            assert!(is_name(name), "{name}");
        }
        let long = "x".repeat(256);
        for name in ["", "$", "Admin", "a b", "a$b", "$$a", "é", "a\n", &long] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
