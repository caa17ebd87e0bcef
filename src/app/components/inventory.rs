//! All API keys of the project, for whoever administers it: to look at, and to revoke.

use latchkey_model::owner::OwnerKind;
use latchkey_model::{api_key::ApiKey, project::ProjectSettings};
use leptos::prelude::*;

use super::{Icon, KeySectionState, Whose, key_list::KeyList};
use crate::text::text;

/// The section.
#[component]
pub fn Inventory(
    /// What it shows.
    state: KeySectionState,
    /// What the project allows.
    settings: ProjectSettings,
) -> impl IntoView {
    let t = text();
    let intro = match &state.whose {
        Whose::Project(name) => Some((t.project.all_intro)(name)),
        Whose::Own | Whose::Team(..) => None,
    };
    let off = match (settings.allow_user_api_keys, settings.allow_team_api_keys) {
        (true, true) => None,
        (false, true) => Some(t.project.user_keys_rest),
        (true, false) => Some(t.project.team_keys_rest),
        (false, false) => Some(t.project.all_keys_rest),
    };
    let rest = off.filter(|_| state.page.total > 0).map(|words| {
        view! {
            <p class="callout warning rest">
                {Icon::Warning.view()}
                <span>{words}</span>
            </p>
        }
    });
    view! {
        <section class="section" aria-labelledby="keys-title">
            <div class="section-head">
                <div>
                    <h2 id="keys-title" tabindex="-1">{t.project.all_title}</h2>
                    <p class="intro">{intro}</p>
                </div>
            </div>
            {rest}
            {view! { <KeyList state /> }.into_any()}
        </section>
    }
}

/// Whom a key acts for, and whether that is a user or a team.
#[component]
pub fn KeyOwner(
    /// The key.
    api_key: ApiKey,
) -> impl IntoView {
    let t = text();
    let kind = match api_key.owner.kind() {
        OwnerKind::User => t.project.owner_user,
        OwnerKind::Team => t.project.owner_team,
    };
    let named = api_key.owner_name.is_some();
    let name = api_key
        .owner_name
        .or_else(|| api_key.owner_email.clone())
        .unwrap_or_else(|| t.team.unnamed.to_owned());
    let email = api_key.owner_email.filter(|_| named);
    view! {
        <td role="cell" data-label=t.project.column_owner>
            <span class="person">
                <span><bdi>{name}</bdi> " " <span class="tag">{kind}</span></span>
                {email.map(|email| view! { <span class="quiet"><bdi>{email}</bdi></span> })}
            </span>
        </td>
    }
}
