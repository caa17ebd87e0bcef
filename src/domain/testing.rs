//! For tests and benchmarks: a database of one's own on the server that `DATABASE_URL` names.

use std::str::FromStr as _;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};

use crate::{Domain, clock::Clock, random, secret::MasterKey};

/// A fresh database with the schema in it.
pub struct FreshDatabase {
    name: String,
    server: PgConnectOptions,
    /// The domain on top of it.
    pub domain: Domain,
    /// For what only a test may do to the tables.
    pub pool: PgPool,
}

impl FreshDatabase {
    /// Makes one.
    ///
    /// # Panics
    /// When there is no server to make it on: a test cannot go on without.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests get their server from the environment"
    )]
    pub async fn create() -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL names a server; make test starts one");
        let server = PgConnectOptions::from_str(&url).expect("DATABASE_URL is an address");
        let name = format!("fresh_{}", random::id(Clock::System).simple());
        on(&server, &format!("CREATE DATABASE {name}")).await;
        let options = server.clone().database(&name);
        latchkey_store::migrate(&options).await.expect("the schema");
        let pool = latchkey_store::connect(options);
        let domain = Domain::new(pool.clone(), MasterKey::new("test"), Clock::System);
        Self {
            name,
            server,
            domain,
            pool,
        }
    }

    /// Runs SQL that a test has written out.
    ///
    /// # Panics
    /// When it fails.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await
            .expect("the statement");
    }

    /// The one number that a query returns.
    ///
    /// # Panics
    /// When it fails.
    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.pool)
            .await
            .expect("a number")
    }

    /// Drops it.
    pub async fn drop(self) {
        self.pool.close().await;
        on(
            &self.server,
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }
}

async fn on(server: &PgConnectOptions, sql: &str) {
    let mut connection = PgConnection::connect_with(server)
        .await
        .expect("the server");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .expect("the statement");
    connection.close().await.ok();
}
