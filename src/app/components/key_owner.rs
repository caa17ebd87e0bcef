//! The owner's cell in the list of all keys of a project.

use latchkey_model::{api_key::ApiKey, owner::OwnerKind};
use leptos::prelude::*;

use crate::text::text;

/// Name, kind and e-mail address of the owner.
#[component]
pub fn KeyOwner(api_key: ApiKey) -> impl IntoView {
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
        <td role="cell" class="owner" data-label=t.project.column_owner>
            <span class="person">
                <span><bdi>{name}</bdi> " " <span class="tag">{kind}</span></span>
                {email.map(|email| view! { <bdi class="quiet one-line" title=email.clone()>{email.clone()}</bdi> })}
            </span>
        </td>
    }
}
