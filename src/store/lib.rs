//! The SQL, one file for each table, seen by the domain alone.
//!
//! A change is one statement together with its audit row: nothing here opens a transaction, so a
//! request that is dropped half-way leaves no connection inside one.

/// A [`api_keys::KeyRow`] out of an outer join: `None` where there is no key.
macro_rules! read_row {
    ($row:expr) => {{
        let row = $row;
        match (
            row.api_key_id,
            row.description,
            row.is_public,
            row.last_four,
            row.created_at_millis,
        ) {
            (
                Some(api_key_id),
                Some(description),
                Some(is_public),
                Some(last_four),
                Some(created),
            ) => Some(KeyRow {
                api_key_id,
                owner_user_id: row.owner_user_id,
                owner_team_id: row.owner_team_id,
                description,
                is_public,
                last_four,
                created_at_millis: created,
                expires_at_millis: row.expires_at_millis,
                revoked_at_millis: row.revoked_at_millis,
            }),
            _ => None,
        }
    }};
}

mod api_keys;
mod attempts;
mod caller;
mod demo;
mod doctor;
mod error;
pub mod import;
mod permissions;
mod projects;
mod sessions;
mod signing_keys;
pub mod stack_auth;
mod teams;
mod users;

use std::time::Duration;

use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use api_keys::{Creation, Listed, NewKeyRow, Once, Use};
pub use attempts::{Admission, WINDOW_MILLIS};
pub use caller::Denial;
pub use demo::{Demo, DemoKey, DemoUser};
pub use doctor::{Applied, Examination};
pub use error::{Error, Field, Invalid, Refused, Switch};
pub use projects::NewKeySet;
pub use sessions::NewSession;

/// The schema's history, inside the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Connections to the database: enough to keep two cores busy, few enough for a small server.
const CONNECTIONS: u32 = 8;
/// How long a request waits for a connection before it is answered that there is none.
const CONNECTION_DEADLINE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub async fn ping(&self) -> Result<(), Error> {
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
        .acquire_timeout(CONNECTION_DEADLINE)
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
