//! The signed-in user of a page.

use serde::Deserialize;

use crate::{
    id::{SessionId, TeamId, UserId},
    project::Project,
};

/// The most teams that the navigation shows.
pub const TEAMS_SHOWN: i64 = 10;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TeamName {
    pub team_id: TeamId,
    pub display_name: String,
}

/// The most teams on a page of them.
pub const TEAMS_PER_PAGE: i64 = 50;

/// One page of a user's teams.
#[derive(Debug, Clone)]
pub struct TeamPage {
    pub teams: Vec<TeamName>,
    /// There is another page.
    pub has_more: bool,
    /// The number of teams that were searched, those joined first, where there are more.
    pub partial: Option<i64>,
}

/// The user of a session, with what the frame of every page shows.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub is_project_admin: bool,
    pub project: Project,
    /// The first teams that the user joined, at most [`TEAMS_SHOWN`], and the one that is open.
    pub teams: Vec<TeamName>,
    /// The database was restored from a backup, and no operator has decided about it yet: nothing can be changed.
    pub is_locked: bool,
    /// The user is in more teams.
    pub has_more_teams: bool,
}
