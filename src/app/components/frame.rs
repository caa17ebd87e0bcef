//! The frame of the settings: masthead, navigation, and the open entry.

use latchkey_model::id::TeamId;
use latchkey_model::viewer::Viewer;
use leptos::prelude::*;

use super::{Icon, Locked, ViewerDigest};
use crate::{browser::fetch::VIEWER, islands::Region, paths, text::text};

/// The open entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The navigation itself; a wide window shows the profile beside it.
    Home,
    Profile,
    ApiKeys,
    Settings,
    NewTeam,
    Team(TeamId),
    Project,
}

/// The frame around an entry.
#[component]
pub fn Frame(
    viewer: Viewer,
    /// As [`Domain::viewer_digest`](latchkey_domain::Domain::viewer_digest).
    viewer_digest: String,
    place: Place,
    /// The entry's content.
    children: Children,
) -> impl IntoView {
    let t = text();
    provide_context(ViewerDigest(viewer_digest.clone()));
    let settings = viewer.project.settings;
    let entry = move |to: String, label: AnyView, here: bool| {
        view! {
            <li>
                <a href=to aria-current=here.then_some("page")>
                    {label}
                </a>
            </li>
        }
    };
    let teams = viewer
        .teams
        .iter()
        .map(|team| {
            let name = team.display_name.clone();
            entry(
                paths::team(team.team_id),
                view! { <bdi>{name}</bdi> }.into_any(),
                place == Place::Team(team.team_id),
            )
        })
        .collect_view();
    let create_team = settings.client_team_creation_enabled.then(|| {
        entry(
            paths::NEW_TEAM.to_owned(),
            t.frame.create_team.into_any(),
            place == Place::NewTeam,
        )
    });
    let has_teams = !viewer.teams.is_empty() || create_team.is_some();
    let who = viewer.display_name.clone().or_else(|| viewer.email.clone());
    view! {
        <Region>
        <div class="page" id="page" class:home={place == Place::Home}>
            <data id=VIEWER value=viewer_digest hidden></data>
            <header class="masthead">
                <a class="brand" href=paths::SETTINGS_HOME>
                    <span class="brand-mark">{Icon::Key.view()}</span>
                    <bdi>{viewer.project.display_name.clone()}</bdi>
                </a>
                <span class="who"><bdi>{who}</bdi></span>
            </header>
            <main>
            <h1>{t.frame.title}</h1>
            {viewer.is_locked.then(|| view! { <Locked /> })}
            <div class="frame">
                <nav aria-label=t.frame.navigation>
                    <ul>
                        {entry(
                            paths::PROFILE.to_owned(),
                            t.frame.profile.into_any(),
                            matches!(place, Place::Profile | Place::Home),
                        )}
                        {settings
                            .allow_user_api_keys
                            .then(|| {
                                entry(
                                    paths::API_KEYS.to_owned(),
                                    t.frame.api_keys.into_any(),
                                    place == Place::ApiKeys,
                                )
                            })}
                        {entry(
                            paths::SETTINGS.to_owned(),
                            t.frame.settings.into_any(),
                            place == Place::Settings,
                        )}
                    </ul>
                    {has_teams
                        .then(|| {
                            view! {
                                <h2 class="nav-heading">{t.frame.teams}</h2>
                                <ul>{teams} {create_team}</ul>
                            }
                        })}
                    {viewer
                        .is_project_admin
                        .then(|| {
                            let name = viewer.project.display_name.clone();
                            let label = view! { <bdi>{name}</bdi> }.into_any();
                            let here = place == Place::Project;
                            view! {
                                <h2 class="nav-heading">{t.frame.project}</h2>
                                <ul>{entry(paths::PROJECT.to_owned(), label, here)}</ul>
                            }
                        })}
                </nav>
                <div id="main" tabindex="-1">
                    <a class="back" href=paths::SETTINGS_HOME>
                        {Icon::Back.view()}
                        {t.frame.back}
                    </a>
                    {children()}
                </div>
            </div>
            </main>
        </div>
        </Region>
    }
}
