//! The frame of the settings: masthead, navigation, and the open entry.

use latchkey_model::{id::TeamId, viewer::Viewer};
use leptos::prelude::*;

use server_fn::ServerFn as _;

use super::{FormError, Icon, Locked, PostForm, ProjectName, ReadOnly, Submit, ViewerDigest};
use crate::{
    browser::{
        fetch::VIEWER,
        time_zone::{TIME_ZONE, ZONED},
    },
    islands::{Region, SignOutForm},
    paths,
    server_fns::accounts::SignOut,
    text::text,
    time_zone,
};

/// The open entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The navigation itself; a wide window shows the profile beside it.
    Home,
    Profile,
    Security,
    ApiKeys,
    Sessions,
    Settings,
    Teams,
    NewTeam,
    Team(TeamId),
    Project,
}

/// Finds one of the visitor's teams by its name.
#[component]
fn TeamSearch() -> impl IntoView {
    let t = text();
    view! {
        <form class="team-search" role="search" method="get" action=paths::TEAMS aria-label=t.frame.search_teams>
            <div class="search">
                {Icon::Search.view()}
                <input
                    type="search"
                    name="q"
                    placeholder=t.frame.search_teams
                    aria-label=t.frame.search_teams
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="255"
                />
            </div>
        </form>
    }
}

fn entry(to: String, label: AnyView, here: bool) -> impl IntoView {
    view! {
        <li>
            <a href=to aria-current=here.then_some("page")>
                {label}
            </a>
        </li>
    }
}

#[component]
fn Teams(viewer: Viewer, place: Place) -> impl IntoView {
    let t = &text().frame;
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
    let all_teams = viewer.has_more_teams.then(|| {
        entry(
            paths::TEAMS.to_owned(),
            t.all_teams.into_any(),
            place == Place::Teams,
        )
    });
    let settings = viewer.project.settings;
    let create_team = settings.client_team_creation_enabled.then(|| {
        entry(
            paths::NEW_TEAM.to_owned(),
            t.create_team.into_any(),
            place == Place::NewTeam,
        )
    });
    (!viewer.teams.is_empty() || create_team.is_some()).then(|| {
        view! {
            <h2 class="nav-heading">{t.teams}</h2>
            <ul>{teams} {all_teams} {create_team}</ul>
            {viewer.has_more_teams.then(|| view! { <TeamSearch /> })}
        }
    })
}

#[component]
fn Navigation(viewer: Viewer, place: Place) -> impl IntoView {
    let t = &text().frame;
    let own_keys = viewer.project.settings.allow_user_api_keys.then(|| {
        entry(
            paths::API_KEYS.to_owned(),
            t.api_keys.into_any(),
            place == Place::ApiKeys,
        )
    });
    let project = viewer.is_project_admin.then(|| {
        let label = text().project.title.into_any();
        view! {
            <h2 class="nav-heading">{t.project}</h2>
            <ul>{entry(paths::PROJECT.to_owned(), label, place == Place::Project)}</ul>
        }
    });
    view! {
        <nav aria-label=t.navigation>
            <ul>
                {entry(
                    paths::PROFILE.to_owned(),
                    t.profile.into_any(),
                    matches!(place, Place::Profile | Place::Home),
                )}
                {entry(
                    paths::SECURITY.to_owned(),
                    text().security.title.into_any(),
                    place == Place::Security,
                )}
                {own_keys}
                {entry(
                    paths::SESSIONS.to_owned(),
                    text().sessions.title.into_any(),
                    place == Place::Sessions,
                )}
                {entry(
                    paths::SETTINGS.to_owned(),
                    t.settings.into_any(),
                    place == Place::Settings,
                )}
            </ul>
            <Teams viewer place />
            {project}
        </nav>
    }
}

/// What has just been done, at the top of the content. The focus begins there, so that it is read first.
#[component]
fn NoticeBar(message: String) -> impl IntoView {
    view! {
        <p class="callout notice" id="notice" role="status" tabindex="-1" autofocus>
            {Icon::Check.view()}
            <span>{message}</span>
        </p>
    }
}

/// Who is signed in, and a menu. The browser opens and closes it, also without script.
#[component]
fn AccountMenu(name: Option<String>, email: Option<String>) -> impl IntoView {
    let t = text();
    let who = name
        .clone()
        .or_else(|| email.clone())
        .unwrap_or_else(|| t.team.unnamed.to_owned());
    let email = name.and(email);
    view! {
        <button class="account" id="account" type="button" popovertarget="account-menu" title=who.clone()>
            <span class="visually-hidden">{t.frame.account} " "</span>
            <bdi>{who.clone()}</bdi>
            {Icon::Down.view()}
        </button>
        <div class="menu" id="account-menu" popover="auto">
            <p class="person">
                <bdi>{who}</bdi>
                {email.map(|email| view! { <bdi class="quiet">{email}</bdi> })}
            </p>
            <a href=paths::SETTINGS>{t.frame.settings}</a>
            <SignOutForm>
            <PostForm class="contents" action=SignOut::PATH>
                <FormError />
                <Submit label=t.settings.sign_out look="menu-entry" always=true />
            </PostForm>
            </SignOutForm>
        </div>
    }
}

/// The frame around an entry.
#[component]
pub fn Frame(
    viewer: Viewer,
    /// As [`Domain::viewer_digest`](latchkey_domain::Domain::viewer_digest).
    viewer_digest: String,
    place: Place,
    /// What the plain form has done that led here.
    #[prop(optional_no_strip)]
    message: Option<String>,
    /// The entry's content.
    children: Children,
) -> impl IntoView {
    let t = text();
    provide_context(ViewerDigest(viewer_digest.clone()));
    provide_context(ReadOnly(viewer.is_locked));
    let project = viewer.project.display_name.clone();
    provide_context(ProjectName(project.clone()));
    let zone = time_zone::of_reader();
    let zone = time_zone::name(&zone).to_owned();
    view! {
        <Region>
        <div class="page" id="page" class:home={place == Place::Home}>
            <data id=VIEWER value=viewer_digest hidden></data>
            <data id=TIME_ZONE class=ZONED value=zone hidden></data>
            <header class="masthead">
                <a class="brand" href=paths::SETTINGS_HOME title=project.clone()>
                    <span class="brand-mark">{Icon::Key.view()}</span>
                    <bdi>{project.clone()}</bdi>
                </a>
                <AccountMenu name=viewer.display_name.clone() email=viewer.email.clone() />
            </header>
            <main>
            <h1>{t.frame.title}</h1>
            {viewer.is_locked.then(|| view! { <Locked /> })}
            <div class="frame">
                <Navigation viewer place />
                <div id="main" tabindex="-1">
                    <a class="back" href=paths::SETTINGS_HOME>
                        {Icon::Back.view()}
                        {t.frame.back}
                    </a>
                    {message.map(|message| view! { <NoticeBar message /> })}
                    {children()}
                </div>
            </div>
            </main>
        </div>
        </Region>
    }
}
