//! One page of a list: the keys of one owner, or all keys of the project.

use latchkey_model::{
    expiry::Millis,
    key_list::{Direction, KeyListView, SortKey, StatusFilter},
    key_status::SOON_MILLIS,
};
use sqlx::AssertSqlSafe;

use super::row::KEY_COLUMNS;
use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
    search::containing,
};
use latchkey_model::{
    api_key::{ApiKey, KeyPage, KeyScope},
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
        owner_name: Option<String>,
        owner_email: Option<String>,
        created_by: Option<String>,
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
            last_used_at: self.last_used_at_millis,
            ..self.into_key()?
        })
    }
}

/// Never null, not even for a key that does not expire: lists are sorted by it, and null would come last.
const INACTIVE: &str =
    "(k.revoked_at_millis IS NOT NULL OR is_expired(k.expires_at_millis, g.now) IS TRUE)";
const ACTIVE: &str =
    "(k.revoked_at_millis IS NULL AND is_expired(k.expires_at_millis, g.now) IS NOT TRUE)";

/// The parts of the statement that depend on the [`ListScope`].
struct Source {
    gate: &'static str,
    /// The condition that selects the keys in scope.
    of: &'static str,
    /// The condition that matches the search.
    found: &'static str,
    /// The joins for the owner's name.
    joins: &'static str,
    /// The columns with the owner's name and e-mail address.
    owner: &'static str,
}

const OF_USER: Source = Source {
    gate: "key_gate($1, $2, $3, $4)",
    of: "k.owner_user_id = g.owner_user_id",
    found: "(k.description ILIKE $5 OR k.last_four ILIKE $5)",
    joins: "",
    owner: "NULL::text AS owner_name, NULL::text AS owner_email",
};
const OF_TEAM: Source = Source {
    of: "k.owner_team_id = g.owner_team_id",
    ..OF_USER
};
/// Owners that match the search are looked up once, not for each key.
const OF_PROJECT: Source = Source {
    gate: "project_gate($1)",
    of: "true",
    found: "(
        k.description ILIKE $5 OR k.last_four ILIKE $5
        OR k.owner_user_id IN (
            SELECT f.user_id FROM users f
            WHERE f.project_id = $1.project_id AND (f.display_name ILIKE $5 OR f.primary_email ILIKE $5)
        )
        OR k.owner_team_id IN (SELECT f.team_id FROM teams f WHERE f.project_id = $1.project_id AND f.display_name ILIKE $5)
    )",
    joins: "LEFT JOIN users o ON o.project_id = k.project_id AND o.user_id = k.owner_user_id
            LEFT JOIN teams t ON t.project_id = k.project_id AND t.team_id = k.owner_team_id",
    owner: "COALESCE(t.display_name, o.display_name) AS owner_name, o.primary_email AS owner_email",
};

/// Returns the statement for a view. Its text consists of constants; input is bound.
///
/// The gate is materialised, so session, permission and time are looked up only once, and the plan
/// does not depend on the number of the owner's keys.
fn list_sql(scope: ListScope, view: &KeyListView) -> String {
    let Source {
        gate,
        of,
        found,
        joins,
        owner,
    } = match scope {
        ListScope::Owned(KeyScope::Own | KeyScope::OfUser(_)) => OF_USER,
        ListScope::Owned(KeyScope::OfTeam(_)) => OF_TEAM,
        ListScope::Project => OF_PROJECT,
    };
    let found = if view.search.is_empty() {
        "true"
    } else {
        found
    };
    let status = match view.status {
        StatusFilter::Any if view.inactive => "true".to_owned(),
        StatusFilter::Any | StatusFilter::Valid => ACTIVE.to_owned(),
        StatusFilter::ExpiresSoon => {
            format!("({ACTIVE} AND k.expires_at_millis < g.now + {SOON_MILLIS})")
        }
        StatusFilter::Expired => {
            "(k.revoked_at_millis IS NULL AND is_expired(k.expires_at_millis, g.now))".to_owned()
        }
        StatusFilter::Revoked => "(k.revoked_at_millis IS NOT NULL)".to_owned(),
    };
    let shows_both = view.status == StatusFilter::Any && view.inactive;
    let sort = match view.sort {
        SortKey::Owner if scope != ListScope::Project => SortKey::Default,
        sort => sort,
    };
    let sorted = match sort {
        SortKey::Default if shows_both => INACTIVE,
        SortKey::Default => "",
        SortKey::Description => "lower(k.description)",
        SortKey::Key => "k.last_four",
        SortKey::Owner => "lower(COALESCE(t.display_name, o.display_name, o.primary_email, ''))",
        SortKey::Status => {
            "CASE WHEN k.revoked_at_millis IS NOT NULL THEN 2 WHEN is_expired(k.expires_at_millis, g.now) THEN 1 ELSE 0 END"
        }
        SortKey::Created => "k.created_at_millis",
        SortKey::Expires => "COALESCE(k.expires_at_millis, 9223372036854775807)",
        SortKey::LastUsed => "COALESCE(u.last_used_at_millis, -9223372036854775807)",
    };
    let order = match (sorted, view.direction) {
        ("", _) => String::new(),
        (sorted, Direction::Ascending) => format!("{sorted}, "),
        (sorted, Direction::Descending) => format!("{sorted} DESC, "),
    };
    format!(
        "WITH gate AS MATERIALIZED (
            SELECT *, now_millis() AS now FROM {gate}
        )
        SELECT g.denial, g.now, c.total, c.matching, c.inactive, r.*
        FROM gate g
        CROSS JOIN LATERAL (
            SELECT count(*) AS total,
                count(*) FILTER (WHERE {found} AND {status}) AS matching,
                count(*) FILTER (WHERE {found} AND {INACTIVE}) AS inactive
            FROM api_keys k
            WHERE k.project_id = $1.project_id AND {of} AND g.denial IS NULL
        ) c
        LEFT JOIN LATERAL (
            SELECT {KEY_COLUMNS}, {owner}, u.last_used_at_millis,
                COALESCE(b.display_name, b.primary_email) AS created_by,
                row_number() OVER (ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC) AS position
            FROM api_keys k
            LEFT JOIN api_key_uses u USING (project_id, api_key_id)
            LEFT JOIN users b ON b.project_id = k.project_id AND b.user_id = k.created_by_user_id
            {joins}
            WHERE k.project_id = $1.project_id AND {of} AND g.denial IS NULL AND {found} AND {status}
                AND $5::text IS NOT NULL
            ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC
            LIMIT $6 OFFSET $7
        ) r ON true
        ORDER BY r.position"
    )
}

impl Store {
    pub async fn list_keys(
        &self,
        caller: &Caller,
        scope: ListScope,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let keys = match scope {
            ListScope::Owned(keys) => Some(keys),
            ListScope::Project => None,
        };
        let rows: Vec<ListRow> = sqlx::query_as(AssertSqlSafe(list_sql(scope, view)))
            .bind(CallerParameter::from(caller))
            .bind(keys.map(|keys| keys.kind().as_str()))
            .bind(keys.is_some_and(KeyScope::own))
            .bind(keys.and_then(KeyScope::owner))
            .bind(containing(&view.search))
            .bind(i64::from(view.size))
            .bind(view.offset())
            .fetch_all(self.read(caller))
            .await?;
        let first = rows.first().ok_or_else(Error::no_row)?;
        authorize(first.denial)?;
        Ok(KeyPage {
            matching: first.matching,
            inactive: first.inactive,
            total: first.total,
            now: first.now,
            keys: rows
                .into_iter()
                .filter_map(ListRow::into_shown_key)
                .collect(),
        })
    }
}
