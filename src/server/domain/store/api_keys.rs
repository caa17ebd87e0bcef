//! `api_keys` and `api_key_uses`.

use latchkey_model::{
    expiry::{Expiry, Millis},
    id::{ApiKeyId, ProjectId, TeamId, UserId},
    key_list::{Direction, KeyListView, SortKey, StatusFilter},
    owner::{Owner, OwnerKind},
    status::{KeyStatus, SOON_MILLIS},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Store;
use crate::{
    auth::Caller,
    domain::{
        Error, Field, Invalid,
        api_keys::{ApiKey, CheckedKey, Creation, KeyPage, Keys, NewKeyRow, Refusal},
        secret::Digest,
    },
};

/// What `key_gate` in the database decided.
fn decided(decision: &str) -> Result<(), Error> {
    match decision {
        "allowed" => Ok(()),
        "signed_out" => Err(Error::SignedOut),
        "user_keys_off" => Err(Error::KeysOff(OwnerKind::User)),
        "team_keys_off" => Err(Error::KeysOff(OwnerKind::Team)),
        _ => Err(Error::NotFound),
    }
}

const EXPIRES_RANGE: &str = "api_keys_expires_range";
/// Postgres's code for `numeric_value_out_of_range`: an end beyond 64 bits.
const BEYOND_NUMBERS: &str = "22003";

/// The end that no date can hold, named where a new key can meet it.
fn no_instant(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database)
            if database.constraint() == Some(EXPIRES_RANGE)
                || database.code().as_deref() == Some(BEYOND_NUMBERS) =>
        {
            Error::invalid(Field::Expires, Invalid::Expiry)
        }
        _ => error.into(),
    }
}

#[derive(sqlx::FromRow)]
struct ListRow {
    decision: String,
    now: Millis,
    total: i64,
    matching: i64,
    inactive: i64,
    // The rest is null where the page is empty.
    api_key_id: Option<Uuid>,
    description: Option<String>,
    is_public: Option<bool>,
    last_four: Option<String>,
    created_at_millis: Option<Millis>,
    created_by: Option<String>,
    expires_at_millis: Option<Millis>,
    revoked_at_millis: Option<Millis>,
    last_used_at_millis: Option<Millis>,
}

impl ListRow {
    fn into_key(self) -> Option<ApiKey> {
        Some(ApiKey {
            id: ApiKeyId::new(self.api_key_id?),
            description: self.description?,
            is_public: self.is_public?,
            last_four: self.last_four?,
            created_at: self.created_at_millis?,
            created_by: self.created_by,
            expires_at: self.expires_at_millis,
            revoked_at: self.revoked_at_millis,
            last_used_at: self.last_used_at_millis,
        })
    }
}

/// Never null, also for a key without an end: a list is sorted by it, and null would come last.
const INACTIVE: &str =
    "(k.revoked_at_millis IS NOT NULL OR COALESCE(k.expires_at_millis <= g.now, false))";
const ACTIVE: &str = "(k.revoked_at_millis IS NULL AND (k.expires_at_millis IS NULL OR k.expires_at_millis > g.now))";

/// The list's statement for this view. Only constants get into its text; what was typed is bound.
///
/// The gate is materialised, so that session, permission and time are looked up once and not for
/// each key, and so that the plan does not depend on how many keys the owner has.
fn list_sql(keys: Keys, view: &KeyListView) -> String {
    let owner = match keys {
        Keys::Own => "k.owner_user_id = g.owner_user_id",
        Keys::OfTeam(_) => "k.owner_team_id = g.owner_team_id",
    };
    let found = if view.search.is_empty() {
        "true"
    } else {
        r"(k.description ILIKE $4 OR k.last_four ILIKE $4)"
    };
    let status = match view.status {
        StatusFilter::Any if view.inactive => "true".to_owned(),
        StatusFilter::Any | StatusFilter::Valid => ACTIVE.to_owned(),
        StatusFilter::ExpiresSoon => {
            format!("({ACTIVE} AND k.expires_at_millis < g.now + {SOON_MILLIS})")
        }
        StatusFilter::Expired => {
            "(k.revoked_at_millis IS NULL AND k.expires_at_millis <= g.now)".to_owned()
        }
        StatusFilter::Revoked => "(k.revoked_at_millis IS NOT NULL)".to_owned(),
    };
    let shows_both = view.status == StatusFilter::Any && view.inactive;
    let sorted = match view.sort {
        SortKey::Default if shows_both => INACTIVE,
        SortKey::Default => "",
        SortKey::Description => "lower(k.description)",
        SortKey::Key => "k.last_four",
        SortKey::Status => {
            "CASE WHEN k.revoked_at_millis IS NOT NULL THEN 2 WHEN k.expires_at_millis <= g.now THEN 1 ELSE 0 END"
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
            SELECT *, now_millis() AS now FROM key_gate($1, $2, $3)
        )
        SELECT g.decision, g.now, c.total, c.matching, c.inactive, r.*
        FROM gate g
        CROSS JOIN LATERAL (
            SELECT count(*) AS total,
                count(*) FILTER (WHERE {found} AND {status}) AS matching,
                count(*) FILTER (WHERE {found} AND {INACTIVE}) AS inactive
            FROM api_keys k
            WHERE k.project_id = $1 AND {owner} AND g.decision = 'allowed'
        ) c
        LEFT JOIN LATERAL (
            SELECT k.api_key_id, k.description, k.is_public, k.last_four, k.created_at_millis,
                k.expires_at_millis, k.revoked_at_millis, u.last_used_at_millis,
                COALESCE(b.display_name, b.primary_email) AS created_by,
                row_number() OVER (ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC) AS position
            FROM api_keys k
            LEFT JOIN api_key_uses u USING (project_id, api_key_id)
            LEFT JOIN users b ON b.project_id = k.project_id AND b.user_id = k.created_by_user_id
            WHERE k.project_id = $1 AND {owner} AND g.decision = 'allowed' AND {found} AND {status}
                AND $4::text IS NOT NULL
            ORDER BY {order}k.created_at_millis DESC, k.api_key_id DESC
            LIMIT $5 OFFSET $6
        ) r ON true
        ORDER BY r.position"
    )
}

/// A pattern that finds the text as it stands, wherever it stands.
fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Store {
    pub(in crate::domain) async fn list_keys(
        &self,
        caller: &Caller,
        keys: Keys,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let rows: Vec<ListRow> = sqlx::query_as(AssertSqlSafe(list_sql(keys, view)))
            .bind(caller.project.uuid())
            .bind(caller.token_digest.as_bytes())
            .bind(keys.team().map(TeamId::uuid))
            .bind(containing(&view.search))
            .bind(i64::from(view.size))
            .bind(view.offset())
            .fetch_all(&self.pool)
            .await?;
        let first = rows.first().ok_or(Error::NotFound)?;
        decided(&first.decision)?;
        Ok(KeyPage {
            matching: first.matching,
            inactive: first.inactive,
            total: first.total,
            now: first.now,
            keys: rows.into_iter().filter_map(ListRow::into_key).collect(),
        })
    }

    pub(in crate::domain) async fn create_key(
        &self,
        caller: &Caller,
        keys: Keys,
        new: &NewKeyRow<'_>,
    ) -> Result<Creation, Error> {
        let (after, at) = match new.expires {
            Expiry::Never => (None, None),
            Expiry::After(millis) => (Some(millis), None),
            Expiry::At(at) => (None, Some(at)),
        };
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT g.*, COALESCE(now_millis() + $8::bigint, $9::bigint) AS expires_at_millis
                FROM key_gate($1, $2, $3) g
            ), fresh AS (
                SELECT * FROM gate
                WHERE decision = 'allowed' AND (expires_at_millis IS NULL OR expires_at_millis > now_millis())
            ), made AS (
                INSERT INTO api_keys AS k (
                    project_id, api_key_id, owner_user_id, owner_team_id, created_by_user_id, creation_token,
                    description, digest, last_four, expires_at_millis
                )
                SELECT $1, $4, owner_user_id, owner_team_id, actor_user_id, $10, $5, $6, $7, expires_at_millis
                FROM fresh
                ON CONFLICT ON CONSTRAINT api_keys_creation_token_unique DO UPDATE SET
                    api_key_id = excluded.api_key_id, digest = excluded.digest, last_four = excluded.last_four,
                    description = excluded.description, expires_at_millis = excluded.expires_at_millis
                WHERE $11
                    AND k.owner_user_id IS NOT DISTINCT FROM excluded.owner_user_id
                    AND k.owner_team_id IS NOT DISTINCT FROM excluded.owner_team_id
                    AND k.revoked_at_millis IS NULL
                    AND NOT EXISTS (
                        SELECT FROM api_key_uses u
                        WHERE u.project_id = k.project_id AND u.api_key_id = k.api_key_id
                    )
                RETURNING project_id, api_key_id, created_by_user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, created_by_user_id, 'api_key.created', api_key_id FROM made
            )
            SELECT decision AS "decision!", EXISTS (SELECT FROM fresh) AS "fresh!", EXISTS (SELECT FROM made) AS "made!"
            FROM gate"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            keys.team().map(TeamId::uuid),
            new.id.uuid(),
            new.description,
            new.digest.as_bytes(),
            new.last_four,
            after,
            at,
            new.token.uuid(),
            new.retry,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(no_instant)?;
        decided(&row.decision)?;
        Ok(match (row.fresh, row.made) {
            (false, _) => Creation::InThePast,
            (true, false) => Creation::MadeBefore,
            (true, true) => Creation::Made,
        })
    }

    pub(in crate::domain) async fn rename_key(
        &self,
        caller: &Caller,
        keys: Keys,
        key: ApiKeyId,
        description: &str,
    ) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM key_gate($1, $2, $3)
            ), changed AS (
                UPDATE api_keys k SET description = $5
                FROM gate g
                WHERE g.decision = 'allowed' AND k.project_id = $1 AND k.api_key_id = $4
                    AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                    AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id
                RETURNING k.project_id, k.api_key_id, g.actor_user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, actor_user_id, 'api_key.renamed', api_key_id FROM changed
            )
            SELECT decision AS "decision!", EXISTS (SELECT FROM changed) AS "found!" FROM gate"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            keys.team().map(TeamId::uuid),
            key.uuid(),
            description,
        )
        .fetch_one(&self.pool)
        .await?;
        decided(&row.decision)?;
        if row.found {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// The first revocation stands: `COALESCE` keeps its time whatever comes later.
    pub(in crate::domain) async fn revoke_key(
        &self,
        caller: &Caller,
        keys: Keys,
        key: ApiKeyId,
    ) -> Result<(), Error> {
        let row = sqlx::query!(
            r#"WITH gate AS MATERIALIZED (
                SELECT * FROM key_gate($1, $2, $3)
            ), target AS (
                SELECT k.project_id, k.api_key_id, k.revoked_at_millis, g.actor_user_id
                FROM gate g
                JOIN api_keys k ON k.project_id = $1 AND k.api_key_id = $4
                    AND k.owner_user_id IS NOT DISTINCT FROM g.owner_user_id
                    AND k.owner_team_id IS NOT DISTINCT FROM g.owner_team_id
                WHERE g.decision = 'allowed'
                FOR UPDATE OF k
            ), changed AS (
                UPDATE api_keys k SET revoked_at_millis = COALESCE(k.revoked_at_millis, now_millis())
                FROM target t
                WHERE k.project_id = t.project_id AND k.api_key_id = t.api_key_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, actor_user_id, 'api_key.revoked', api_key_id FROM target
                WHERE revoked_at_millis IS NULL
            )
            SELECT decision AS "decision!", EXISTS (SELECT FROM target) AS "found!" FROM gate"#,
            caller.project.uuid(),
            caller.token_digest.as_bytes(),
            keys.team().map(TeamId::uuid),
            key.uuid(),
        )
        .fetch_one(&self.pool)
        .await?;
        decided(&row.decision)?;
        if row.found {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    pub(in crate::domain) async fn check_key(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Result<CheckedKey, Refusal>, Error> {
        let row = sqlx::query!(
            r#"SELECT k.api_key_id, k.owner_user_id, k.owner_team_id, k.expires_at_millis, k.revoked_at_millis,
                p.allow_user_api_keys, p.allow_team_api_keys, now_millis() AS "now!"
            FROM api_keys k JOIN projects p USING (project_id)
            WHERE k.project_id = $1 AND k.digest = $2"#,
            project.uuid(),
            digest.as_bytes(),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(Err(Refusal::Unknown));
        };
        let (owner, allowed) = match (row.owner_user_id, row.owner_team_id) {
            (Some(user), _) => (Owner::User(UserId::new(user)), row.allow_user_api_keys),
            (None, Some(team)) => (Owner::Team(TeamId::new(team)), row.allow_team_api_keys),
            (None, None) => return Ok(Err(Refusal::Unknown)),
        };
        Ok(
            match KeyStatus::at(row.now, row.expires_at_millis, row.revoked_at_millis) {
                _ if !allowed => Err(Refusal::KeysOff(owner.kind())),
                KeyStatus::Valid => Ok(CheckedKey {
                    id: ApiKeyId::new(row.api_key_id),
                    owner,
                }),
                KeyStatus::Revoked => Err(Refusal::Revoked),
                KeyStatus::Expired => Err(Refusal::Expired),
            },
        )
    }
}
