//! The signed-in user of a page.

use serde::Deserialize;

use crate::{
    id::{TeamId, UserId},
    project::Project,
};

#[derive(Debug, Clone, Deserialize)]
pub struct TeamName {
    pub team_id: TeamId,
    pub display_name: String,
}

/// The user of a session, with what the frame of every page shows.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub user_id: UserId,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub is_project_admin: bool,
    pub project: Project,
    /// Oldest first.
    pub teams: Vec<TeamName>,
    /// The database was restored from a backup, and no operator has decided about it yet: nothing can be changed.
    pub is_locked: bool,
}
