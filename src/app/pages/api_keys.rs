//! One's own API keys, and what other pages need to list keys.

use axum::{extract::State, http::StatusCode, response::Response};
use latchkey_domain::{Denied, Error, Subject};
use latchkey_model::api_key::{KeyPage, KeyScope};
use latchkey_model::key_list::KeyListView;
use leptos::prelude::*;

use super::{PageError, Visit};
use crate::{
    components::{Frame, KeySection, KeySectionState, Place, Whose},
    shell,
    state::AppState,
    text::text,
};

/// The page. It does not exist where the project has no user keys.
///
/// # Errors
/// As [`latchkey_domain::Domain::list_keys`].
pub async fn api_keys(State(state): State<AppState>, visit: Visit) -> Result<Response, PageError> {
    if !visit.viewer.project.settings.allow_user_api_keys {
        return Err(Error::NotFound(Subject::ApiKey).into());
    }
    let section = load(&state, &visit, Whose::Own)
        .await
        .map_err(|error| match error {
            // Switched off since the frame was read.
            Error::Denied(Denied::KeysOff(_)) => Error::NotFound(Subject::ApiKey),
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
    whose: Whose,
) -> Result<KeySectionState, Error> {
    let query = visit.query();
    let mut view = KeyListView::from_pairs(
        query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let mut page = list(state, visit, &whose, &view).await?;
    if page.keys.is_empty() && page.matching > 0 {
        // The address names a page that has gone, as after revoking the last key on it.
        let last = (page.matching - 1) / i64::from(view.size) + 1;
        view.page = u32::try_from(last).unwrap_or(1);
        page = list(state, visit, &whose, &view).await?;
    }
    let id = |name: &str| {
        query
            .iter()
            .find(|(other, _)| other == name)
            .and_then(|(_, value)| value.parse().ok())
    };
    Ok(KeySectionState {
        whose,
        view,
        page,
        rename: id("rename"),
        revoke: id("revoke"),
        token: state.domain.form_token(),
    })
}

async fn list(
    state: &AppState,
    visit: &Visit,
    whose: &Whose,
    view: &KeyListView,
) -> Result<KeyPage, Error> {
    let keys = match whose {
        Whose::Own => KeyScope::Own,
        Whose::Team(id, _) => KeyScope::OfTeam(*id),
        Whose::Project(_) => return state.domain.list_all_keys(&visit.caller, view).await,
    };
    state.domain.list_keys(&visit.caller, keys, view).await
}
