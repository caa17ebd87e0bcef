use sqlx::{Connection as _, PgConnection, migrate::Migrator, postgres::PgConnectOptions};

use crate::error::Error;

pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Migrates the schema. Several instances may do so concurrently: the migrator holds an advisory
/// lock.
///
/// # Errors
/// When the database is unavailable, or has a migration that is unknown to this program.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let result = MIGRATOR
        .run(&mut connection)
        .await
        .map_err(|error| Error::Internal(Box::new(error)));
    connection.close().await.ok();
    result
}
