//! What an operator's command has to know of a database before it uses it: how far its write-ahead log has come, and
//! what its secret has sealed. On a connection of its own, which does not count as a server's.

use std::{io, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{error::Error, pool::Store};

/// For all statements together.
const DEADLINE: Duration = Duration::from_secs(15);

/// A position in the write-ahead log of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalPosition {
    /// The cluster's system identifier.
    pub system: i64,
    pub position: i64,
}

/// What is in the database, and in the files of its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesState {
    /// The position up to which the log is on disk.
    pub wal: WalPosition,
    /// Whether the database can be locked.
    pub has_schema: bool,
}

impl Store {
    pub async fn files_state(&self) -> Result<FilesState, Error> {
        within(async {
            let mut connection = self.connect_alone().await?;
            let row = sqlx::query!(
                r#"SELECT (SELECT system_identifier FROM pg_control_system()) AS "system!",
                    (pg_current_wal_flush_lsn() - '0/0')::bigint AS "position!",
                    to_regclass('restore_decisions') IS NOT NULL
                        AND to_regprocedure('lock_restored(text)') IS NOT NULL AS "has_schema!""#
            )
            .fetch_one(&mut connection)
            .await?;
            connection.close().await?;
            Ok(FilesState {
                wal: WalPosition {
                    system: row.system,
                    position: row.position,
                },
                has_schema: row.has_schema,
            })
        })
        .await
    }

    /// Whether the database was locked in this name.
    pub async fn was_locked_by(&self, name: &str) -> Result<bool, Error> {
        within(async {
            let mut connection = self.connect_alone().await?;
            let was_locked = sqlx::query_scalar!(
                r#"SELECT EXISTS (
                    SELECT FROM restore_decisions WHERE decision = 'lock' AND decided_by = $1
                ) AS "exists!""#,
                name
            )
            .fetch_one(&mut connection)
            .await?;
            connection.close().await?;
            Ok(was_locked)
        })
        .await
    }

    /// Locks the database as if it had just been restored.
    pub async fn lock_restored(&self, locked_by: &str) -> Result<(), Error> {
        within(async {
            let mut connection = self.connect_alone().await?;
            sqlx::query!("SELECT lock_restored($1)", locked_by)
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
        .await
    }

    /// Returns the ids and the sealed forms of the signing keys, if there is a schema that has any.
    pub async fn sealed_signing_keys(&self) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
        within(async {
            let mut connection = self.connect_alone().await?;
            let has_table = sqlx::query_scalar!(
                r#"SELECT to_regclass('signing_keys') IS NOT NULL AS "has_table!""#
            )
            .fetch_one(&mut connection)
            .await?;
            let keys = if has_table {
                sqlx::query!("SELECT key_id, sealed FROM signing_keys")
                    .fetch_all(&mut connection)
                    .await?
            } else {
                Vec::new()
            };
            connection.close().await?;
            Ok(keys
                .into_iter()
                .map(|key| (key.key_id, key.sealed))
                .collect())
        })
        .await
    }

    pub async fn delete_signing_keys(&self, ids: &[Uuid]) -> Result<(), Error> {
        within(async {
            let mut connection = self.connect_alone().await?;
            sqlx::query!("DELETE FROM signing_keys WHERE key_id = ANY ($1)", ids)
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
        .await
    }

    async fn connect_alone(&self) -> Result<PgConnection, sqlx::Error> {
        let options = self.pool.connect_options().clone();
        PgConnection::connect_with(&options.application_name("latchkey command")).await
    }
}

async fn within<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
    match timeout(DEADLINE, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()).into()),
    }
}
