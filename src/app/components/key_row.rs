//! One key in the list: what is known of it, changing its description, and revoking it.

use latchkey_model::api_key::ApiKey;
use latchkey_model::{
    key_list::{KeyListView, StatusFilter},
    key_text,
    status::{KeyStatus, SOON_MILLIS},
};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn as _;

use super::{FormProblem, Icon, KeySectionState, When, key_owner::KeyOwner};
use crate::{
    paths,
    server_fns::{
        api_keys::{RenameApiKey, RevokeApiKey},
        project::RevokeAnyApiKey,
    },
    text::{text, time},
};

/// The row.
#[component]
pub fn KeyRow(
    /// The key.
    api_key: ApiKey,
    /// The list it stands in.
    state: KeySectionState,
) -> impl IntoView {
    let t = text();
    let key = api_key;
    let now = state.page.now;
    let status = key.status(now);
    let soon = status == KeyStatus::Valid
        && key
            .expires_at
            .is_some_and(|end| end < now.saturating_add(SOON_MILLIS));
    let (class, icon, label) = match status {
        KeyStatus::Valid if soon => ("soon", Icon::Soon, t.keys.expires_soon),
        KeyStatus::Valid => ("valid", Icon::Check, t.keys.valid),
        KeyStatus::Expired => ("expired", Icon::Clock, t.keys.expired),
        KeyStatus::Revoked => ("revoked", Icon::Revoked, t.keys.revoked),
    };
    let expires = match key.expires_at {
        Some(at) if !time::is_never(at, now) => Either::Left(view! { <When at now /> }),
        _ => Either::Right(t.word.never),
    };
    let last_used = match key.last_used_at {
        Some(at) => Either::Left(view! { <When at now /> }),
        None => Either::Right(t.word.never),
    };
    let created_by = state.team_id().is_some().then(|| {
        let name = key
            .created_by
            .clone()
            .unwrap_or_else(|| t.keys.nobody.to_owned());
        view! {
            <td role="cell" data-label=t.keys.column_created_by>
                <bdi>{name}</bdi>
            </td>
        }
    });
    let name = if state.is_inventory() {
        view! { <bdi>{key.description.clone()}</bdi> }.into_any()
    } else {
        renaming(&key, &state).into_any()
    };
    let owner = state
        .is_inventory()
        .then(|| view! { <KeyOwner api_key=key.clone() /> });
    let visible_key = format!("{}…{}", key_text::prefix(key.is_public), key.last_four);
    let actions = (status != KeyStatus::Revoked).then(|| revoking(&key, &state).into_any());
    view! {
        <tr role="row" id=format!("key-{}", key.id) class=class data-status=class>
            <th scope="row" role="rowheader" class="name" data-label=t.keys.column_description>
                {name}
            </th>
            <td role="cell" data-label=t.keys.column_key>
                <code>{visible_key}</code>
            </td>
            {owner}
            <td role="cell" data-label=t.keys.column_status>
                <span class=format!("badge {class}")>{icon.view()} {label}</span>
            </td>
            <td role="cell" data-label=t.keys.column_created>
                <When at=key.created_at now />
            </td>
            <td role="cell" data-label=t.keys.column_expires>
                {expires}
            </td>
            <td role="cell" data-label=t.keys.column_last_used>
                {last_used}
            </td>
            {created_by}
            <td role="cell" class="row-actions">
                {actions}
            </td>
        </tr>
    }
}

/// The description, and the form that takes its place: with a script at once, without one by a
/// link to the same page with the form open.
fn renaming(key: &ApiKey, state: &KeySectionState) -> impl IntoView + use<> {
    let t = text();
    let open = state.rename == Some(key.id);
    let id = key.id.to_string();
    let field = format!("rename-{id}");
    let error = format!("rename-{id}-error");
    let back = paths::key_list(state.of(), &state.view);
    let link = paths::key_action(state.of(), &state.view, "rename", key.id);
    view! {
        <span class="description" data-rename-shown hidden=open>
            <bdi>{key.description.clone()}</bdi>
            <a
                class="icon-button"
                id=format!("rename-link-{id}")
                href=link
                aria-label=(t.keys.rename)(&key.description)
                title=(t.keys.rename)(&key.description)
                data-rename
            >
                {Icon::Pencil.view()}
            </a>
        </span>
        <form
            class="rename"
            method="post"
            action=RenameApiKey::PATH
            data-live="post"
            data-region="key-list"
            data-focus=format!("rename-link-{id}")
            data-done=t.keys.renamed
            hidden=!open
        >
            <input type="hidden" name="id" value=id.clone() />
            {state.team_id().map(|team| view! { <input type="hidden" name="team" value=team.to_string() /> })}
            <input
                id=field
                name="description"
                type="text"
                value=key.description.clone()
                aria-label=t.keys.rename_label
                aria-describedby=error.clone()
                autocomplete="off"
                spellcheck="false"
                required
                autofocus=open
            />
            <button class="button small primary" type="submit">
                {t.word.save}
            </button>
            <a class="button small" href=back data-rename-cancel>
                {t.word.cancel}
            </a>
            <p class="error" id=error data-error-for="description" role="alert"></p>
            <FormProblem />
        </form>
    }
}

/// The button and the dialog that asks again.
fn revoking(key: &ApiKey, state: &KeySectionState) -> impl IntoView + use<> {
    let t = text();
    let id = key.id.to_string();
    let dialog = format!("revoke-{id}");
    let title = format!("revoke-{id}-title");
    let body = format!("revoke-{id}-body");
    let now = state.page.now;
    let used = key
        .last_used_at
        .and_then(|at| time::moment(at, now))
        .map_or_else(
            || t.keys.revoke_never_used.to_owned(),
            |moment| (t.keys.revoke_last_used)(&moment.relative),
        );
    let open = state.revoke == Some(key.id);
    let back = paths::key_list(state.of(), &state.view);
    let link = paths::key_action(state.of(), &state.view, "revoke", key.id);
    // The key stays in sight, as one that no longer works; where there are many it would not, among
    // all the others of that kind.
    let all_on_a_page = state.page.matching + state.page.inactive <= i64::from(state.view.size);
    let stays = !state.is_inventory() || all_on_a_page;
    let then = (state.view.status == StatusFilter::Any && stays).then(|| {
        let view = KeyListView {
            inactive: true,
            ..state.view.clone()
        };
        paths::key_list(state.of(), &view)
    });
    let revoke = if state.is_inventory() {
        RevokeAnyApiKey::PATH
    } else {
        RevokeApiKey::PATH
    };
    let visible_key = format!("{}…{}", key_text::prefix(key.is_public), key.last_four);
    view! {
        <button
            class="button small danger-quiet needs-script"
            type="button"
            id=format!("revoke-open-{id}")
            aria-label=(t.keys.revoke_named)(&key.description)
            command="show-modal"
            commandfor=dialog.clone()
        >
            {t.keys.revoke}
        </button>
        <noscript>
            <a class="button small danger-quiet" href=link aria-label=(t.keys.revoke_named)(&key.description)>
                {t.keys.revoke}
            </a>
        </noscript>
        <dialog class="dialog" id=dialog.clone() aria-labelledby=title.clone() aria-describedby=body.clone() open=open>
            <form
                class="stack"
                method="post"
                action=revoke
                data-live="post"
                data-region="key-list"
                data-focus=format!("rename-link-{id}")
                data-fallback-focus="keys-title"
                data-then=then
                data-done=t.keys.revoked_now
            >
                <h2 id=title.clone()>{(t.keys.revoke_title)(&key.description)}</h2>
                <div id=body.clone() class="stack">
                    <p>
                        <code>{visible_key}</code>
                        " "
                        {used}
                    </p>
                    <p>{t.keys.revoke_warning}</p>
                </div>
                <FormProblem />
                <input type="hidden" name="id" value=id.clone() />
                {state.team_id().map(|team| view! { <input type="hidden" name="team" value=team.to_string() /> })}
                <label class="check">
                    <input type="checkbox" name="understood" value="yes" required autocomplete="off" />
                    <span>{t.keys.revoke_understood}</span>
                </label>
                <div class="actions">
                    <a class="button" href=back data-close-dialog>
                        {t.word.cancel}
                    </a>
                    <button class="button danger" type="submit" data-busy=t.frame.working>
                        {t.keys.revoke_button}
                    </button>
                </div>
            </form>
        </dialog>
    }
}
