//! Founding and renaming teams.
#![expect(
    missing_docs,
    reason = "the macro makes public structs of the arguments"
)]

use latchkey_domain::{Error, Subject};
use leptos::prelude::*;
use server_fn::codec::{Json, PostUrl};

use super::{Problem, asked, then};
use crate::paths;

/// Founds a team and goes to its page.
#[server(name = CreateTeam, prefix = "/fn", endpoint = "teams/create", input = PostUrl, output = Json)]
pub async fn create_team(display_name: String) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let team = state.domain.create_team(&caller, &display_name).await?;
    then(&paths::team(team));
    Ok(())
}

/// Changes what a team is called.
#[server(name = RenameTeam, prefix = "/fn", endpoint = "teams/rename", input = PostUrl, output = Json)]
pub async fn rename_team(team: String, display_name: String) -> Result<(), Problem> {
    let (state, caller) = asked()?;
    let team = team.parse().map_err(|_| Error::NotFound(Subject::Team))?;
    Ok(state
        .domain
        .rename_team(&caller, team, &display_name)
        .await?)
}
