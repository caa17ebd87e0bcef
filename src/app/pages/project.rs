//! Project settings: the switches for API keys, and all API keys.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;

use super::{PageError, SignedInVisitor, api_keys::load};
use crate::{
    components::{Frame, Inventory, KeyListOwner, KeySwitches, Place},
    paths, shell,
    state::AppState,
    text::text,
};

/// The statement that lists the keys decides who may see the page.
///
/// # Errors
/// [`latchkey_domain::Error::NotFound`] if the visitor is not an administrator.
pub async fn project(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    let owner = KeyListOwner::Project(visitor.viewer.project.display_name.clone());
    let keys = load(&state, &visitor, owner).await?;
    let working = state.domain.working_keys(&visitor.caller).await?;
    let asked = visitor
        .query()
        .into_iter()
        .find(|(name, _)| name == paths::SWITCH_OFF)
        .map(|(_, kind)| kind);
    let message = visitor.message(None);
    let view = keys.view.clone();
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let project = viewer.project.clone();
    let settings = project.settings;
    let title = text().project.title;
    Ok(shell::page(StatusCode::OK, title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::Project message>
                <KeySwitches project working view asked />
                <Inventory state=keys settings />
            </Frame>
        }
    }))
}
