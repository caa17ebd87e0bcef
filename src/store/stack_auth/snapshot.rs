//! A connection to the source that reads everything from one snapshot.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, FromRow, PgConnection,
    postgres::{PgConnectOptions, PgRow},
};
use tracing::log::LevelFilter;
use uuid::Uuid;

use super::address::Address;
use crate::pool::{Within as _, close};

const CONNECT: Duration = Duration::from_secs(15);
/// Rows in a batch, and thus the maximum in memory.
const BATCH: usize = 500;

/// The source cannot be reached or has stopped responding.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SourceError(#[from] sqlx::Error);

/// A row of the source, and the cursor that lists its kind.
pub trait SourceRow: for<'r> FromRow<'r, PgRow> {
    /// Declares the cursor `list`. Its only parameter is the tenancy.
    const LIST: &'static str;
}

/// A snapshot of the source. It ends when this is dropped.
pub struct Snapshot {
    pub(super) connection: PgConnection,
    /// Of each statement.
    pub(super) deadline: Duration,
}

impl Snapshot {
    /// Connects and begins the snapshot. The connection is used for nothing else, so a transaction
    /// that is left open with it is harmless.
    pub async fn begin(address: Address, deadline: Duration) -> Result<Self, SourceError> {
        let options: PgConnectOptions = address
            .options
            .application_name("latchkey import")
            .log_slow_statements(LevelFilter::Debug, Duration::from_secs(1));
        let mut connection = PgConnection::connect_with(&options).within(CONNECT).await?;
        // With row security, rows that this role may not see would be missing silently; off, it is
        // an error. The default timeouts may be too short while the import waits for the other
        // database.
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
            SET LOCAL statement_timeout = {};
            SET LOCAL idle_in_transaction_session_timeout = 0;
            SET LOCAL lock_timeout = '10s';
            SET LOCAL row_security = off;
            SET LOCAL cursor_tuple_fraction = 1;
            SET LOCAL TimeZone = 'UTC'",
            deadline.as_millis()
        );
        sqlx::raw_sql(AssertSqlSafe(begin))
            .execute(&mut connection)
            .within(CONNECT)
            .await?;
        if let Some(schema) = address.schema {
            sqlx::query("SELECT set_config('search_path', quote_ident($1), true)")
                .bind(schema)
                .execute(&mut connection)
                .within(CONNECT)
                .await?;
        }
        Ok(Self {
            connection,
            deadline,
        })
    }

    /// Opens the list of one kind of rows.
    pub async fn open<T: SourceRow>(&mut self, tenancy: Uuid) -> Result<(), SourceError> {
        sqlx::query(T::LIST)
            .bind(tenancy)
            .persistent(false)
            .execute(&mut self.connection)
            .within(self.deadline)
            .await?;
        Ok(())
    }

    /// Returns the next rows of the list; empty at its end.
    pub async fn next<T: SourceRow>(&mut self) -> Result<Vec<T>, SourceError> {
        // Not cached as a prepared statement: the next list has other columns.
        let rows = sqlx::query(AssertSqlSafe(format!("FETCH FORWARD {BATCH} FROM list")))
            .persistent(false)
            .fetch_all(&mut self.connection)
            .within(self.deadline)
            .await?;
        Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
    }

    /// Closes the list.
    pub async fn shut(&mut self) -> Result<(), SourceError> {
        sqlx::query("CLOSE list")
            .persistent(false)
            .execute(&mut self.connection)
            .within(self.deadline)
            .await?;
        Ok(())
    }

    /// Closes the connection.
    pub async fn end(self) {
        close(self.connection).await;
    }
}
