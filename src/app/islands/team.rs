//! Creating and renaming a team.

use leptos::prelude::*;

use super::form::{leading, live_form, refreshing};
use crate::server_fns::teams::{create_team, rename_team};

/// Creates a team and leads to its page.
#[island]
pub fn CreateTeamForm(children: Children) -> impl IntoView {
    let send = leading(|values| create_team(values.text("display_name"), values.text("token")));
    live_form(send, children)
}

/// Changes the team's name, which stands in several places of the page.
#[island]
pub fn RenameTeamForm(children: Children) -> impl IntoView {
    let send = refreshing(|values| rename_team(values.text("team"), values.text("display_name")));
    live_form(send, children)
}
