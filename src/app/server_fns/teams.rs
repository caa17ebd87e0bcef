//! Creates and renames teams.

use leptos::prelude::*;

use super::{Done, Problem, protocol::Form};

#[cfg(feature = "ssr")]
use {
    super::request::{authenticated, done, leave, redirect},
    crate::{forms::team_id, notice::NoticeKind, paths, text::text},
};

/// Creates a team and redirects to its page. The same form leads to the same team.
#[server(name = CreateTeam, prefix = "/fn", endpoint = "teams/create", protocol = Form)]
pub async fn create_team(
    display_name: String,
    #[server(default)] token: String,
) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    let token = token.parse().ok();
    let team = state
        .domain
        .create_team(&caller, &display_name, token)
        .await?;
    leave(&NoticeKind::TeamCreated.into());
    Ok(redirect(&paths::team(team)))
}

/// Changes a team's display name.
#[server(name = RenameTeam, prefix = "/fn", endpoint = "teams/rename", protocol = Form)]
pub async fn rename_team(team: String, display_name: String) -> Result<Done, Problem> {
    let (state, caller) = authenticated()?;
    state
        .domain
        .rename_team(&caller, team_id(&team)?, &display_name)
        .await?;
    Ok(done(text().team.renamed, NoticeKind::TeamRenamed))
}
