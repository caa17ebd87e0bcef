//! The SQL, one file for each table, seen by the domain alone.
//!
//! A change is one statement together with its audit row: nothing here opens a transaction, so a
//! request that is dropped half-way leaves no connection inside one.

mod api_keys;
mod attempts;
mod demo;
mod projects;
mod sessions;
mod teams;
mod users;

use std::time::Duration;

use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub(super) use sessions::NewSession;

use super::Error;

/// The schema's history, inside the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Connections to the database: enough to keep two cores busy, few enough for a small server.
const CONNECTIONS: u32 = 8;
/// How long a request waits for a connection before it is answered that there is none.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct Store {
    pool: PgPool,
}

impl Store {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}

/// Opens the pool, without waiting for the database to be there.
pub fn connect(options: PgConnectOptions) -> PgPool {
    let options = options.application_name("latchkey").options([
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
        // Statements are short: planning them for several processors costs more than it gains.
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        // A ping before every statement would double the round trips; a connection that has died
        // is noticed by its statement and replaced.
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// Brings the schema up to date. Several instances may do so at once: the migrator holds an
/// advisory lock.
///
/// # Errors
/// When the database is away, or has a schema that this program does not know.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let result = MIGRATOR
        .run(&mut connection)
        .await
        .map_err(|error| Error::Internal(Box::new(error)));
    connection.close().await.ok();
    result
}
