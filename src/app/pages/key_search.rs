//! The search of a list of keys, as its form posts it: a key that is typed or pasted into it must not get
//! into an address, so the form is never sent as one. The answer redirects to the list; its address has
//! the words that were searched for, or which of the keys it was.
//!
//! An island sends the key's digest alone.

use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use latchkey_domain::{Denied, Error, Subject};
use latchkey_model::{
    api_key::KeyScope,
    caller::Caller,
    digest::Digest,
    key_list::{KeyListView, PastedKey},
    key_text::find_key,
};

use super::{PageError, SignedInVisitor, TeamInPath};
use crate::{
    browser::fetch::DIGEST,
    paths::{self, KeyListPage},
    state::AppState,
};

/// Searches the visitor's own keys.
///
/// # Errors
/// [`Error::NotFound`] if the visitor cannot have keys.
pub async fn own(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    body: Bytes,
) -> Result<Response, PageError> {
    search(&state, &visitor.caller, KeyListPage::Own, &body).await
}

/// Searches a team's keys.
///
/// # Errors
/// [`Error::NotFound`] if the visitor cannot manage the team's keys.
pub async fn of_team(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    TeamInPath(team): TeamInPath,
    body: Bytes,
) -> Result<Response, PageError> {
    search(&state, &visitor.caller, KeyListPage::Team(team), &body).await
}

/// Searches all keys of the project.
///
/// # Errors
/// [`Error::NotFound`] if the visitor is not an administrator.
pub async fn of_project(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    body: Bytes,
) -> Result<Response, PageError> {
    search(&state, &visitor.caller, KeyListPage::Project, &body).await
}

async fn search(
    state: &AppState,
    caller: &Caller,
    on: KeyListPage,
    body: &Bytes,
) -> Result<Response, PageError> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    let pairs = || {
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    };
    let field = |wanted: &str| {
        pairs()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    };
    let digest = match field("q").and_then(find_key) {
        Some(key) => Some(Digest::of(&key)),
        None => field(DIGEST).and_then(Digest::from_hex),
    };
    let view = KeyListView::from_pairs(pairs());
    let view = match digest {
        Some(digest) => KeyListView {
            pasted: Some(find(state, caller, on, digest).await?),
            size: view.size,
            ..KeyListView::default()
        },
        None => view,
    };
    Ok(Redirect::to(&paths::key_list(on, &view)).into_response())
}

async fn find(
    state: &AppState,
    caller: &Caller,
    on: KeyListPage,
    digest: Digest,
) -> Result<PastedKey, Error> {
    let domain = &state.domain;
    let found = match on {
        KeyListPage::Own => domain.find_key(caller, KeyScope::Own, digest).await,
        KeyListPage::Team(team) => {
            let keys = KeyScope::OfTeam(team);
            domain.find_key(caller, keys, digest).await
        }
        KeyListPage::Project => domain.find_any_key(caller, digest).await,
    };
    found.map_err(|error| match error {
        Error::Denied(Denied::KeysOff(_)) => Error::NotFound(Subject::ApiKey),
        error => error,
    })
}
