//! Users.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    account::{DisplayName, Email},
    expiry::Millis,
    id::{TeamId, UserId},
    patch::Patch,
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

/// A user to create.
#[derive(Default, Serialize)]
pub struct NewUser {
    pub display_name: Option<DisplayName>,
    pub profile_image_url: Option<String>,
    pub client_metadata: Option<Value>,
    pub client_read_only_metadata: Option<Value>,
    pub server_metadata: Option<Value>,
    pub primary_email: Option<Email>,
    pub primary_email_verified: Option<bool>,
    /// Where it is absent, a user with a password signs in with the address.
    pub primary_email_auth_enabled: Option<bool>,
    #[serde(skip)]
    pub password: Option<String>,
}

/// What to change about a user. Serialised, it holds the changed columns by their names.
#[derive(Default, Serialize)]
pub struct UserChange {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub display_name: Patch<DisplayName>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub profile_image_url: Patch<String>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub client_metadata: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub client_read_only_metadata: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub server_metadata: Patch<Value>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub primary_email: Patch<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_email_auth_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub selected_team_id: Patch<TeamId>,
    /// A new password. Every session of the user but the caller's own ends.
    #[serde(skip)]
    pub password: Option<String>,
}

impl UserChange {
    /// Whether only a server may make this change: users themselves change their name, picture, client
    /// metadata and selected team.
    pub const fn is_for_servers(&self) -> bool {
        !self.client_read_only_metadata.is_keep()
            || !self.server_metadata.is_keep()
            || !self.primary_email.is_keep()
            || self.primary_email_verified.is_some()
            || self.primary_email_auth_enabled.is_some()
            || self.password.is_some()
    }
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
