//! A key's row in the list, with the forms that rename and revoke it.

use std::sync::Arc;

use latchkey_model::api_key::ApiKey;
use latchkey_model::{
    key_list::{KeyListView, StatusFilter},
    key_status::{KeyStatus, SOON_MILLIS},
    key_text, line,
};
use leptos::{either::Either, prelude::*};
use server_fn::ServerFn as _;

use super::{Icon, KeyListState, PostForm, Submit, When, key_owner::KeyOwner};
use crate::{
    islands::{
        CloseDialog, DialogStatus, Field, FormError, OpenDialog, RenameKey, RevokeAnyKey, RevokeKey,
    },
    paths,
    server_fns::{
        api_keys::{RenameApiKey, RevokeApiKey},
        project::RevokeAnyApiKey,
    },
    text::{key_name, text, time},
};

#[component]
pub fn KeyRow(api_key: ApiKey, list: Arc<KeyListState>) -> impl IntoView {
    let t = text();
    let (key, state) = (api_key, list);
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
            .unwrap_or_else(|| t.keys.unknown_creator.to_owned());
        view! {
            <td role="cell" data-label=t.keys.column_created_by>
                <bdi>{name}</bdi>
            </td>
        }
    });
    let name = if state.is_inventory() {
        description(&key)
    } else {
        renaming(&key, &state).into_any()
    };
    let owner = state
        .is_inventory()
        .then(|| view! { <KeyOwner api_key=key.clone() /> });
    let actions = (status != KeyStatus::Revoked).then(|| revoking(&key, &state).into_any());
    view! {
        <tr role="row" id=format!("key-{}", key.id) class=class>
            <th scope="row" role="rowheader" class="name" data-label=t.keys.column_description>
                {name}
            </th>
            <td role="cell" data-label=t.keys.column_key>
                <code>{visible_key(&key)}</code>
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

/// The description, or in its place what the key is called without one.
fn description(key: &ApiKey) -> AnyView {
    if line::shown(&key.description).is_empty() {
        view! { <span class="quiet">{text().keys.untitled}</span> }.into_any()
    } else {
        view! { <bdi>{key.description.clone()}</bdi> }.into_any()
    }
}

/// The description, and the form that replaces it. Without script a link leads to the same page
/// with the form open.
fn renaming(key: &ApiKey, state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    let id = key.id.to_string();
    let field = format!("rename-{id}");
    let error = format!("{field}-error");
    let is_open = state.rename == Some(key.id);
    let description = description(key);
    // Without what a line cannot show. Sent unchanged, it changes nothing.
    let value = line::shown(&key.description);
    let title = (t.keys.rename)(&key_name(&key.description));
    let link = paths::key_action(state.on(), &state.view, "rename", key.id);
    let back = state.address();
    let team = team_field(state);
    view! {
        <RenameKey>
            <span class="description" hidden=is_open>
                {description}
                <a
                    class="icon-button"
                    id=format!("rename-link-{id}")
                    href=link
                    aria-label=title.clone()
                    title=title
                >
                    {Icon::Pencil.view()}
                </a>
            </span>
            <PostForm class="rename" action=RenameApiKey::PATH hidden=!is_open>
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="was" value=value.clone() />
                {team}
                <Field>
                    <input
                        id=field
                        name="description"
                        type="text"
                        value=value
                        placeholder=t.keys.description_placeholder
                        aria-label=t.keys.rename_label
                        aria-describedby=error.clone()
                        autocomplete="off"
                        spellcheck="false"
                        required
                        autofocus=is_open
                    />
                    <p class="error" id=error role="alert"></p>
                </Field>
                <Submit label=t.word.save look="small primary" />
                <a class="button small" href=back>
                    {t.word.cancel}
                </a>
                <FormError />
            </PostForm>
        </RenameKey>
    }
}

/// The field with the team of the key, if it is a team's.
fn team_field(state: &KeyListState) -> impl IntoView + use<> {
    state
        .team_id()
        .map(|team| view! { <input type="hidden" name="team" value=team.to_string() /> })
}

/// The address of a view in which the key remains visible after it is revoked; `None` if the
/// current view is one, or if there are too many inactive keys to show them all on a page.
fn view_after_revoking(state: &KeyListState) -> Option<String> {
    let all_on_a_page = state.page.matching + state.page.inactive <= i64::from(state.view.size);
    let stays = !state.is_inventory() || all_on_a_page;
    (state.view.status == StatusFilter::Any && stays).then(|| {
        let view = KeyListView {
            inactive: true,
            ..state.view.clone()
        };
        paths::key_list(state.on(), &view)
    })
}

/// The link to the revoke dialog, and the dialog.
fn revoking(key: &ApiKey, state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    let id = key.id.to_string();
    let is_inventory = state.is_inventory();
    let action = if is_inventory {
        RevokeAnyApiKey::PATH
    } else {
        RevokeApiKey::PATH
    };
    let question = question(key, state);
    let team = team_field(state);
    let back = state.address();
    let dialog = format!("revoke-{id}");
    let (title, body) = (format!("{dialog}-title"), format!("{dialog}-body"));
    let is_open = state.revoke == Some(key.id);
    let link = paths::key_action(state.on(), &state.view, "revoke", key.id);
    let label = (t.keys.revoke_named)(&key_name(&key.description));
    let then = view_after_revoking(state)
        .map(|then| view! { <data class="then" value=then hidden></data> });
    let opener = dialog.clone();
    let link_id = format!("revoke-open-{id}");
    let content = view! {
        <dialog class="dialog" id=dialog aria-labelledby=title aria-describedby=body open=is_open>
            <PostForm class="stack" action=action>
                {question}
                <FormError />
                <input type="hidden" name="id" value=id />
                {team}
                <label class="check">
                    <input type="checkbox" name="understood" value="yes" required autocomplete="off" />
                    <span>{t.keys.revoke_understood}</span>
                </label>
                <div class="actions">
                    <CloseDialog>
                        <a class="button" href=back>
                            {t.word.cancel}
                        </a>
                    </CloseDialog>
                    <Submit label=t.keys.revoke_button look="danger" />
                </div>
            </PostForm>
            <DialogStatus />
            {then}
        </dialog>
    };
    view! {
        <OpenDialog>
            <a
                class="button small danger-quiet"
                id=link_id
                href=link
                aria-label=label
                aria-controls=opener
            >
                {t.keys.revoke}
            </a>
        </OpenDialog>
        {if is_inventory {
            view! { <RevokeAnyKey>{content}</RevokeAnyKey> }.into_any()
        } else {
            view! { <RevokeKey>{content}</RevokeKey> }.into_any()
        }}
    }
}

/// Describes the key, its last use, and the effect of revoking it.
fn question(key: &ApiKey, state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    let used = key
        .last_used_at
        .and_then(|at| time::moment(at, state.page.now))
        .map_or_else(
            || t.keys.revoke_never_used.to_owned(),
            |moment| (t.keys.revoke_last_used)(&moment.relative),
        );
    view! {
        <h2 id=format!("revoke-{}-title", key.id)>{(t.keys.revoke_title)(&key_name(&key.description))}</h2>
        <div id=format!("revoke-{}-body", key.id) class="stack">
            <p>
                <code>{visible_key(key)}</code>
                " "
                {used}
            </p>
            <p>{t.keys.revoke_warning}</p>
        </div>
    }
}

/// `sk_…6bb1`.
fn visible_key(key: &ApiKey) -> String {
    format!("{}…{}", key_text::prefix(key.is_public), key.last_four)
}
