//! One page of a list: the keys of one owner, or all keys of the project.
//!
//! However many there are, a list looks at a bounded number of them: the newest of the owner, by the index
//! `api_keys_of_user`, `api_keys_of_team` or `api_keys_of_project`. The plan is held by `list_plan.rs` in the domain's
//! tests.

use std::io;

use latchkey_model::{
    expiry::Millis,
    id::ApiKeyId,
    key_list::{Direction, KeyListView, PastedKey, SortKey, StatusFilter},
    key_status::SOON_MILLIS,
    key_text::{self, SearchText},
};
use sqlx::AssertSqlSafe;

use super::{
    list_status::{ACTIVE, INACTIVE, REVOKED, REVOKED_BY, WORKING},
    row::KEY_COLUMNS,
};
use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    api_key::{ApiKey, KeyLimit, KeyPage, KeyScope},
    caller::Caller,
};

/// The keys of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListScope {
    /// The keys of one owner.
    Owned(KeyScope),
    /// All keys of the project.
    Project,
}

key_row! {
    #[derive(sqlx::FromRow)]
    struct ListRow {
        denial: Option<Denial>,
        now: Millis,
        total: i64,
        matching: i64,
        inactive: i64,
        most: Option<i32>,
        valid: i64,
        owner_name: Option<String>,
        owner_email: Option<String>,
        created_by: Option<String>,
        revoked_by: Option<String>,
        is_paused: Option<bool>,
        last_used_at_millis: Option<Millis>,
    }
}

impl ListRow {
    /// The key with the columns that only pages show; `None` on an empty page.
    fn into_shown_key(mut self) -> Option<ApiKey> {
        Some(ApiKey {
            owner_name: self.owner_name.take(),
            owner_email: self.owner_email.take(),
            created_by: self.created_by.take(),
            revoked_by: self.revoked_by.take(),
            is_paused: self.is_paused.unwrap_or_default(),
            last_used_at: self.last_used_at_millis,
            ..self.into_key()?
        })
    }
}

/// The SQLSTATE of a statement that ran out of its time.
const QUERY_CANCELED: &str = "57014";
/// How many keys of one owner a list looks at, the newest. Whatever an owner has, reading and
/// searching that many takes a small part of a second.
const OWNED_WINDOW: i64 = 10_000;
/// The same for all keys of a project, which only administrators list.
const PROJECT_WINDOW: i64 = 50_000;
/// Among more keys than a list looks at, valid ones are found by an index of their own, if they are
/// no more than this: nobody can hide them behind newer keys that do not work.
const FEW: i64 = 1_000;

/// The same as `WORKING`, as the index of valid keys has it.
const VALID: &str = "(k.revoked_at_millis IS NULL
    AND COALESCE(k.expires_at_millis, 9223372036854775807) > g.now)";

/// The keys that a statement looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The newest, in the order of an index, and one more, which tells that there are more.
    Newest,
    /// Valid keys of one owner, by their own index, as long as they are few, and one more; and those that stay.
    Valid,
}

/// The parts of the statement that depend on the [`ListScope`].
struct Source {
    /// The decision, and the project's limit of valid keys (`most`).
    gate: &'static str,
    /// The condition that selects the keys in scope.
    of: &'static str,
    /// Whether the project does not allow keys of this kind. To one owner such keys are not listed at all.
    paused: &'static str,
    /// The most keys that the list looks at.
    window: i64,
    /// The condition that matches the search.
    found: &'static str,
    /// The joins for the owner's name.
    joins: &'static str,
    /// The columns with the owner's name and e-mail address.
    owner: &'static str,
}

const OF_USER: Source = Source {
    gate: "SELECT g.*, p.max_api_keys_per_owner AS most
            FROM key_gate($1, $2, $3, $4) g
            LEFT JOIN projects p ON g.denial IS NULL AND p.project_id = $1.project_id",
    of: "k.owner_user_id = g.owner_user_id",
    paused: "false",
    window: OWNED_WINDOW,
    found: "(strpos(k.description_folded, g.needle) > 0 OR strpos(k.last_four, g.needle) > 0)",
    joins: "",
    owner: "NULL::text AS owner_name, NULL::text AS owner_email",
};
const OF_TEAM: Source = Source {
    of: "k.owner_team_id = g.owner_team_id",
    ..OF_USER
};
const OF_PROJECT: Source = Source {
    gate: "SELECT g.*, NULL::integer AS most, p.allow_user_api_keys, p.allow_team_api_keys
            FROM project_gate($1) g LEFT JOIN projects p ON p.project_id = $1.project_id",
    of: "true",
    paused: "(NOT CASE WHEN k.owner_user_id IS NOT NULL THEN g.allow_user_api_keys ELSE g.allow_team_api_keys END)",
    window: PROJECT_WINDOW,
    found: "(
        strpos(k.description_folded, g.needle) > 0 OR strpos(k.last_four, g.needle) > 0
        OR strpos(o.display_name_folded, g.needle) > 0 OR strpos(o.primary_email, g.needle) > 0
        OR strpos(t.display_name_folded, g.needle) > 0
    )",
    joins: "LEFT JOIN users o ON o.project_id = k.project_id AND o.user_id = k.owner_user_id
            LEFT JOIN teams t ON t.project_id = k.project_id AND t.team_id = k.owner_team_id",
    owner: "COALESCE(t.display_name, o.display_name) AS owner_name, o.primary_email AS owner_email",
};

impl Source {
    const fn of(scope: ListScope) -> Self {
        match scope {
            ListScope::Owned(KeyScope::Own | KeyScope::OfUser(_)) => OF_USER,
            ListScope::Owned(KeyScope::OfTeam(_)) => OF_TEAM,
            ListScope::Project => OF_PROJECT,
        }
    }
}

/// The condition that selects the keys of a view, after the search.
fn status(view: &KeyListView, paused: &str) -> String {
    match view.status {
        StatusFilter::Any if view.includes_inactive() => "true".to_owned(),
        StatusFilter::Any => ACTIVE.to_owned(),
        StatusFilter::Valid => format!("({ACTIVE} AND NOT {paused})"),
        StatusFilter::ExpiresSoon => {
            format!("({ACTIVE} AND NOT {paused} AND k.expires_at_millis < g.now + {SOON_MILLIS})")
        }
        StatusFilter::Paused => format!("({ACTIVE} AND {paused})"),
        StatusFilter::Expired => {
            format!("(NOT {REVOKED} AND is_expired(k.expires_at_millis, g.now))")
        }
        StatusFilter::Revoked => REVOKED.to_owned(),
    }
}

/// Whether a view has valid keys only.
fn is_of_valid_keys(view: &KeyListView) -> bool {
    match view.status {
        StatusFilter::Any => !view.inactive && view.pasted.is_none(),
        StatusFilter::Valid | StatusFilter::ExpiresSoon => true,
        StatusFilter::Paused | StatusFilter::Expired | StatusFilter::Revoked => false,
    }
}

/// The expressions before the newest keys come first, each followed by a comma.
fn order(scope: ListScope, view: &KeyListView) -> String {
    let shows_both = view.status == StatusFilter::Any && view.includes_inactive();
    let sort = match view.sort {
        SortKey::Owner if scope != ListScope::Project => SortKey::Default,
        SortKey::CreatedBy if !matches!(scope, ListScope::Owned(KeyScope::OfTeam(_))) => {
            SortKey::Default
        }
        sort => sort,
    };
    let sorted = match sort {
        SortKey::Default if shows_both => INACTIVE,
        SortKey::Default => "",
        SortKey::Description => "lower(k.description)",
        SortKey::Key => "k.last_four",
        SortKey::Owner => "lower(COALESCE(t.display_name, o.display_name, o.primary_email, ''))",
        SortKey::Status => {
            let paused = Source::of(scope).paused;
            &format!(
                "CASE WHEN {REVOKED} THEN 3 WHEN is_expired(k.expires_at_millis, g.now) THEN 2 WHEN {paused} THEN 1 ELSE 0 END"
            )
        }
        SortKey::Created => "k.created_at_millis",
        SortKey::Expires => "COALESCE(k.expires_at_millis, 9223372036854775807)",
        SortKey::LastUsed => "COALESCE(u.last_used_at_millis, -9223372036854775807)",
        SortKey::CreatedBy => "lower(COALESCE(b.display_name, b.primary_email, ''))",
    };
    match (sorted, view.direction) {
        ("", _) => String::new(),
        (sorted, Direction::Ascending) => format!("{sorted}, "),
        (sorted, Direction::Descending) => format!("{sorted} DESC, "),
    }
}

/// Returns the statement for a view. Its text consists of constants; input is bound.
///
/// The gate is materialised, so session, permission and time are looked up only once, and the plan
/// does not depend on the number of the owner's keys.
fn list_sql(scope: ListScope, view: &KeyListView, part: Part) -> String {
    let Source {
        gate,
        of,
        paused,
        window,
        found,
        joins,
        owner,
    } = Source::of(scope);
    let (status, order) = (status(view, paused), order(scope, view));
    let mine = format!("k.project_id = $1.project_id AND {of} AND g.denial IS NULL");
    let keys = match part {
        Part::Newest => format!(
            "(SELECT * FROM api_keys k WHERE {mine}
                ORDER BY k.created_at_millis DESC, k.api_key_id DESC LIMIT {window} + 1) k"
        ),
        Part::Valid => {
            format!(
                "(
                    (SELECT * FROM api_keys k WHERE {mine} AND {VALID} LIMIT {FEW} + 1)
                    UNION ALL
                    SELECT * FROM api_keys k
                    WHERE {mine} AND k.api_key_id = ANY ($8) AND k.revoked_at_millis IS NOT NULL
                ) k"
            )
        }
    };
    // A pasted key is shown wherever it is, also beyond the keys that a list looks at.
    let picked = view.pasted.map_or_else(
        || keys.clone(),
        |_| format!("(SELECT * FROM api_keys k WHERE {mine} AND k.api_key_id = $9) k"),
    );
    let all = format!("count(*) AS total, count(*) FILTER (WHERE {WORKING}) AS valid");
    let shown = format!(
        "count(*) FILTER (WHERE {status}) AS matching, count(*) FILTER (WHERE {INACTIVE}) AS inactive"
    );
    let found = if view.search.is_empty() {
        "true"
    } else {
        found
    };
    let counts = if view.search.is_empty() && view.pasted.is_none() {
        format!("CROSS JOIN LATERAL (SELECT {all}, {shown} FROM {keys}) c")
    } else {
        format!(
            "CROSS JOIN LATERAL (SELECT {all} FROM {keys}) a
            CROSS JOIN LATERAL (SELECT {shown} FROM {picked} {joins} WHERE {found}) c"
        )
    };
    format!(
        "WITH gate AS MATERIALIZED (
            SELECT g.*, now_millis() AS now, fold_text($5) AS needle FROM ({gate}) g
        )
        SELECT g.denial, g.now, g.most, total, valid, matching, inactive, r.*, {REVOKED_BY} AS revoked_by
        FROM gate g
        {counts}
        LEFT JOIN LATERAL (
            SELECT {KEY_COLUMNS}, {owner}, u.last_used_at_millis, {paused} AS is_paused,
                COALESCE(b.display_name, b.primary_email) AS created_by,
                row_number() OVER (ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC) AS position
            FROM {picked}
            LEFT JOIN api_key_uses u USING (project_id, api_key_id)
            LEFT JOIN users b ON b.project_id = k.project_id AND b.user_id = k.created_by_user_id
            {joins}
            WHERE {found} AND {status}
            ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC
            LIMIT $6 OFFSET $7
        ) r ON true
        ORDER BY r.position"
    )
}

/// What is looked for: of a key as lists show it, its last four characters.
fn needle(search: &str) -> String {
    match key_text::read_search(search) {
        SearchText::LastFour(end) => end,
        SearchText::Key(_) | SearchText::Words => search.to_owned(),
    }
}

/// Which error it is that a list took longer than its deadline.
fn slow(error: sqlx::Error, view: &KeyListView) -> Error {
    let is_late = match &error {
        sqlx::Error::Io(cause) => cause.kind() == io::ErrorKind::TimedOut,
        sqlx::Error::Database(cause) => cause.code().as_deref() == Some(QUERY_CANCELED),
        _ => false,
    };
    if is_late && !view.search.is_empty() {
        Error::SearchTooSlow
    } else {
        error.into()
    }
}

impl Store {
    /// Among more keys than a list looks at, the valid ones are looked up by themselves.
    pub async fn list_keys(
        &self,
        caller: &Caller,
        scope: ListScope,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let (newest, valid) = self.list_part(caller, scope, view, Part::Newest).await?;
        let is_of_owner = scope != ListScope::Project;
        let are_hidden = newest.partial.is_some() && valid <= FEW;
        if !(are_hidden && is_of_owner && is_of_valid_keys(view)) {
            return Ok(newest);
        }
        let (valid, count) = self.list_part(caller, scope, view, Part::Valid).await?;
        if count > FEW {
            return Ok(newest);
        }
        Ok(KeyPage {
            inactive: newest.inactive,
            total: newest.total,
            partial: None,
            ..valid
        })
    }

    /// Also returns how many keys of this part are valid.
    async fn list_part(
        &self,
        caller: &Caller,
        scope: ListScope,
        view: &KeyListView,
        part: Part,
    ) -> Result<(KeyPage, i64), Error> {
        let keys = match scope {
            ListScope::Owned(keys) => Some(keys),
            ListScope::Project => None,
        };
        let rows: Vec<ListRow> = sqlx::query_as(AssertSqlSafe(list_sql(scope, view, part)))
            .bind(CallerParameter::from(caller))
            .bind(keys.map(|keys| keys.kind().as_str()))
            .bind(keys.is_some_and(KeyScope::own))
            .bind(keys.and_then(KeyScope::owner))
            .bind(needle(&view.search))
            .bind(i64::from(view.size))
            .bind(view.offset())
            .bind(
                view.staying
                    .iter()
                    .map(|key| key.uuid())
                    .collect::<Vec<_>>(),
            )
            .bind(view.pasted.and_then(PastedKey::id).map(ApiKeyId::uuid))
            .fetch_all(self.lists.read().on_behalf_of(caller))
            .await
            .map_err(|error| slow(error, view))?;
        let first = rows.first().ok_or_else(Error::no_row)?;
        authorize(first.denial)?;
        let (window, valid) = (Source::of(scope).window, first.valid);
        let page = KeyPage {
            matching: first.matching.min(window),
            inactive: first.inactive.min(window),
            total: first.total,
            partial: (first.total > window).then_some(window),
            limit: first.most.map(|most| KeyLimit {
                most: most.into(),
                valid: valid.min(most.into()),
            }),
            now: first.now,
            keys: rows
                .into_iter()
                .filter_map(ListRow::into_shown_key)
                .collect(),
        };
        Ok((page, valid))
    }
}
