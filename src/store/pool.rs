//! The connection pool and the [`Store`].

use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
pub use sqlx::{PgPool as Pool, postgres::PgConnectOptions as ConnectOptions};

use crate::error::Error;

/// Enough to keep two cores busy, few enough for a small server.
const CONNECTIONS: u32 = 8;
/// Maximum wait for a connection.
const CONNECTION_DEADLINE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Store {
    pub(crate) pool: Pool,
}

impl Store {
    pub const fn new(pool: Pool) -> Self {
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

/// Opens the pool without connecting.
pub fn connect(options: ConnectOptions) -> Pool {
    let options = options.application_name("latchkey").options([
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
        // Statements are short, so planning parallel execution would cost more than it saves.
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
    ]);
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECTION_DEADLINE)
        // A ping before every statement would double the round trips. A broken connection fails its
        // statement and is replaced.
        .test_before_acquire(false)
        .connect_lazy_with(options)
}
