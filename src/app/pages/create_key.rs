//! Making a key without a script: the form on a page of its own, and the answer with the secret.
//!
//! A form that posts to a server function loses the function's answer, so this is a route of its
//! own. The form's token makes a reload of the answer mint nothing.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use latchkey_domain::{Denied, Error, Subject, clock::Clock, secret::PlainKey};
use latchkey_model::api_key::KeyScope;
use latchkey_model::id::TeamId;
use leptos::prelude::*;

use super::{AtTeam, PageError, Visit, problem_page};
use crate::{
    components::{CreateForm, CreateFormState, Frame, Place, SecretPanel},
    paths,
    server_fns::{api_keys, door::own_form, problem::tell},
    shell,
    state::AppState,
    text::text,
};

/// The form for a key of one's own.
///
/// # Errors
/// [`Error::NotFound`] where the visitor may have no such keys.
pub async fn own(State(state): State<AppState>, visit: Visit) -> Result<Response, PageError> {
    show(&state, visit, None).await
}

/// The form for a team's key.
///
/// # Errors
/// [`Error::NotFound`] where the visitor may not manage the team's keys.
pub async fn of_team(
    State(state): State<AppState>,
    visit: Visit,
    AtTeam(team): AtTeam,
) -> Result<Response, PageError> {
    show(&state, visit, Some(team)).await
}

/// Makes a key of one's own.
///
/// # Errors
/// As [`own`].
pub async fn make_own(
    State(state): State<AppState>,
    visit: Visit,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    make(&state, visit, None, &parts, body).await
}

/// Makes a team's key.
///
/// # Errors
/// As [`of_team`].
pub async fn make_of_team(
    State(state): State<AppState>,
    visit: Visit,
    AtTeam(team): AtTeam,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    make(&state, visit, Some(team), &parts, body).await
}

fn keys(team: Option<TeamId>) -> KeyScope {
    team.map_or(KeyScope::Own, KeyScope::OfTeam)
}

fn place(team: Option<TeamId>) -> Place {
    team.map_or(Place::ApiKeys, Place::Team)
}

/// Only who may list the keys gets to see the form.
async fn show(state: &AppState, visit: Visit, team: Option<TeamId>) -> Result<Response, PageError> {
    let listed = state
        .domain
        .list_keys(
            &visit.caller,
            keys(team),
            &latchkey_model::key_list::KeyListView::default(),
        )
        .await
        .map_err(hidden)?;
    let form = CreateFormState::new(team, state.domain.form_token(), listed.now);
    Ok(form_page(StatusCode::OK, visit, form))
}

/// What is switched off looks like what does not exist.
fn hidden(error: Error) -> Error {
    match error {
        Error::Denied(Denied::KeysOff(_)) => Error::NotFound(Subject::ApiKey),
        error => error,
    }
}

async fn make(
    state: &AppState,
    visit: Visit,
    team: Option<TeamId>,
    parts: &Parts,
    body: Body,
) -> Result<Response, PageError> {
    let back = paths::keys(team);
    let body = match own_form(state, &parts.headers, body).await {
        Ok(body) => body,
        Err((status, message)) => return Ok(problem_page(status, message, Some(&back))),
    };
    let Ok(form) = serde_urlencoded::from_bytes::<api_keys::CreateForm>(&body) else {
        let message = text().problem.malformed;
        return Ok(problem_page(StatusCode::BAD_REQUEST, message, Some(&back)));
    };
    let typed = form.clone();
    let made = match form.read() {
        Ok(new) => state
            .domain
            .create_key(&visit.caller, keys(team), new)
            .await
            .map_err(hidden),
        Err(error) => Err(error),
    };
    match made {
        Ok(created) => Ok(secret_page(visit, team, &created.secret)),
        Err(error @ Error::Invalid { .. }) => {
            let told = tell(&error);
            let mut form = CreateFormState::new(
                team,
                typed
                    .token
                    .parse()
                    .unwrap_or_else(|_| state.domain.form_token()),
                Clock::System.now_millis(),
            );
            form.description = typed.description;
            form.expires = typed.expires;
            form.custom = typed.custom;
            match told.problem.field.as_deref() {
                Some("description") => form.description_error = Some(told.problem.message),
                _ => form.expires_error = Some(told.problem.message),
            }
            Ok(form_page(told.status, visit, form))
        }
        Err(error @ Error::AlreadyCreated) => {
            let told = tell(&error);
            Ok(problem_page(told.status, told.problem.message, Some(&back)))
        }
        Err(error) => Err(error.into()),
    }
}

fn form_page(status: StatusCode, visit: Visit, form: CreateFormState) -> Response {
    let t = text();
    let team = form.team;
    let viewer = visit.viewer;
    shell::page(status, t.keys.create_title, move || {
        view! {
            <Frame viewer place=place(team)>
                <section class="section" aria-labelledby="create-title">
                    <h2 id="create-title">{t.keys.create_title}</h2>
                    <div class="narrow">
                        <CreateForm state=form>
                            <a class="button" href=paths::keys(team)>
                                {t.word.cancel}
                            </a>
                        </CreateForm>
                    </div>
                </section>
            </Frame>
        }
    })
}

/// The answer that holds the secret; nobody keeps it (`no-store`, like every page).
fn secret_page(visit: Visit, team: Option<TeamId>, secret: &PlainKey) -> Response {
    let t = text();
    let viewer = visit.viewer;
    let secret = secret.expose().to_owned();
    shell::page(StatusCode::OK, t.keys.created_title, move || {
        view! {
            <Frame viewer place=place(team)>
                <section class="section" aria-labelledby="created-title">
                    <h2 id="created-title">{t.keys.created_title}</h2>
                    <div class="stack narrow">
                        <SecretPanel secret=secret>
                            <div class="actions start">
                                <a class="button primary" href=paths::keys(team)>
                                    {t.keys.saved_box}
                                </a>
                            </div>
                        </SecretPanel>
                    </div>
                </section>
            </Frame>
        }
    })
    .into_response()
}
