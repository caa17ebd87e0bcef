//! What a member of a team may do.
//!
//! The six system permissions cannot contain others. A project defines further ones, which may
//! contain system permissions and one another; every new project has `team_member` and `team_admin`.

/// May rename the team.
pub const UPDATE_TEAM: &str = "$update_team";
/// May delete the team.
pub const DELETE_TEAM: &str = "$delete_team";
/// May see who else is in the team.
pub const READ_MEMBERS: &str = "$read_members";
/// May take members out of the team.
pub const REMOVE_MEMBERS: &str = "$remove_members";
/// May bring members into the team.
pub const INVITE_MEMBERS: &str = "$invite_members";
/// May see, make and revoke the team's keys.
pub const MANAGE_API_KEYS: &str = "$manage_api_keys";

/// The role of whoever founded a team.
pub const TEAM_ADMIN: &str = "team_admin";
/// The role of whoever was added to a team.
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

/// What every new project defines: a role and the permissions it contains.
pub const DEFAULT_ROLES: [(&str, &[&str]); 2] = [
    (TEAM_ADMIN, &SYSTEM),
    (TEAM_MEMBER, &[READ_MEMBERS, INVITE_MEMBERS]),
];
