//! Creating and renaming a team.

use leptos::prelude::*;

use super::{
    form::{live_form, sending},
    page::PageContext,
};
use crate::{
    browser::dom::go,
    server_fns::teams::{create_team, rename_team},
};

/// Creates a team and leads to its page.
#[island]
pub fn CreateTeamForm(children: Children) -> impl IntoView {
    let send = sending(|values| async move {
        let created = create_team(values.text("display_name"), values.text("token")).await?;
        go(&created.to);
        Ok(())
    });
    live_form(send, children)
}

/// Changes the team's name, which stands in several places of the page.
#[island]
pub fn RenameTeamForm(children: Children) -> impl IntoView {
    let page = PageContext::around();
    let send = sending(move |values| async move {
        let done = rename_team(values.text("team"), values.text("display_name")).await?;
        page.refresh().await;
        page.say(done.message);
        Ok(())
    });
    live_form(send, children)
}
