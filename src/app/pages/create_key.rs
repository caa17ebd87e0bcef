//! Creates a key on its own page: the form, and the page with the secret.
//!
//! This is a route of its own, because a plain form that posts to a server function cannot show its
//! result. The form's token makes a reload of the result harmless: it creates no second key.

use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use latchkey_domain::{Denied, Error, Subject, clock::Clock, secret::PlainKey};
use latchkey_model::{
    api_key::{KeyLimit, KeyScope},
    id::{CreationToken, TeamId},
};
use leptos::{either::Either, prelude::*};

use super::{PageError, SignedInVisitor, TeamInPath, problem_page};
use crate::{
    components::{
        CreateForm, CreateFormState, Frame, KeyLimitNote, KeyLimitReached, Place, SecretPanel,
    },
    forms::CreateKeyValues,
    islands::CreateKeyForm,
    paths,
    server_fns::{Problem, error_table::ErrorResponse},
    shell,
    state::AppState,
    text::text,
};

/// The form for one of the visitor's own keys.
///
/// # Errors
/// [`Error::NotFound`] if the visitor cannot have keys.
pub async fn own(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    show(&state, visitor, None).await
}

/// The form for a team's key.
///
/// # Errors
/// [`Error::NotFound`] if the visitor cannot manage the team's keys.
pub async fn of_team(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    TeamInPath(team): TeamInPath,
) -> Result<Response, PageError> {
    show(&state, visitor, Some(team)).await
}

/// Creates one of the visitor's own keys.
///
/// # Errors
/// As [`own`].
pub async fn create_own(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    body: Bytes,
) -> Result<Response, PageError> {
    create(&state, visitor, None, &body).await
}

/// Creates a team's key.
///
/// # Errors
/// As [`of_team`].
pub async fn create_of_team(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    TeamInPath(team): TeamInPath,
    body: Bytes,
) -> Result<Response, PageError> {
    create(&state, visitor, Some(team), &body).await
}

fn keys(team: Option<TeamId>) -> KeyScope {
    team.map_or(KeyScope::Own, KeyScope::OfTeam)
}

fn place(team: Option<TeamId>) -> Place {
    team.map_or(Place::ApiKeys, Place::Team)
}

/// Shows the form only to visitors who may list the keys.
async fn show(
    state: &AppState,
    visitor: SignedInVisitor,
    team: Option<TeamId>,
) -> Result<Response, PageError> {
    let listed = state
        .domain
        .list_keys(
            &visitor.caller,
            keys(team),
            &latchkey_model::key_list::KeyListView::default(),
        )
        .await
        .map_err(hidden)?;
    let form = CreateFormState::new(team, Some(state.domain.form_token()), listed.now);
    let reached = listed.limit.filter(|limit| limit.is_reached());
    let refused = reached.map(|limit| (text().keys.limit_reached)(limit.most));
    Ok(form_page(
        StatusCode::OK,
        visitor,
        form,
        listed.limit,
        refused,
    ))
}

/// Treats a switched-off feature as a page that does not exist.
fn hidden(error: Error) -> Error {
    match error {
        Error::Denied(Denied::KeysOff(_)) => Error::NotFound(Subject::ApiKey),
        error => error,
    }
}

async fn create(
    state: &AppState,
    visitor: SignedInVisitor,
    team: Option<TeamId>,
    body: &Bytes,
) -> Result<Response, PageError> {
    let back = paths::keys(team);
    let Ok(form) = serde_urlencoded::from_bytes::<CreateKeyValues>(body) else {
        let message = text().problem.malformed;
        return Ok(problem_page(StatusCode::BAD_REQUEST, message, Some(&back)));
    };
    let typed = form.clone();
    let outcome = match form.parse() {
        Ok(new) => state
            .domain
            .create_key(&visitor.caller, keys(team), new)
            .await
            .map_err(hidden),
        Err(refused) => return Ok(form_again(state, visitor, team, typed, refused)),
    };
    match outcome {
        Ok(created) => Ok(secret_page(visitor, team, &created.secret)),
        Err(error @ Error::Invalid { .. }) => {
            Ok(form_again(state, visitor, team, typed, error.into()))
        }
        Err(error @ (Error::TooManyKeys(_) | Error::TooManyKeysCreated(_))) => {
            let form = CreateFormState::new(team, None, Clock::System.now_millis());
            let ErrorResponse {
                status, problem, ..
            } = ErrorResponse::from(&error);
            Ok(form_page(
                status,
                visitor,
                form,
                None,
                Some(problem.message),
            ))
        }
        Err(error @ Error::AlreadyCreated) => {
            let answer = ErrorResponse::from(&error);
            Ok(problem_page(
                answer.status,
                answer.problem.message,
                Some(&back),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// The form again, with what is wrong in it.
fn form_again(
    state: &AppState,
    visitor: SignedInVisitor,
    team: Option<TeamId>,
    typed: CreateKeyValues,
    refused: ErrorResponse,
) -> Response {
    let ErrorResponse {
        status, problem, ..
    } = refused;
    if problem.field.is_empty() {
        return problem_page(status, problem.message, Some(&paths::keys(team)));
    }
    let token = typed.token.parse();
    let token = token.unwrap_or_else(|_| state.domain.form_token());
    let form = as_typed(team, token, typed, problem);
    form_page(status, visitor, form, None, None)
}

/// The form as it was sent, with what is wrong in it.
fn as_typed(
    team: Option<TeamId>,
    token: CreationToken,
    typed: CreateKeyValues,
    problem: Problem,
) -> CreateFormState {
    let mut form = CreateFormState::new(team, Some(token), Clock::System.now_millis());
    form.zone = typed.zone();
    form.description = typed.description;
    form.expires = typed.expires;
    form.custom = typed.custom;
    match problem.field.as_str() {
        "description" => form.description_error = Some(problem.message),
        _ => form.expires_error = Some(problem.message),
    }
    form
}

/// The form or, if a limit is reached, a message that says so (`refused`).
fn form_page(
    status: StatusCode,
    visitor: SignedInVisitor,
    form: CreateFormState,
    limit: Option<KeyLimit>,
    refused: Option<String>,
) -> Response {
    let t = text();
    let team = form.team;
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    shell::page(status, t.keys.create_title, move || {
        view! {
            <Frame viewer viewer_digest place=place(team)>
                <section class="section" aria-labelledby="create-title">
                    <h2 id="create-title">{t.keys.create_title}</h2>
                    <div class="stack box">
                        {match refused {
                            Some(message) => Either::Left(view! {
                                <KeyLimitReached message />
                                <div class="actions">
                                    <a class="button" href=paths::keys(team)>
                                        {t.problem.go_back}
                                    </a>
                                </div>
                            }),
                            None => Either::Right(view! {
                                <KeyLimitNote limit />
                                <CreateKeyForm>
                                    <CreateForm state=form>
                                        <a class="button" href=paths::keys(team)>
                                            {t.word.cancel}
                                        </a>
                                    </CreateForm>
                                </CreateKeyForm>
                            }),
                        }}
                    </div>
                </section>
            </Frame>
        }
    })
}

/// The page with the secret. Like every page it is `no-store`.
fn secret_page(visitor: SignedInVisitor, team: Option<TeamId>, secret: &PlainKey) -> Response {
    let t = text();
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let secret = secret.expose().to_owned();
    shell::page(StatusCode::OK, t.keys.created_title, move || {
        view! {
            <Frame viewer viewer_digest place=place(team)>
                <section class="section" aria-labelledby="created-title">
                    <h2 id="created-title">{t.keys.created_title}</h2>
                    <div class="stack box">
                        <SecretPanel secret=secret>
                            <form class="stack" method="get" action=paths::keys(team)>
                                <label class="check">
                                    <input type="checkbox" required autocomplete="off" />
                                    <span>{t.keys.saved_checkbox}</span>
                                </label>
                                <div class="actions start">
                                    <button class="button primary" type="submit">
                                        {t.keys.done}
                                    </button>
                                </div>
                            </form>
                        </SecretPanel>
                    </div>
                </section>
            </Frame>
        }
    })
    .into_response()
}
