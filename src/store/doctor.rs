//! Examines the whole database, on its own read-only connection.

use std::time::Duration;

use latchkey_model::expiry::{LATEST_MILLIS, Millis};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tracing::log::LevelFilter;
use uuid::Uuid;

use crate::{
    error::Error,
    migrate::MIGRATOR,
    pool::{Store, Within as _, close},
};

/// Matches an API key anywhere in a text, as `latchkey_model::key_text` parses it but without the checksum.
const KEY_PATTERN: &str =
    "[sp]k_[0-9a-hjkmnp-tv-z]{45}[0-9a-f]{32}(user|team)[0-3]574ck4u7h[0-9a-f]{8}";
/// A part of every key, which is faster to search for than the pattern.
const KEY_MARKER: &str = "574ck4u7h";

pub struct ServerState {
    pub version_number: i32,
    pub version: String,
    pub is_standby: bool,
    pub fsync: String,
    pub full_page_writes: String,
    pub synchronous_commit: String,
}

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub version: i64,
    pub checksum: Vec<u8>,
}

/// The migrations of this program, in order.
pub fn known_migrations() -> Vec<Known> {
    MIGRATOR
        .iter()
        .filter(|step| !step.migration_type.is_down_migration())
        .map(|step| Known {
            version: step.version,
            checksum: step.checksum.to_vec(),
        })
        .collect()
}

/// A migration that the database has applied.
#[derive(sqlx::FromRow)]
pub struct Applied {
    pub version: i64,
    pub checksum: Vec<u8>,
    pub success: bool,
}

/// A table with columns that could hold text.
struct Searchable {
    table: String,
    /// Each column as an SQL expression of type text.
    texts: Vec<String>,
    /// `table.column`.
    names: Vec<String>,
}

/// A read-only transaction, which ends when this is dropped.
pub struct Examination {
    connection: PgConnection,
    /// Of each statement.
    deadline: Duration,
}

impl Store {
    /// Opens its own connection, because statements in the pool have short timeouts. The connection
    /// is not reused, so the open transaction is harmless.
    pub async fn examine(&self) -> Result<Examination, Error> {
        let options = self
            .pool
            .connect_options()
            .clone()
            .application_name("latchkey doctor")
            .log_slow_statements(LevelFilter::Debug, Duration::from_secs(1));
        let deadline = self.scan_deadline();
        let connect = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            // The server ends its statements too.
            let begin = format!(
                "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = 0",
                deadline.as_millis()
            );
            sqlx::raw_sql(AssertSqlSafe(begin))
                .execute(&mut connection)
                .await?;
            Ok(Examination {
                connection,
                deadline,
            })
        };
        self.pool.patient(connect).await
    }
}

impl Examination {
    pub async fn end(self) {
        close(self.connection).await;
    }

    pub async fn server(&mut self) -> Result<ServerState, Error> {
        Ok(sqlx::query_as!(
            ServerState,
            r#"SELECT current_setting('server_version_num')::int AS "version_number!",
                current_setting('server_version') AS "version!", pg_is_in_recovery() AS "is_standby!",
                current_setting('fsync') AS "fsync!", current_setting('full_page_writes') AS "full_page_writes!",
                current_setting('synchronous_commit') AS "synchronous_commit!""#,
        )
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// The database's clock.
    pub async fn now(&mut self) -> Result<Millis, Error> {
        Ok(sqlx::query_scalar!(
            r#"SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "now!""#
        )
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// The applied migrations, in order; none where there is no schema.
    pub async fn applied(&mut self) -> Result<Vec<Applied>, Error> {
        let has_history = sqlx::query_scalar!(
            r#"SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS "has_history!""#
        )
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?;
        if !has_history {
            return Ok(Vec::new());
        }
        // The migrator's own table, which is not part of the checked schema.
        Ok(sqlx::query_as(
            "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version",
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// Returns every column that contains API keys in clear, with the number of rows. The database
    /// searches, so no value leaves it.
    pub async fn keys_in_clear(&mut self) -> Result<Vec<(String, i64)>, Error> {
        let mut found = Vec::new();
        for searchable in self.searchable().await? {
            let counts: Vec<_> = searchable
                .texts
                .iter()
                .map(|text| {
                    format!("count(*) FILTER (WHERE strpos({text}, $2) > 0 AND {text} ~ $1)")
                })
                .collect();
            // The database has already quoted the names.
            let statement = format!(
                "SELECT ARRAY[{}] FROM {}",
                counts.join(", "),
                searchable.table
            );
            let counts: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(statement))
                .bind(KEY_PATTERN)
                .bind(KEY_MARKER)
                .persistent(false)
                .fetch_one(&mut self.connection)
                .within(self.deadline)
                .await?;
            found.extend(
                searchable
                    .names
                    .into_iter()
                    .zip(counts)
                    .filter(|(_, count)| *count > 0),
            );
        }
        Ok(found)
    }

    /// Returns every table, with the columns that could contain text, except those that repeat what another contains.
    /// Bytes are searched unchanged.
    async fn searchable(&mut self) -> Result<Vec<Searchable>, Error> {
        Ok(sqlx::query_as!(
            Searchable,
            r#"SELECT c.oid::regclass::text AS "table!",
                array_agg(
                    CASE WHEN t.typname = 'bytea' THEN format('encode(%I, ''escape'')', a.attname)
                        ELSE format('%I::text', a.attname) END
                    ORDER BY a.attnum
                ) AS "texts!",
                array_agg(c.relname || '.' || a.attname ORDER BY a.attnum) AS "names!"
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'm')
                AND NOT c.relispartition AND t.typtype <> 'e' AND t.typcategory NOT IN ('B', 'D', 'I', 'N', 'T')
                AND t.typname <> 'uuid' AND a.attgenerated = ''
            GROUP BY c.oid, c.relname
            ORDER BY c.relname"#,
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// Returns the numbers of sessions and sign-in counters that expired more than `grace` ago and
    /// still exist.
    pub async fn left_over(&mut self, grace: Millis) -> Result<(i64, i64), Error> {
        let row = sqlx::query!(
            r#"SELECT
                (SELECT count(*) FROM sessions WHERE expires_at_millis <= now_millis() - $1::bigint) AS "sessions!",
                (SELECT count(*) FROM sign_in_attempts WHERE ends_at_millis <= now_millis() - $1) AS "attempts!""#,
            grace,
        )
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?;
        Ok((row.sessions, row.attempts))
    }

    pub async fn projects_without_keys(&mut self) -> Result<Vec<Uuid>, Error> {
        Ok(sqlx::query_scalar!(
            "SELECT project_id FROM projects p
            WHERE NOT EXISTS (SELECT FROM project_key_sets k WHERE k.project_id = p.project_id)
            ORDER BY created_at_millis, project_id",
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// Returns the number of keys that violate the table's constraints, and the first of them. None
    /// while the constraints are in force.
    pub async fn broken_keys(&mut self) -> Result<(i64, Vec<Uuid>), Error> {
        let row = sqlx::query!(
            r#"WITH broken AS (
                SELECT api_key_id FROM api_keys
                WHERE octet_length(digest) <> 32 OR num_nonnulls(owner_user_id, owner_team_id) <> 1
                    OR last_four !~ '^[0-9a-z]{4}$' OR char_length(description) > 1000
                    OR expires_at_millis NOT BETWEEN -$1::bigint AND $1
            )
            SELECT count(*) AS "count!", ARRAY(SELECT api_key_id FROM broken ORDER BY 1 LIMIT 10) AS "first!"
            FROM broken"#,
            LATEST_MILLIS,
        )
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?;
        Ok((row.count, row.first))
    }

    /// Returns those of these constraints that `api_keys` lacks.
    pub async fn missing_constraints(&mut self, expected: &[&str]) -> Result<Vec<String>, Error> {
        let expected: Vec<_> = expected.iter().map(|name| (*name).to_owned()).collect();
        Ok(sqlx::query_scalar!(
            r#"SELECT name AS "name!" FROM unnest($1::text[]) AS name
            WHERE NOT EXISTS (
                SELECT FROM pg_constraint WHERE conrelid = 'api_keys'::regclass AND conname = name
            )"#,
            &expected,
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// Returns the statements that validate constraints which are enforced only for new rows, and
    /// rebuild invalid indexes.
    pub async fn unfinished(&mut self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar!(
            r#"SELECT format('ALTER TABLE %s VALIDATE CONSTRAINT %I', conrelid::regclass, conname) AS "remedy!"
            FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
            UNION ALL
            SELECT format('REINDEX INDEX %s', i.indexrelid::regclass)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid
            ORDER BY 1"#,
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_is_part_of_the_pattern() {
        assert!(KEY_PATTERN.contains(KEY_MARKER));
    }
}
