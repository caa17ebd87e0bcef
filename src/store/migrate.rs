//! Migrates the schema.

use std::{borrow::Cow, time::Duration};

use sqlx::{
    Connection as _, Error, PgConnection,
    migrate::{MigrateError, Migrator},
};
use tokio::time::{sleep, timeout};

pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Of the advisory lock that the migrating instance holds.
const LOCK: i64 = 0x006c_6174_6368_6b65;
/// Pause between two looks at the lock.
const AGAIN: Duration = Duration::from_millis(50);
/// For a migration, and for the wait for another instance's.
const MIGRATION: Duration = Duration::from_mins(10);

pub(crate) enum MigrationError {
    Sql(Error),
    /// The message.
    Migrator(String),
}

impl From<Error> for MigrationError {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

/// Migrates the schema in one transaction, which also holds the lock: a lock of the session would be
/// lost behind a pooler of transactions, or stay with a session that others get.
pub(crate) async fn run(connection: &mut PgConnection) -> Result<(), MigrationError> {
    timeout(MIGRATION, run_alone(connection))
        .await
        .unwrap_or_else(|_| Err(MigrationError::Migrator("it took too long".to_owned())))
}

async fn run_alone(connection: &mut PgConnection) -> Result<(), MigrationError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this connection is nobody else's and is closed afterwards"
    )]
    let mut transaction = loop {
        let mut transaction = connection.begin().await?;
        let lock = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_xact_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *transaction)
            .await?;
        if lock {
            break transaction;
        }
        transaction.rollback().await?;
        sleep(AGAIN).await;
    };
    let migrator = Migrator {
        migrations: Cow::Borrowed(&MIGRATOR.migrations),
        locking: false,
        ..Migrator::DEFAULT
    };
    match migrator.run_direct(None, &mut *transaction, false).await {
        Ok(()) => {}
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            return Err(MigrationError::Sql(error));
        }
        Err(error) => return Err(MigrationError::Migrator(error.to_string())),
    }
    transaction.commit().await?;
    Ok(())
}
