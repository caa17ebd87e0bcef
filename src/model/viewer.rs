//! Who looks at a page.

use serde::Deserialize;

use crate::{
    id::{TeamId, UserId},
    project::Project,
};

/// A team, as the list of one's teams shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct TeamName {
    /// Its id.
    pub team_id: TeamId,
    /// Its name.
    pub display_name: String,
}

/// The person behind a session, and what the frame of every page shows of them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who.
    pub user_id: UserId,
    /// Their name, if they have given one.
    pub display_name: Option<String>,
    /// Their address, if they have one.
    pub email: Option<String>,
    /// Whether they administer the project.
    pub is_project_admin: bool,
    /// The project they belong to.
    pub project: Project,
    /// Their teams, oldest first.
    pub teams: Vec<TeamName>,
}
