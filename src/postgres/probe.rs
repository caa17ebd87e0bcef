//! Checks whether Postgres accepts connections and has the program's database.

use std::{io::ErrorKind, time::Duration};

use sqlx::{Connection, Error as SqlxError, Executor, PgConnection};
use tokio::time::timeout;

use super::{Error, endpoint::Endpoint, settings};

const PATIENCE: Duration = Duration::from_secs(5);

/// The result of an attempt to connect.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Probe {
    Ready,
    /// Not yet, or no longer: starting, recovering, stopping, or not running.
    NotReady,
}

/// Tries to connect, and creates the database if it is missing.
pub(super) async fn probe(endpoint: &Endpoint) -> Result<Probe, Error> {
    let options = settings::connect_options(endpoint);
    let result = match timeout(PATIENCE, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => connection.close().await,
        Ok(Err(error)) if code(&error).as_deref() == Some("3D000") => {
            create_database(endpoint).await
        }
        Ok(Err(error)) => Err(error),
        Err(_) => return Ok(Probe::NotReady),
    };
    match result {
        Ok(()) => Ok(Probe::Ready),
        Err(SqlxError::Io(error)) if error.kind() != ErrorKind::PermissionDenied => {
            Ok(Probe::NotReady)
        }
        Err(error) => match code(&error).as_deref() {
            // cannot_connect_now, admin_shutdown, crash_shutdown
            Some("57P03" | "57P01" | "57P02") => Ok(Probe::NotReady),
            // too_many_connections: others are connected
            Some("53300") => Ok(Probe::Ready),
            _ => Err(error.into()),
        },
    }
}

async fn create_database(endpoint: &Endpoint) -> Result<(), SqlxError> {
    let options = settings::connect_options(endpoint).database("postgres");
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute("CREATE DATABASE latchkey").await?;
    connection.close().await
}

fn code(error: &SqlxError) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
