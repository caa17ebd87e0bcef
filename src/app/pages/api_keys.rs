//! The page with the visitor's own API keys, and the key list that other pages share.

use axum::{extract::State, http::StatusCode, response::Response};
use latchkey_domain::{Denied, Error, Subject};
use latchkey_model::{
    api_key::{KeyLookup, KeyPage, KeyScope},
    key_list::KeyListView,
};
use leptos::prelude::*;

use super::{PageError, SignedInVisitor};
use crate::{
    components::{Frame, KeyListOwner, KeyListState, KeySection, Place},
    notice::Notice,
    shell,
    state::AppState,
    text::text,
};

/// Does not exist while user keys are switched off in the project.
///
/// # Errors
/// As [`latchkey_domain::Domain::list_keys`].
pub async fn api_keys(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    if !visitor.viewer.project.settings.allow_user_api_keys {
        return Err(Error::NotFound(Subject::ApiKey).into());
    }
    let section =
        load(&state, &visitor, KeyListOwner::Viewer)
            .await
            .map_err(|error| match error {
                // Switched off after the frame was read.
                Error::Denied(Denied::KeysOff(_)) => Error::NotFound(Subject::ApiKey),
                error => error,
            })?;
    let message = message(&state, &visitor, &section).await;
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    Ok(shell::page(StatusCode::OK, text().keys.title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::ApiKeys message>
                <KeySection state=section />
            </Frame>
        }
    }))
}

/// Returns the keys in the view that the URL describes. What a plain form has just revoked stays on it.
pub(super) async fn load(
    state: &AppState,
    visitor: &SignedInVisitor,
    owner: KeyListOwner,
) -> Result<KeyListState, Error> {
    let query = visitor.query();
    let mut view = KeyListView::from_pairs(
        query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    view.stay(visitor.notice.iter().flat_map(Notice::staying));
    let mut page = list(state, visitor, &owner, &view).await?;
    if page.keys.is_empty() && page.matching > 0 {
        // The URL names a page that no longer exists, for example after the last key on it was
        // revoked.
        let last = (page.matching - 1) / i64::from(view.size) + 1;
        view.page = u32::try_from(last).unwrap_or(1);
        page = list(state, visitor, &owner, &view).await?;
    }
    let id = |name: &str| {
        query
            .iter()
            .find(|(other, _)| other == name)
            .and_then(|(_, value)| value.parse().ok())
    };
    Ok(KeyListState {
        owner,
        view,
        page,
        rename: id("rename"),
        revoke: id("revoke"),
        token: state.domain.form_token(),
    })
}

/// Returns what the page says about the plain form that led to this list.
pub(super) async fn message(
    state: &AppState,
    visitor: &SignedInVisitor,
    list: &KeyListState,
) -> Option<String> {
    let renamed = visitor.notice.as_ref().and_then(Notice::renamed_key);
    let Some((key, scope)) = renamed.zip(scope(&list.owner)) else {
        return visitor.message(None);
    };
    // It may be on another page of the list by now.
    let lookup = KeyLookup::Scope(scope);
    let key = state.domain.key(&visitor.caller, lookup, key).await.ok()?;
    visitor.message(Some(&key.description))
}

/// Whose keys are listed; `None` for all keys of the project.
const fn scope(owner: &KeyListOwner) -> Option<KeyScope> {
    match owner {
        KeyListOwner::Viewer => Some(KeyScope::Own),
        KeyListOwner::Team(id, _) => Some(KeyScope::OfTeam(*id)),
        KeyListOwner::Project(_) => None,
    }
}

async fn list(
    state: &AppState,
    visitor: &SignedInVisitor,
    owner: &KeyListOwner,
    view: &KeyListView,
) -> Result<KeyPage, Error> {
    match scope(owner) {
        Some(keys) => state.domain.list_keys(&visitor.caller, keys, view).await,
        None => state.domain.list_all_keys(&visitor.caller, view).await,
    }
}
