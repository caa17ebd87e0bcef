//! The visitor's teams, with a search: for those who are in more than the navigation shows.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use latchkey_model::{key_list::MAX_SEARCH, viewer::TeamPage};
use leptos::prelude::*;

use super::{PageError, SignedInVisitor};
use crate::{
    components::{Frame, Icon, Place},
    paths, shell,
    state::AppState,
    text::text,
};

/// # Errors
/// As [`latchkey_domain::Domain::team_names`].
pub async fn teams(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    let query = visitor.query();
    let value = |name: &str| {
        query
            .iter()
            .find(|(other, _)| other == name)
            .map_or("", |(_, value)| value)
    };
    let search: String = value("q")
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_SEARCH)
        .collect();
    let number = value("page").parse().unwrap_or(1).clamp(1, 1_000_000);
    let page = state
        .domain
        .team_names(&visitor.caller, &search, number)
        .await?;
    if page.teams.is_empty() && number > 1 {
        return Ok(Redirect::to(&paths::teams(&search, 1)).into_response());
    }
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let can_create = viewer.project.settings.client_team_creation_enabled;
    Ok(shell::page(
        StatusCode::OK,
        text().team.list_title,
        move || {
            view! {
                <Frame viewer viewer_digest place=Place::Teams>
                    <Teams page search number can_create />
                </Frame>
            }
        },
    ))
}

#[component]
fn Teams(page: TeamPage, search: String, number: u32, can_create: bool) -> impl IntoView {
    let t = text();
    let link = |to: u32, label: &'static str| {
        view! {
            <a class="button" href=paths::teams(&search, to)>
                {label}
            </a>
        }
    };
    let previous = (number > 1).then(|| link(number - 1, t.keys.previous));
    let next = page.has_more.then(|| link(number + 1, t.keys.next));
    let pages = (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pages" aria-label=t.team.pages>
                {previous}
                {next}
            </nav>
        }
    });
    let list = if page.teams.is_empty() && search.is_empty() {
        view! {
            <p class="hint">{t.team.no_teams}</p>
            {can_create
                .then(|| {
                    view! {
                        <p>
                            <a class="button" href=paths::NEW_TEAM>
                                {t.frame.create_team}
                            </a>
                        </p>
                    }
                })}
        }
        .into_any()
    } else if page.teams.is_empty() {
        view! {
            <p class="hint">
                {t.team.list_empty} " " <a href=paths::TEAMS>{t.team.clear_search}</a>
            </p>
        }
        .into_any()
    } else {
        let items = page
            .teams
            .into_iter()
            .map(|team| {
                view! {
                    <li>
                        <a href=paths::team(team.team_id)>
                            <bdi>{team.display_name}</bdi>
                        </a>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="team-list">{items}</ul> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="teams-title">
            <div class="section-head">
                <div>
                    <h2 id="teams-title">{t.team.list_title}</h2>
                    <p class="intro">{t.team.list_intro}</p>
                </div>
            </div>
            <form class="toolbar" role="search" method="get" action=paths::TEAMS aria-label=t.team.list_title>
                <div class="search">
                    {Icon::Search.view()}
                    <input
                        type="search"
                        name="q"
                        value=search.clone()
                        placeholder=t.frame.search_teams
                        aria-label=t.frame.search_teams
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="255"
                    />
                </div>
                <button class="button" type="submit">
                    {t.team.search}
                </button>
            </form>
            {list}
            {page.partial.map(|first| view! { <p class="hint">{(t.team.list_partial)(first)}</p> })}
            {pages}
        </section>
    }
}
