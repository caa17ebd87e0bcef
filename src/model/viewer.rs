//! The signed-in user, as pages show them.

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

/// The user of a session, and what every page's frame shows of them.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub user_id: UserId,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub is_project_admin: bool,
    pub project: Project,
    /// Oldest first.
    pub teams: Vec<TeamName>,
}
