//! A key's row in the list, with the forms that rename and revoke it.

use std::sync::Arc;

use latchkey_model::api_key::ApiKey;
use latchkey_model::{
    expiry::Millis,
    key_status::{KeyStatus, SOON_MILLIS},
    key_text, line,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use server_fn::ServerFn as _;

use super::{FormError, Icon, KeyListState, PostForm, Submit, When, key_owner::KeyOwner};
use crate::{
    form_return::FormAround,
    islands::{CloseDialog, DialogStatus, Field, OpenDialog, RenameKey, RevokeAnyKey, RevokeKey},
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
        KeyStatus::Valid if key.is_paused => ("paused", Icon::Pause, t.keys.paused),
        KeyStatus::Valid if soon => ("soon", Icon::Soon, t.keys.expires_soon),
        KeyStatus::Valid => ("valid", Icon::Check, t.keys.valid),
        KeyStatus::Expired => ("expired", Icon::Clock, t.keys.expired),
        KeyStatus::Revoked => ("revoked", Icon::Revoked, t.keys.revoked),
    };
    let expires = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => EitherOf3::A(revoked_when(at, key.revoked_by.clone(), now)),
        (None, Some(at)) if !time::is_never(at, now) => EitherOf3::B(view! { <When at now /> }),
        _ => EitherOf3::C(never()),
    };
    let last_used = match key.last_used_at {
        Some(at) => Either::Left(view! { <When at now /> }),
        None => Either::Right(never()),
    };
    let line_expires = match status {
        KeyStatus::Expired => Some(t.keys.line_expired),
        KeyStatus::Valid => Some(t.keys.line_expires),
        // The words say it.
        KeyStatus::Revoked => None,
    };
    let created_by = state.team_id().is_some().then(|| {
        let name = key
            .created_by
            .clone()
            .unwrap_or_else(|| t.keys.unknown_creator.to_owned());
        view! {
            <td role="cell" class="by" data-label=t.keys.line_created_by>
                <bdi>{name}</bdi>
            </td>
        }
    });
    let name = if state.is_inventory() {
        described(&key.description).into_any()
    } else {
        renaming(&key, &state).into_any()
    };
    let owner = state
        .is_inventory()
        .then(|| view! { <KeyOwner api_key=key.clone() /> });
    let actions = (status != KeyStatus::Revoked).then(|| revoking(&key, &state, status).into_any());
    // The focus comes here when the actions of a key go, unless its link does.
    let name_id = format!("name-{}", key.id);
    view! {
        <tr role="row" id=format!("key-{}", key.id) class=class>
            <th scope="row" role="rowheader" class="name" id=name_id tabindex="-1">
                {name}
            </th>
            <td role="cell" class="key" data-label=t.keys.column_key>
                <code>{visible_key(&key)}</code>
            </td>
            {owner}
            <td role="cell" class="status" data-label=t.keys.column_status>
                <span class=format!("badge {class}")>{icon.view()} {label}</span>
            </td>
            <td role="cell" class="created" data-label=t.keys.line_created>
                <When at=key.created_at now />
            </td>
            <td role="cell" class="expires" data-label=line_expires>
                {expires}
            </td>
            <td role="cell" class="used" data-label=t.keys.line_last_used>
                {last_used}
            </td>
            {created_by}
            <td role="cell" class="row-actions">
                {actions}
            </td>
        </tr>
    }
}

/// “Revoked 2 days ago by Ada”.
fn revoked_when(at: Millis, by: Option<String>, now: Millis) -> impl IntoView {
    let [before, after] = text().keys.revoked_when;
    let by = by.map(|name| {
        let [before, after] = text().keys.revoked_by;
        view! { {before} <bdi>{name}</bdi> {after} }
    });
    view! { {before} <When at now /> {after} {by} }
}

/// The description, or in its place what the key is called without one. As much of it is shown as fits on two lines.
fn described(description: &str) -> AnyView {
    if line::shown(description).is_empty() {
        view! { <span class="quiet">{text().keys.untitled}</span> }.into_any()
    } else {
        view! { <bdi title=description.to_owned()>{description.to_owned()}</bdi> }.into_any()
    }
}

fn never() -> impl IntoView {
    view! { <span class="never">{text().word.never}</span> }
}

/// The description, and the form that replaces it. Without script a link leads to the same page
/// with the form open.
fn renaming(key: &ApiKey, state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    let id = key.id.to_string();
    let field = format!("rename-{id}");
    let error = format!("{field}-error");
    let description = described(&key.description);
    // Without what a line cannot show. Sent unchanged, it changes nothing.
    let value = line::shown(&key.description);
    let returned = FormAround::find(RenameApiKey::PATH, Some(&id));
    let is_open = state.rename == Some(key.id) || returned.is_returned();
    let typed = returned
        .value("description")
        .unwrap_or_else(|| value.clone());
    let problem = returned.error("description");
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
            <PostForm class="rename" action=RenameApiKey::PATH hidden=!is_open subject=id>
                <input type="hidden" name="was" value=value />
                {team}
                <Field>
                    <input
                        id=field
                        name="description"
                        type="text"
                        value=typed
                        aria-invalid=problem.is_some().then_some("true")
                        placeholder=t.keys.description_placeholder
                        aria-label=t.keys.rename_label
                        aria-describedby=error.clone()
                        autocomplete="off"
                        spellcheck="false"
                        required
                        autofocus=is_open
                    />
                    <p class="error" id=error role="alert">{problem}</p>
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

/// What revoking is called: an expired key does not stop working.
#[derive(Clone, Copy)]
struct RevokeWords {
    link: &'static str,
    named: fn(&str) -> String,
    title: fn(&str) -> String,
    warning: &'static str,
    button: &'static str,
}

impl RevokeWords {
    fn of(status: KeyStatus) -> Self {
        let t = &text().keys;
        if status == KeyStatus::Expired {
            Self {
                link: t.remove,
                named: t.remove_named,
                title: t.remove_title,
                warning: t.remove_warning,
                button: t.remove_button,
            }
        } else {
            Self {
                link: t.revoke,
                named: t.revoke_named,
                title: t.revoke_title,
                warning: t.revoke_warning,
                button: t.revoke_button,
            }
        }
    }
}

/// The link to the revoke dialog, and the dialog.
fn revoking(key: &ApiKey, state: &KeyListState, status: KeyStatus) -> impl IntoView + use<> {
    let t = text();
    let words = RevokeWords::of(status);
    let id = key.id.to_string();
    let is_inventory = state.is_inventory();
    let action = if is_inventory {
        RevokeAnyApiKey::PATH
    } else {
        RevokeApiKey::PATH
    };
    let question = question(key, state, words);
    let team = team_field(state);
    let back = state.address();
    let dialog = format!("revoke-{id}");
    let (title, body) = (format!("{dialog}-title"), format!("{dialog}-body"));
    let is_open = state.revoke == Some(key.id);
    let link = paths::key_action(state.on(), &state.view, "revoke", key.id);
    let label = (words.named)(&key_name(&key.description));
    let opener = dialog.clone();
    let link_id = format!("revoke-open-{id}");
    let content = view! {
        <dialog class="dialog" id=dialog aria-labelledby=title aria-describedby=body open=is_open>
            <PostForm class="stack" action=action subject=id>
                {question}
                <FormError />
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
                    <Submit label=words.button look="danger" />
                </div>
            </PostForm>
            <DialogStatus />
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
                {words.link}
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
fn question(key: &ApiKey, state: &KeyListState, words: RevokeWords) -> impl IntoView + use<> {
    let t = text();
    let used = key
        .last_used_at
        .and_then(|at| time::moment(at, state.page.now))
        .map_or_else(
            || t.keys.revoke_never_used.to_owned(),
            |moment| (t.keys.revoke_last_used)(&moment.relative),
        );
    view! {
        <h2 id=format!("revoke-{}-title", key.id)>{(words.title)(&key_name(&key.description))}</h2>
        <div id=format!("revoke-{}-body", key.id) class="stack">
            <p>
                <code>{visible_key(key)}</code>
                " "
                {used}
            </p>
            <p>{words.warning}</p>
        </div>
    }
}

/// `sk_…6bb1`.
fn visible_key(key: &ApiKey) -> String {
    format!("{}…{}", key_text::prefix(key.is_public), key.last_four)
}
