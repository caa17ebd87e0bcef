//! The project, for whoever administers it: whether it has API keys, and all of them.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;

use super::{PageError, Visit, api_keys::load};
use crate::{
    components::{Frame, Inventory, KeySwitches, Place, Whose},
    shell,
    state::AppState,
    text::text,
};

/// The page. Its list is what decides who may see it.
///
/// # Errors
/// [`latchkey_domain::Error::NotFound`] for everybody else.
pub async fn project(State(state): State<AppState>, visit: Visit) -> Result<Response, PageError> {
    let whose = Whose::Project(visit.viewer.project.display_name.clone());
    let keys = load(&state, &visit, whose).await?;
    let viewer = visit.viewer;
    let project = viewer.project.clone();
    let settings = project.settings;
    let title = text().project.title;
    Ok(shell::page(StatusCode::OK, title, move || {
        view! {
            <Frame viewer place=Place::Project>
                <KeySwitches project />
                <Inventory state=keys settings />
            </Frame>
        }
    }))
}
