//! The team page, and the page that creates a team.

use axum::{extract::State, http::StatusCode, response::Response};
use latchkey_domain::{Denied, Error, Subject};
use latchkey_model::{id::UserId, permission, team::Team};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::{
    PageError, SignedInVisitor, TeamInPath,
    api_keys::{load, message},
};
use crate::{
    components::{FormError, Frame, KeyListOwner, KeySection, Place, PostForm, Submit, TextField},
    islands::{CreateTeamForm, RenameTeamForm},
    server_fns::teams::{CreateTeam, RenameTeam},
    shell,
    state::AppState,
    text::{in_sentence, text},
};

/// The page of one of the visitor's teams.
///
/// # Errors
/// [`Error::NotFound`] if the visitor is not in the team, or there is no such team.
pub async fn team(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
    TeamInPath(id): TeamInPath,
) -> Result<Response, PageError> {
    let team = state.domain.team(&visitor.caller, id).await?;
    let shows_keys = visitor.viewer.project.settings.allow_team_api_keys && team.can_manage_keys();
    let keys = if shows_keys {
        match load(
            &state,
            &visitor,
            KeyListOwner::Team(id, team.display_name.clone()),
        )
        .await
        {
            Ok(keys) => Some(keys),
            // The permission was revoked after the team was read: the section is left out.
            Err(Error::NotFound(_) | Error::Denied(Denied::KeysOff(_))) => None,
            Err(error) => return Err(error.into()),
        }
    } else {
        None
    };
    let message = match &keys {
        Some(list) => message(&state, &visitor, list).await,
        None => visitor.message(None),
    };
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let me = viewer.user_id;
    let title = in_sentence(&team.display_name);
    Ok(shell::page(StatusCode::OK, &title, move || {
        view! {
            <Frame viewer viewer_digest place=Place::Team(id) message>
                <Details team=team.clone() />
                {team.may(permission::READ_MEMBERS).then(|| view! { <Members team=team.clone() me /> })}
                {keys.map(|state| view! { <KeySection state /> })}
            </Frame>
        }
    }))
}

#[component]
fn Details(team: Team) -> impl IntoView {
    let t = text();
    let name = team.display_name.clone();
    let form = team.may(permission::UPDATE_TEAM).then(|| {
        let (id, name) = (team.id.to_string(), team.display_name);
        view! {
            <RenameTeamForm>
            <PostForm class="stack box setting" action=RenameTeam::PATH>
                <FormError />
                <input type="hidden" name="team" value=id />
                <TextField
                    id="team-name"
                    name="display_name"
                    label=t.team.display_name
                    value=name
                    hint=t.team.display_name_hint
                />
                <div class="actions">
                    <Submit label=t.word.save look="primary" />
                </div>
            </PostForm>
            </RenameTeamForm>
        }
    });
    view! {
        <section class="section" aria-labelledby="team-title">
            <h2 id="team-title" tabindex="-1"><bdi>{name}</bdi></h2>
            {form}
        </section>
    }
}

#[component]
fn Members(team: Team, me: UserId) -> impl IntoView {
    let t = text();
    let shown = i64::try_from(team.members.len()).unwrap_or_default();
    let more =
        (team.member_count > shown).then(|| (t.team.more_members)(team.member_count - shown));
    let rows = team
        .members
        .into_iter()
        .map(|member| {
            let own = (member.user_id == me).then(|| view! { <span class="tag">{t.team.you}</span> });
            let name = member
                .display_name
                .clone()
                .or_else(|| member.email.clone())
                .unwrap_or_else(|| t.team.unnamed.to_owned());
            let email = member.display_name.and(member.email);
            let permissions = if member.permissions.is_empty() {
                view! { <span class="quiet">{t.team.no_permissions}</span> }.into_any()
            } else {
                member
                    .permissions
                    .into_iter()
                    .map(|id| {
                        let label = (t.team.permission)(&id).map_or(id, str::to_owned);
                        view! { <span class="tag">{label}</span> }
                    })
                    .collect_view()
                    .into_any()
            };
            view! {
                <tr role="row">
                    <th scope="row" role="rowheader" data-label=t.team.column_member>
                        <span class="person">
                            <span><bdi>{name}</bdi> " " {own}</span>
                            {email.map(|email| view! { <span class="quiet"><bdi>{email}</bdi></span> })}
                        </span>
                    </th>
                    <td role="cell" data-label=t.team.column_permissions>
                        <span class="tags">{permissions}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="members-title">
            <div class="section-head">
                <div>
                    <h2 id="members-title">{t.team.members}</h2>
                    <p class="intro">{(t.team.member_count)(team.member_count)}</p>
                </div>
            </div>
            <div class="table-box">
                <table class="members" role="table" aria-labelledby="members-title">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">{t.team.column_member}</th>
                            <th scope="col" role="columnheader">{t.team.column_permissions}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
            {more.map(|more| view! { <p class="hint">{more}</p> })}
        </section>
    }
}

/// The page that creates a team. Does not exist where the project does not allow it.
///
/// # Errors
/// [`Error::NotFound`] in that case.
pub async fn new_team(
    State(state): State<AppState>,
    visitor: SignedInVisitor,
) -> Result<Response, PageError> {
    let t = text();
    if !visitor.viewer.project.settings.client_team_creation_enabled {
        return Err(Error::NotFound(Subject::Team).into());
    }
    let SignedInVisitor {
        viewer,
        viewer_digest,
        ..
    } = visitor;
    let token = state.domain.form_token().to_string();
    Ok(shell::page(
        StatusCode::OK,
        t.team.create_title,
        move || {
            view! {
                <Frame viewer viewer_digest place=Place::NewTeam>
                    <section class="section" aria-labelledby="new-team-title">
                        <div class="section-head">
                            <div>
                                <h2 id="new-team-title">{t.team.create_title}</h2>
                                <p class="intro">{t.team.create_intro}</p>
                            </div>
                        </div>
                        <CreateTeamForm>
                        <PostForm class="stack box setting" action=CreateTeam::PATH>
                            <FormError />
                            <input type="hidden" name="token" value=token.clone() />
                            <TextField
                                id="team-name"
                                name="display_name"
                                label=t.team.display_name
                            />
                            <div class="actions">
                                <Submit label=t.frame.create_team look="primary" />
                            </div>
                        </PostForm>
                        </CreateTeamForm>
                    </section>
                </Frame>
            }
        },
    ))
}
