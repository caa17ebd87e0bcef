//! Rows to write.

use latchkey_model::{
    account::{DisplayName, Email},
    description::AppDescription,
    digest::Digest,
    expiry::Millis,
};
use uuid::Uuid;

/// A user.
pub struct NewUser {
    pub id: Uuid,
    pub display_name: Option<DisplayName>,
    pub email: Option<Email>,
    pub email_verified: bool,
    pub email_signs_in: bool,
    pub profile_image_url: Option<String>,
    pub metadata: Metadata,
    pub password_hash: Option<String>,
    pub signed_up_at: Option<Millis>,
    pub last_active_at: Option<Millis>,
}

/// A team.
pub struct NewTeam {
    pub id: Uuid,
    pub display_name: DisplayName,
    pub profile_image_url: Option<String>,
    pub metadata: Metadata,
    pub created_at: Option<Millis>,
}

/// Application data about a user or a team, as JSON texts.
pub struct Metadata {
    pub client: Option<String>,
    pub client_read_only: Option<String>,
    pub server: Option<String>,
}

/// A user in a team.
pub struct NewMembership {
    pub team: Uuid,
    pub user: Uuid,
    pub is_selected: bool,
    pub created_at: Option<Millis>,
}

/// A permission that a member was granted directly.
pub struct NewGrant {
    pub team: Uuid,
    pub user: Uuid,
    pub permission: String,
}

/// A key.
pub struct NewKey {
    pub id: Uuid,
    pub user: Option<Uuid>,
    pub team: Option<Uuid>,
    pub description: AppDescription,
    pub is_public: bool,
    pub digest: Digest,
    pub last_four: String,
    pub created_at: Option<Millis>,
    pub expires_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
}

/// The state of a row in this database before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Does not exist here and can be written.
    Absent,
    /// Exists here.
    Here,
    /// The row or its owner was deleted or removed here.
    Removed,
    /// Another row here has the same unique value.
    Taken,
}

/// The result of writing a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Made,
    /// Another import has written it in the meantime.
    Here,
    /// Its owner does not exist here.
    Orphan,
    /// The database refused it because of this constraint.
    Refused(String),
}

impl Outcome {
    pub fn of(made: bool, here: bool) -> Self {
        match (made, here) {
            (true, _) => Self::Made,
            (false, true) => Self::Here,
            (false, false) => Self::Orphan,
        }
    }
}

/// Existing rows are kept; removed ones are not created again.
pub(super) const fn standing(here: bool, removed: bool) -> Standing {
    match (here, removed) {
        (true, _) => Standing::Here,
        (false, true) => Standing::Removed,
        (false, false) => Standing::Absent,
    }
}
