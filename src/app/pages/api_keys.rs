//! One's own API keys, and what the team's page needs of the team's.

use axum::{extract::State, http::StatusCode, response::Response};
use latchkey_model::{id::TeamId, key_list::KeyListView};
use latchkey_server::domain::{Error, api_keys::Keys};
use leptos::prelude::*;

use super::{PageError, Visit};
use crate::{
    components::{Frame, KeySection, KeySectionState, Place},
    shell,
    state::AppState,
    text::text,
};

/// The page. It does not exist where the project has no user keys.
///
/// # Errors
/// As [`latchkey_server::domain::Domain::list_keys`].
pub async fn api_keys(State(state): State<AppState>, visit: Visit) -> Result<Response, PageError> {
    if !visit.viewer.project.settings.allow_user_api_keys {
        return Err(Error::NotFound.into());
    }
    let section = load(&state, &visit, None)
        .await
        .map_err(|error| match error {
            // Switched off since the frame was read.
            Error::KeysOff(_) => Error::NotFound,
            error => error,
        })?;
    let viewer = visit.viewer;
    Ok(shell::page(StatusCode::OK, text().keys.title, move || {
        view! {
            <Frame viewer place=Place::ApiKeys>
                <KeySection state=section />
            </Frame>
        }
    }))
}

/// The keys in the view that the address asks for.
pub(super) async fn load(
    state: &AppState,
    visit: &Visit,
    team: Option<(TeamId, String)>,
) -> Result<KeySectionState, Error> {
    let query = visit.query();
    let mut view = KeyListView::from_pairs(
        query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let keys = team.as_ref().map_or(Keys::Own, |(id, _)| Keys::OfTeam(*id));
    let mut page = state.domain.list_keys(&visit.caller, keys, &view).await?;
    if page.keys.is_empty() && page.matching > 0 {
        // The address names a page that has gone, as after revoking the last key on it.
        let last = (page.matching - 1) / i64::from(view.size) + 1;
        view.page = u32::try_from(last).unwrap_or(1);
        page = state.domain.list_keys(&visit.caller, keys, &view).await?;
    }
    let id = |name: &str| {
        query
            .iter()
            .find(|(other, _)| other == name)
            .and_then(|(_, value)| value.parse().ok())
    };
    Ok(KeySectionState {
        team,
        view,
        page,
        rename: id("rename"),
        revoke: id("revoke"),
        token: state.domain.form_token(),
    })
}
