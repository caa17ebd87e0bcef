//! `restore_mark` and `restore_decisions`: whether the database was restored from a backup.

use latchkey_model::expiry::Millis;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::time::Duration;

use crate::{
    error::Error,
    migrate::MIGRATOR,
    pool::{Connections, Store, Within as _, close},
};

/// For each step of an examination before a backup.
const EXAMINATION: Duration = Duration::from_secs(15);

/// The SQLSTATE with which the database refuses changes while it is locked.
pub(crate) const LOCKED: &str = "LK001";

/// What a decision is about.
pub struct RestoreSummary {
    pub is_locked: bool,
    /// Keys that are neither revoked nor expired.
    pub working_keys: i64,
    pub sessions: i64,
    pub users: i64,
    pub teams: i64,
    pub projects: i64,
    /// When something last happened, as far as the database knows.
    pub newest_at: Option<Millis>,
}

/// What a decision changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub keys_revoked: i64,
    pub sessions_ended: i64,
}

impl Store {
    pub async fn is_locked(&self) -> Result<bool, Error> {
        Ok(
            sqlx::query_scalar!(r#"SELECT denial IS NOT NULL AS "is_locked!" FROM restore_gate()"#)
                .fetch_one(self.pool.read())
                .await?,
        )
    }

    pub async fn restore_summary(&self) -> Result<RestoreSummary, Error> {
        let mut connection = self.patient_connection().await?;
        let summary = sqlx::query_as!(
            RestoreSummary,
            r#"SELECT g.denial IS NOT NULL AS "is_locked!",
                (
                    SELECT count(*) FROM api_keys
                    WHERE revoked_at_millis IS NULL AND is_expired(expires_at_millis) IS NOT TRUE
                ) AS "working_keys!",
                (SELECT count(*) FROM sessions WHERE NOT is_expired(expires_at_millis)) AS "sessions!",
                (SELECT count(*) FROM users) AS "users!",
                (SELECT count(*) FROM teams) AS "teams!",
                (SELECT count(*) FROM projects) AS "projects!",
                GREATEST(
                    (SELECT max(at_millis) FROM audit_events),
                    (SELECT max(last_used_at_millis) FROM api_key_uses),
                    (SELECT max(last_used_at_millis) FROM sessions)
                ) AS newest_at
            FROM restore_gate() g"#,
        )
        .fetch_one(&mut connection)
        .within(self.scan_deadline())
        .await?;
        close(connection).await;
        Ok(summary)
    }

    /// Decides about a restored database, which unlocks it. `None` where it is not locked.
    pub async fn decide_restored(
        &self,
        decision: &str,
        decided_by: &str,
    ) -> Result<Option<Decided>, Error> {
        let mut connection = self.patient_connection().await?;
        let decided = sqlx::query_as!(
            Decided,
            r#"SELECT keys_revoked AS "keys_revoked!", sessions_ended AS "sessions_ended!"
            FROM decide_restored($1, $2)"#,
            decision,
            decided_by,
        )
        .fetch_optional(&mut connection)
        .within(self.scan_deadline())
        .await?;
        sqlx::raw_sql("COMMIT")
            .execute(&mut connection)
            .within(self.scan_deadline())
            .await?;
        close(connection).await;
        Ok(decided)
    }

    /// A connection of its own in a transaction whose statements may take their time; those in the
    /// pool have short timeouts. Closing the connection without a commit changes nothing.
    async fn patient_connection(&self) -> Result<PgConnection, Error> {
        let connect = async {
            let mut connection = PgConnection::connect_with(self.pool.connect_options()).await?;
            let begin = format!(
                "BEGIN; SET LOCAL statement_timeout = {}",
                self.scan_deadline().as_millis()
            );
            sqlx::raw_sql(AssertSqlSafe(begin))
                .execute(&mut connection)
                .await?;
            Ok(connection)
        };
        self.pool.patient(connect).await
    }
}

/// A database that is to be backed up, or replaced by a backup.
#[derive(Debug, Clone)]
pub struct BackupTarget {
    /// The server's major version.
    pub major: u32,
    /// Whether the database has a schema that backups are made of.
    pub has_schema: bool,
    /// Whether there are tables, views or functions that are not Latchkey's.
    pub has_others: bool,
    /// Whether there is a project.
    pub has_projects: bool,
    /// Connections of running servers.
    pub servers: i64,
}

/// Examines a database before it is backed up or replaced.
///
/// # Errors
/// When it cannot be reached.
pub async fn backup_target(connections: &Connections) -> Result<BackupTarget, Error> {
    let options = connections
        .options()
        .clone()
        .application_name("latchkey backup");
    let mut connection = PgConnection::connect_with(&options)
        .within(EXAMINATION)
        .await?;
    let row = sqlx::query!(
        r#"SELECT current_setting('server_version_num')::int AS "version!",
            to_regclass('restore_mark') IS NOT NULL AND to_regclass('_sqlx_migrations') IS NOT NULL AS "has_schema!",
            to_regclass('projects') IS NOT NULL AS "has_projects!",
            EXISTS (
                SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            ) AS "has_relations!",
            (
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'latchkey'
            ) AS "servers!""#,
    )
    .fetch_one(&mut connection)
    .within(EXAMINATION)
    .await?;
    let has_projects = row.has_schema
        && row.has_projects
        && sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM projects) AS "exists!""#)
            .fetch_one(&mut connection)
            .within(EXAMINATION)
            .await?;
    close(connection).await;
    Ok(BackupTarget {
        major: u32::try_from(row.version / 10_000).unwrap_or_default(),
        has_schema: row.has_schema,
        has_others: row.has_relations && !row.has_schema,
        has_projects,
        servers: row.servers,
    })
}

/// What a restored row gives somebody the right to, as digests of whole rows without the columns that change when
/// they are only used.
const RIGHTS: &str = "
    SELECT sha256(convert_to('projects ' || to_jsonb(t)::text, 'UTF8')) AS row_digest FROM projects t
    UNION ALL SELECT sha256(convert_to('key sets ' || to_jsonb(t)::text, 'UTF8')) FROM project_key_sets t
    UNION ALL SELECT sha256(convert_to('users ' || (to_jsonb(t) - 'last_active_at_millis')::text, 'UTF8')) FROM users t
    UNION ALL SELECT sha256(convert_to('teams ' || to_jsonb(t)::text, 'UTF8')) FROM teams t
    UNION ALL SELECT sha256(convert_to('memberships ' || to_jsonb(t)::text, 'UTF8')) FROM memberships t
    UNION ALL SELECT sha256(convert_to('definitions ' || to_jsonb(t)::text, 'UTF8')) FROM permission_definitions t
    UNION ALL SELECT sha256(convert_to('containments ' || to_jsonb(t)::text, 'UTF8')) FROM permission_containments t
    UNION ALL SELECT sha256(convert_to('grants ' || to_jsonb(t)::text, 'UTF8')) FROM team_permission_grants t
    UNION ALL SELECT sha256(convert_to('sessions ' || (to_jsonb(t) - 'last_used_at_millis')::text, 'UTF8')) FROM sessions t
    UNION ALL SELECT sha256(convert_to('signing keys ' || to_jsonb(t)::text, 'UTF8')) FROM signing_keys t
    UNION ALL SELECT sha256(convert_to('keys ' || to_jsonb(t)::text, 'UTF8')) FROM api_keys t
";

/// The SQL around the script of a restore, for psql. All of it is one transaction.
pub struct RestoreScript {
    /// Begins the transaction, remembers what it replaces and drops it.
    pub before: String,
    /// Ends the transaction.
    pub after: String,
}

/// Returns the SQL around the script of a restore into a database that has a schema, or none. Where everything in the
/// backup is still so in the database that it replaces, no removal is undone, so the database is not locked.
pub fn restore_script(
    has_schema: bool,
    drop_signing_keys: bool,
    restored_by: &str,
) -> RestoreScript {
    let mut before = vec!["BEGIN;\nSET LOCAL lock_timeout = '10s';\n".to_owned()];
    let mut after = vec!["RESET search_path;\n".to_owned()];
    if drop_signing_keys {
        after.push("DELETE FROM signing_keys;\n".to_owned());
    }
    if has_schema {
        before.push(format!(
            "LOCK TABLE projects, project_key_sets, signing_keys, users, teams, memberships, permission_definitions,
                permission_containments, team_permission_grants, sessions, api_keys, restore_mark
                IN ACCESS EXCLUSIVE MODE;
            CREATE TEMPORARY TABLE latchkey_replaced ON COMMIT DROP AS {RIGHTS};
            CREATE TEMPORARY TABLE latchkey_replaced_lock ON COMMIT DROP AS
                SELECT denial IS NOT NULL AS is_locked FROM restore_gate();\n"
        ));
        before.extend(
            MIGRATOR
                .iter()
                .rev()
                .filter(|step| step.migration_type.is_down_migration())
                .map(|step| format!("{}\n", step.sql.as_str())),
        );
        before.push("DROP TABLE _sqlx_migrations;\n".to_owned());
        after.push(format!(
            "SELECT d.* FROM latchkey_replaced_lock l CROSS JOIN LATERAL decide_restored('nothing_lost', {by}) d
            WHERE NOT l.is_locked AND NOT EXISTS ({RIGHTS} EXCEPT SELECT row_digest FROM latchkey_replaced);\n",
            by = quoted(restored_by),
        ));
    }
    after.push("COMMIT;\n".to_owned());
    RestoreScript {
        before: before.concat(),
        after: after.concat(),
    }
}

/// An SQL literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_literal() {
        assert_eq!(quoted("o'Hara'; DROP"), "'o''Hara''; DROP'");
    }

    #[test]
    fn a_replacement_is_one_transaction_and_drops_in_reverse() {
        let script = restore_script(true, true, "ada");
        assert!(script.before.starts_with("BEGIN;") && script.after.ends_with("COMMIT;\n"));
        let gate = script.before.find("DROP FUNCTION restore_gate()");
        let table = script.before.find("DROP TABLE\n");
        assert!(gate.is_some() && gate < table);
    }
}
