//! For tests and benchmarks: a domain on a database of its own, on the server that `DATABASE_URL` names.

use latchkey_store::testing::{self, Pool};

use crate::{Domain, clock::Clock, random, secret::MasterKey};

/// A fresh database with the schema in it.
pub struct FreshDatabase {
    database: testing::FreshDatabase,
    /// The domain on top of it.
    pub domain: Domain,
    /// For what only a test may do to the tables.
    pub pool: Pool,
}

impl FreshDatabase {
    /// Creates one.
    ///
    /// # Panics
    /// When there is no server to create it on: a test cannot go on without.
    pub async fn create() -> Self {
        let name = format!("fresh_{}", random::id(Clock::System).simple());
        let database = testing::FreshDatabase::create(name).await;
        let pool = database.pool.clone();
        Self {
            database,
            domain: Domain::new(pool.clone(), MasterKey::new("test"), Clock::System),
            pool,
        }
    }

    /// Runs SQL that a test has written out.
    ///
    /// # Panics
    /// When it fails.
    pub async fn execute(&self, sql: &str) {
        self.database.execute(sql).await;
    }

    /// The one number that a query returns.
    ///
    /// # Panics
    /// When it fails.
    pub async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    /// Drops it.
    pub async fn drop(self) {
        self.database.drop().await;
    }
}
