//! Users.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    expiry::Millis,
    id::{TeamId, UserId},
    team::TeamBody,
};

/// A user.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their address, if they have one.
    pub primary_email: Option<String>,
    /// Whether they have shown that it is theirs.
    pub primary_email_verified: bool,
    /// Whether they may sign in by it.
    pub primary_email_auth_enabled: bool,
    /// Their name, if they have given one.
    pub display_name: Option<String>,
    /// A picture, if they have given one.
    pub profile_image_url: Option<String>,
    /// What the application keeps of them, and they may change.
    pub client_metadata: Option<Value>,
    /// What the application keeps of them, and they may see.
    pub client_read_only_metadata: Option<Value>,
    /// What the application keeps of them for itself.
    pub server_metadata: Option<Value>,
    /// Whether they have a password.
    pub has_password: bool,
    /// When they came.
    pub signed_up_at_millis: Millis,
    /// When they were last seen.
    pub last_active_at_millis: Millis,
    /// The team they work in.
    pub selected_team: Option<TeamBody>,
}

/// What to change about a user, or to make a new one with. `fields` holds columns that may be null
/// by their names; what it does not hold stays.
#[derive(Default)]
pub struct UserChange {
    /// `display_name`, `profile_image_url`, the three metadata, `primary_email`,
    /// `primary_email_verified`, `primary_email_auth_enabled`, `selected_team_id`.
    pub fields: Map<String, Value>,
    /// A new password; every session of the user ends with the old one.
    pub password: Option<String>,
}

/// Which users a program wants to see.
#[derive(Debug, Clone, Default)]
pub struct UserListing {
    /// Part of a name or an address, or a whole id; empty shows all.
    pub search: String,
    /// Only members of this team.
    pub team: Option<TeamId>,
    /// Latest first.
    pub descending: bool,
    /// The last user of the page before.
    pub after: Option<UserId>,
    /// Most users on a page.
    pub limit: Option<u32>,
}
