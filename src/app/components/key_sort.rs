//! The order of a list: the heads of its columns and, where it has none, a field of the search form.

use std::sync::Arc;

use latchkey_model::key_list::{Direction, KeyListView, SortKey};
use leptos::prelude::*;

use super::{Icon, KeyListState};
use crate::{paths, text::text};

/// A column that the list can be sorted by.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub sort: SortKey,
    pub label: &'static str,
}

/// Whether the list has something to sort by this.
fn can_sort_by(state: &KeyListState, sort: SortKey) -> bool {
    match sort {
        SortKey::Owner => state.is_inventory(),
        SortKey::CreatedBy => state.team_id().is_some(),
        _ => true,
    }
}

/// The column that shows the order, and its direction. By default the newest keys come first.
fn shown_order(state: &KeyListState) -> (SortKey, Direction) {
    match state.view.sort {
        SortKey::Default => (SortKey::Created, Direction::Descending),
        sort if can_sort_by(state, sort) => (sort, state.view.direction),
        _ => (SortKey::Created, Direction::Descending),
    }
}

/// The head of a column: a link to the list sorted by it, or if it is already, the other way round.
#[component]
pub fn SortHead(state: Arc<KeyListState>, column: Column) -> impl IntoView {
    let t = text();
    let Column { sort, label } = column;
    let (shown, direction) = shown_order(&state);
    let direction = (shown == sort).then_some(direction);
    let (aria, icon, next) = match direction {
        None => (None, Icon::Sort, Direction::Ascending),
        Some(Direction::Ascending) => (Some("ascending"), Icon::SortUp, Direction::Descending),
        Some(Direction::Descending) => (Some("descending"), Icon::SortDown, Direction::Ascending),
    };
    let to = KeyListView {
        sort,
        direction: next,
        page: 1,
        ..state.view.clone()
    };
    view! {
        <th scope="col" role="columnheader" aria-sort=aria>
            <a
                id=format!("sort-{}", sort.as_str())
                href=paths::key_list(state.on(), &to)
                title=(t.keys.sort_by)(label)
            >
                {label}
                {icon.view()}
            </a>
        </th>
    }
}

/// The order as a field, for where the list has no columns.
#[component]
pub fn SortField(state: Arc<KeyListState>) -> impl IntoView {
    let t = text();
    let current = KeyListView::order(state.view.sort, state.view.direction);
    let options = SortKey::ALL
        .iter()
        .filter(|sort| can_sort_by(&state, **sort))
        .flat_map(|sort| Direction::ALL.iter().map(|direction| (*sort, *direction)))
        .filter(|order| *order != (SortKey::Default, Direction::Descending))
        .map(|(sort, direction)| {
            let value = KeyListView::order(sort, direction);
            let selected = value == current;
            let label = (t.keys.ordered)((t.keys.order)(sort, direction));
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <select class="sort" name="sort" aria-label=t.keys.sort autocomplete="off">
            {options}
        </select>
    }
}
