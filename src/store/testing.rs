//! A database for each test or benchmark, on the server in `DATABASE_URL`.

use std::str::FromStr as _;
use std::time::Duration;

pub use sqlx::PgPool as Pool;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{ConnectOptions, Connections, PoolSettings, migrate};

/// Deadlines that no busy machine misses.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program's settings, for tests that are not about its deadlines.
pub fn patient() -> PoolSettings {
    let mut settings = PoolSettings {
        queue: PATIENCE,
        caller_queue: PATIENCE,
        ..PoolSettings::default()
    };
    settings.checks.deadline = PATIENCE;
    settings.requests.deadline = PATIENCE;
    settings.background.deadline = PATIENCE;
    settings
}

/// Connections of the program's own to the database of a test.
impl From<Pool> for Connections {
    fn from(pool: Pool) -> Self {
        Self::new((*pool.connect_options()).clone(), &patient())
    }
}

/// A new database with the schema.
pub struct FreshDatabase {
    name: String,
    server: ConnectOptions,
    pub pool: Pool,
}

impl FreshDatabase {
    /// Creates a database with this name.
    ///
    /// # Panics
    /// If there is no server to create it on.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests get their server from the environment"
    )]
    pub async fn create(name: String) -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL names a server; make test starts one");
        let server = ConnectOptions::from_str(&url).expect("DATABASE_URL is an address");
        on(&server, &format!("CREATE DATABASE {name}")).await;
        let options = server.clone().database(&name);
        migrate(&options).await.expect("the schema");
        Self {
            name,
            server,
            pool: Pool::connect_lazy_with(options),
        }
    }

    /// Runs SQL text from a test.
    ///
    /// # Panics
    /// If the statement fails.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await
            .expect("the statement");
    }

    /// Returns the number that a query selects.
    ///
    /// # Panics
    /// If the statement fails.
    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.pool)
            .await
            .expect("a number")
    }

    /// Drops the database.
    ///
    /// # Panics
    /// If the statement fails.
    pub async fn drop(self) {
        self.pool.close().await;
        on(
            &self.server,
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }
}

async fn on(server: &ConnectOptions, sql: &str) {
    let mut connection = PgConnection::connect_with(server)
        .await
        .expect("the server");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .expect("the statement");
    connection.close().await.ok();
}
