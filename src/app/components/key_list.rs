//! The list of keys with search, filters, sorting and paging. All of its state is in the URL, so
//! every control is a link or the search form, which is posted because a key may be pasted into it.

use std::sync::Arc;

use latchkey_model::key_list::{KeyListView, PAGE_SIZES, SortKey, StatusFilter};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};

use super::{
    CREATE_FORM, Icon, KeyLimitNote, KeyListOwner, KeyListState, PostForm,
    create_dialog::OpenCreateDialog,
    key_row::KeyRow,
    key_sort::{Column, SortField, SortHead},
};
use crate::{
    islands::{KeyListProblem, PASTED_KEY, Region, VIEW_ADDRESS},
    paths,
    text::{in_sentence, text},
};

/// The id of the search form, for fields that belong to it but are elsewhere on the page.
const SEARCH_FORM: &str = "key-search";

/// The list. The element `key-list` is replaced when the view changes; the search form stays, so
/// that typing in it is not interrupted.
#[component]
pub fn KeyList(state: Arc<KeyListState>) -> impl IntoView {
    let t = text();
    let hidden_fields = hidden_fields(&state);
    let of_many = state.has_people();
    let body = if state.page.total == 0 {
        let explanation = match &state.owner {
            KeyListOwner::Viewer => t.keys.empty_own.to_owned(),
            KeyListOwner::Team(_, name) => (t.keys.empty_team)(&in_sentence(name)),
            KeyListOwner::Project(_) => t.project.empty.to_owned(),
        };
        let team = state.team_id();
        let create =
            (!state.is_inventory()).then(|| view! { <OpenCreateDialog team class="button" /> });
        EitherOf3::A(view! {
            <div class="empty">
                <span class="empty-mark">{Icon::Key.view()}</span>
                <h3>{t.keys.empty_title}</h3>
                <p>{explanation}</p>
                {create}
            </div>
        })
    } else if state.page.keys.is_empty() {
        EitherOf3::B(nothing_found(&state))
    } else {
        EitherOf3::C(view! {
            {table(&state)}
            {pages(&state)}
        })
    };
    view! {
        <div class="list" class:of-many=of_many>
            {search(&state).into_any()}
            <KeyListProblem>
                <p>{t.frame.offline}</p>
                <button class="button small" type="button">
                    {t.problem.try_again}
                </button>
            </KeyListProblem>
            <Region>
                <div id="key-list">
                    <data id=VIEW_ADDRESS value=state.address() hidden></data>
                    {hidden_fields}
                    {(!state.is_inventory()).then(|| view! { <KeyLimitNote limit=state.page.limit /> })}
                    {inactive_toggle(&state)}
                    {pasted_note(&state)}
                    {body.into_any()}
                    {state
                        .page
                        .partial
                        .map(|newest| view! { <p class="hint">{(t.keys.partial)(newest)}</p> })}
                </div>
            </Region>
        </div>
    }
}

/// Hidden fields of the forms around the list: the parts of the view that the search form does not
/// show, and the token for the next key.
fn hidden_fields(state: &KeyListState) -> impl IntoView + use<> {
    let hidden = |form: &'static str, name: &'static str, value: String| {
        view! { <input type="hidden" form=form name=name value=value /> }
    };
    let view = state
        .view
        .to_pairs()
        .into_iter()
        .filter(|(name, _)| *name == "inactive")
        .map(|(name, value)| hidden(SEARCH_FORM, name, value))
        .collect_view();
    let token =
        (!state.is_inventory()).then(|| hidden(CREATE_FORM, "token", state.token.to_string()));
    (view, token)
}

fn search(state: &Arc<KeyListState>) -> impl IntoView + use<> {
    let t = text();
    let (view, on) = (state.view.clone(), state.on());
    let (total, sorted) = (state.page.total, Arc::clone(state));
    let search_hint = if state.is_inventory() {
        t.project.search_hint
    } else {
        t.keys.search_hint
    };
    let label = |filter: StatusFilter| match filter {
        StatusFilter::Any => t.keys.status_any,
        StatusFilter::Valid => t.keys.valid,
        StatusFilter::ExpiresSoon => t.keys.expires_soon,
        StatusFilter::Paused => t.keys.paused,
        StatusFilter::Expired => t.keys.expired,
        StatusFilter::Revoked => t.keys.revoked,
    };
    let can_be_paused = state.is_inventory();
    let statuses = StatusFilter::ALL
        .iter()
        .filter(|filter| can_be_paused || **filter != StatusFilter::Paused)
        .map(|filter| {
            let selected = *filter == view.status;
            view! { <option value=filter.as_str() selected=selected>{label(*filter)}</option> }
        })
        .collect_view();
    let sizes = PAGE_SIZES
        .iter()
        .map(|size| {
            let selected = *size == view.size;
            view! { <option value=*size selected=selected>{(t.keys.per_page)(*size)}</option> }
        })
        .collect_view();
    view! {
        <PostForm
            class="toolbar"
            id=SEARCH_FORM
            role="search"
            action=paths::keys(on)
            hidden={total == 0}
        >
            <div class="search">
                {Icon::Search.view()}
                <input
                    type="search"
                    name="q"
                    id="key-search-text"
                    value=view.search.clone()
                    placeholder=search_hint
                    aria-label=t.keys.search
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="255"
                />
            </div>
            <select name="status" aria-label=t.keys.status_filter autocomplete="off">
                {statuses}
            </select>
            <SortField state=sorted />
            <select name="size" aria-label=t.keys.page_size autocomplete="off">
                {sizes}
            </select>
            <button class="button without-script" type="submit">
                {t.keys.apply}
            </button>
        </PostForm>
    }
}

/// “Show inactive (3)”, if there are inactive keys to show.
fn inactive_toggle(state: &KeyListState) -> Option<AnyView> {
    let t = text();
    let view = &state.view;
    let is_of_all = view.status == StatusFilter::Any && view.pasted.is_none();
    let is_useless = state.page.inactive == 0 && !view.inactive;
    if !is_of_all || is_useless || is_all_inactive(state) {
        return None;
    }
    if !view.search.is_empty() {
        // They are among those found.
        let count = state.page.inactive;
        let words = (count > 0).then(|| (t.keys.inactive_found)(count))?;
        return Some(view! { <p class="inactive"><span>{words}</span></p> }.into_any());
    }
    Some(view! { <p class="inactive">{inactive_link(state, None)}</p> }.into_any())
}

/// Whether nothing is listed because no key is active.
fn is_all_inactive(state: &KeyListState) -> bool {
    state.page.keys.is_empty() && !state.view.is_filtered()
}

fn inactive_link(state: &KeyListState, class: Option<&'static str>) -> impl IntoView + use<> {
    let t = text();
    let view = &state.view;
    let to = KeyListView {
        inactive: !view.inactive,
        page: 1,
        ..view.clone()
    };
    let label = if view.inactive {
        t.keys.hide_inactive.to_owned()
    } else {
        (t.keys.show_inactive)(state.page.inactive)
    };
    view! {
        <a class=class id="inactive-toggle" href=paths::key_list(state.on(), &to)>
            {label}
        </a>
    }
}

/// That the list shows the key that was pasted into the search.
fn pasted_note(state: &KeyListState) -> Option<impl IntoView + use<>> {
    let t = text();
    let is_shown = state.view.pasted.is_some() && !state.page.keys.is_empty();
    is_shown.then(|| {
        view! {
            <p class="hint pasted">
                <span id=PASTED_KEY>{t.keys.pasted_found}</span>
                " "
                <a href=all_keys(state) id="clear-filters">
                    {t.keys.show_all}
                </a>
            </p>
        }
    })
}

/// The list without filters.
fn all_keys(state: &KeyListState) -> String {
    let all = KeyListView {
        size: state.view.size,
        ..KeyListView::default()
    };
    paths::key_list(state.on(), &all)
}

fn nothing_found(state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    if is_all_inactive(state) {
        let team = state.team_id();
        let create =
            (!state.is_inventory()).then(|| view! { <OpenCreateDialog team class="button" /> });
        return Either::Left(view! {
            <div class="empty">
                <h3>{t.keys.all_inactive}</h3>
                <div class="actions">{inactive_link(state, Some("button"))} {create}</div>
            </div>
        });
    }
    let pasted = state.view.pasted.is_some();
    let (title, hint, clear) = if pasted {
        let title = match state.owner {
            KeyListOwner::Viewer => t.keys.pasted_unknown_own,
            KeyListOwner::Team(..) => t.keys.pasted_unknown_team,
            KeyListOwner::Project(_) => t.project.pasted_unknown,
        };
        (title, t.keys.pasted_unknown_hint, t.keys.show_all)
    } else {
        (
            t.keys.nothing_found,
            t.keys.nothing_found_hint,
            t.keys.clear_filters,
        )
    };
    let id = pasted.then_some(PASTED_KEY);
    Either::Right(view! {
        <div class="empty">
            <h3 id=id>{title}</h3>
            <p>{hint}</p>
            <a class="button" href=all_keys(state) id="clear-filters">
                {clear}
            </a>
        </div>
    })
}

fn table(state: &Arc<KeyListState>) -> impl IntoView + use<> {
    let t = text();
    let by_team = state.team_id().is_some();
    let inventory = state.is_inventory();
    let head = |sort: SortKey, label: &'static str| {
        let (state, column) = (Arc::clone(state), Column { sort, label });
        view! { <SortHead state column /> }.into_any()
    };
    let owner = inventory.then(|| head(SortKey::Owner, t.project.column_owner));
    let heads = [
        head(SortKey::Description, t.keys.column_description),
        head(SortKey::Key, t.keys.column_key),
    ]
    .into_iter()
    .chain(owner)
    .chain([
        head(SortKey::Status, t.keys.column_status),
        head(SortKey::Created, t.keys.column_created),
        head(SortKey::Expires, t.keys.column_expires),
        head(SortKey::LastUsed, t.keys.column_last_used),
    ])
    .chain(by_team.then(|| head(SortKey::CreatedBy, t.keys.column_created_by)))
    .collect_view();
    let rows = state
        .page
        .keys
        .iter()
        .map(|key| view! { <KeyRow api_key=key.clone() list=Arc::clone(state) /> }.into_any())
        .collect_view();
    view! {
        <div class="table-box">
            <table class="keys" role="table" aria-label=t.keys.table class:by-team=by_team class:inventory=inventory>
                // The column widths are known before the first row arrives.
                <colgroup>
                    <col />
                    <col class="column-key" />
                    {inventory.then(|| view! { <col class="column-owner" /> })}
                    <col class="column-status" />
                    <col span="3" class="column-time" />
                    {by_team.then(|| view! { <col class="column-by" /> })}
                    <col class="column-actions" />
                </colgroup>
                <thead role="rowgroup">
                    <tr role="row">
                        {heads}
                        <th scope="col" role="columnheader">
                            <span class="visually-hidden">{t.keys.column_actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

/// “11–20 of 134”, and the links to the previous and next page.
fn pages(state: &KeyListState) -> impl IntoView + use<> {
    let t = text();
    let view = &state.view;
    let from = view.offset() + 1;
    let to = view.offset() + i64::try_from(state.page.keys.len()).unwrap_or_default();
    let of = state.page.matching;
    let link = |page: u32, label: &'static str, id: &'static str| {
        let to = KeyListView {
            page,
            ..view.clone()
        };
        view! {
            <a class="button" id=id href=paths::key_list(state.on(), &to)>
                {label}
            </a>
        }
    };
    let previous = (view.page > 1).then(|| link(view.page - 1, t.keys.previous, "page-previous"));
    let next = (to < of).then(|| link(view.page + 1, t.keys.next, "page-next"));
    view! {
        <nav class="pages" aria-label=t.keys.pages>
            <span class="range">{(t.keys.range)(from, to, of)}</span>
            {previous}
            {next}
        </nav>
    }
}
