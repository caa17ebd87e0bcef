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

#[derive(Debug, Clone, Deserialize)]
pub struct User {
    pub id: UserId,
    pub primary_email: Option<String>,
    /// Whether the e-mail address is verified.
    pub primary_email_verified: bool,
    /// Whether the user can sign in with the e-mail address.
    pub primary_email_auth_enabled: bool,
    pub display_name: Option<String>,
    pub profile_image_url: Option<String>,
    /// Application data that the user can read and change.
    pub client_metadata: Option<Value>,
    /// Application data that the user can read.
    pub client_read_only_metadata: Option<Value>,
    /// Application data that only servers can read.
    pub server_metadata: Option<Value>,
    pub has_password: bool,
    pub signed_up_at_millis: Millis,
    pub last_active_at_millis: Millis,
    /// The selected team.
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
    /// By default, a user with a password can sign in with the e-mail address.
    pub primary_email_auth_enabled: Option<bool>,
    #[serde(skip)]
    pub password: Option<String>,
}

/// Changes to a user. Serialised, it has the changed columns by their names.
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
    /// A new password. It ends all sessions of the user except the caller's own.
    #[serde(skip)]
    pub password: Option<String>,
}

impl UserChange {
    /// Whether only a server may make this change: users may change their own name, profile image,
    /// client metadata and selected team.
    pub const fn is_for_servers(&self) -> bool {
        !self.client_read_only_metadata.is_keep()
            || !self.server_metadata.is_keep()
            || !self.primary_email.is_keep()
            || self.primary_email_verified.is_some()
            || self.primary_email_auth_enabled.is_some()
            || self.password.is_some()
    }
}

#[derive(Debug, Clone, Default)]
pub struct UserListing {
    /// A part of the name or e-mail address, or the whole ID; empty for all.
    pub search: String,
    /// Only members of this team.
    pub team: Option<TeamId>,
    /// Newest first.
    pub descending: bool,
    /// The last user of the previous page.
    pub after: Option<UserId>,
    pub limit: Option<u32>,
}
