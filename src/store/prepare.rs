//! Prepares a database for this program: finds out whether it can be used, and migrates its schema.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, Connection as _, Error, Executor as _, PgConnection, Row as _,
    postgres::{PgConnectOptions, PgRow},
};
use tokio::time::timeout;

use crate::{
    error::Error as StoreError,
    migrate::{self, MIGRATOR, MigrationError},
    pool::{Connections, WATCH_CLIENT},
    unusable::Unusable,
};

/// For each step, so that a database that is silent is told from one that is busy migrating.
const STEP: Duration = Duration::from_secs(15);

/// What has to be known of a database before it is touched. As plain SQL and by text, which works
/// behind every pooler and in every encoding.
const STATE: &str = "SELECT current_setting('server_encoding') AS encoding,
    current_setting('server_version_num')::int4 AS version_number,
    current_setting('server_version') AS version,
    pg_is_in_recovery() AS is_standby,
    current_database()::text AS database,
    current_schema()::text AS schema,
    to_regclass('_sqlx_migrations') IS NOT NULL AS has_history,
    (
        SELECT string_agg(name, ', ') FROM (
            SELECT c.relname::text AS name FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
                AND c.relkind IN ('r', 'p', 'f') AND c.relname <> '_sqlx_migrations'
                AND NOT EXISTS (
                    SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
                )
            ORDER BY 1 LIMIT 3
        ) tables
    ) AS tables";

/// The oldest supported major version.
const OLDEST_POSTGRES: i32 = 14;

/// Checks the database and migrates its schema. Several instances may do so at once.
///
/// # Errors
/// Why the database cannot be used, and what to do.
pub async fn prepare(connections: &Connections) -> Result<(), Unusable> {
    let options = connections.options();
    let mut connection = connect(options).await?;
    let result = prepare_with(&mut connection, connections).await;
    timeout(STEP, connection.close()).await.ok();
    result
}

/// As [`prepare`], for a database that is used by other connections.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), Unusable> {
    let settings = crate::PoolSettings::default();
    prepare(&Connections::new(options.clone(), &settings)).await
}

async fn prepare_with(
    connection: &mut PgConnection,
    connections: &Connections,
) -> Result<(), Unusable> {
    let options = connections.options();
    check(connection).await?;
    if shares_sessions(connection, options).await? {
        connections.have_no_sessions();
        step(watch_clients(connection)).await?;
    }
    match migrate::run(connection).await {
        Ok(()) => Ok(()),
        Err(MigrationError::Sql(error)) => Err(refused(options, &error)),
        Err(MigrationError::Migrator(error)) => Err(Unusable::Migration(error)),
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Unusable> {
    match timeout(STEP, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(refused(options, &error)),
        Err(_) => Err(Unusable::Silent(place(options))),
    }
}

async fn step<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Unusable> {
    match timeout(STEP, work).await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(Unusable::Failed(StoreError::from(error).to_string())),
        Err(_) => Err(Unusable::Busy),
    }
}

/// Host and port, or the socket.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// What a refused connection, or a refused statement, says about the settings.
fn refused(options: &PgConnectOptions, error: &Error) -> Unusable {
    let database = options
        .get_database()
        .unwrap_or_else(|| options.get_username())
        .to_owned();
    match error {
        Error::Database(error) => {
            let message = error.message();
            match &*error.code().unwrap_or_default() {
                "3D000" => Unusable::NoDatabase(database),
                "28P01" | "28000" => Unusable::WrongRole {
                    role: options.get_username().to_owned(),
                    said: message.to_owned(),
                },
                "42501" => Unusable::NotAllowed {
                    role: options.get_username().to_owned(),
                    said: message.to_owned(),
                },
                "53300" => Unusable::Full,
                _ if message.contains("unsupported startup parameter") => {
                    Unusable::StartupParameter(message.to_owned())
                }
                // PgBouncer has one code for all that it refuses.
                _ if message.starts_with("no such database") => Unusable::NoDatabase(database),
                _ => Unusable::Refused(message.to_owned()),
            }
        }
        Error::Tls(cause) => Unusable::Tls(cause.to_string()),
        Error::Io(cause) => Unusable::Unreachable {
            place: place(options),
            cause: cause.to_string(),
        },
        error => Unusable::Failed(error.to_string()),
    }
}

async fn check(connection: &mut PgConnection) -> Result<(), Unusable> {
    let state = step(connection.fetch_one(sqlx::raw_sql(STATE))).await?;
    let database: String = read(&state, "database")?;
    let encoding: String = read(&state, "encoding")?;
    if encoding != "UTF8" {
        return Err(Unusable::Encoding { database, encoding });
    }
    let number: i32 = read(&state, "version_number")?;
    if number < OLDEST_POSTGRES * 10_000 {
        let version = read(&state, "version")?;
        return Err(Unusable::TooOld(version));
    }
    if read(&state, "is_standby")? {
        return Err(Unusable::Standby);
    }
    if read::<Option<String>>(&state, "schema")?.is_none() {
        return Err(Unusable::NoSchema(database));
    }
    let tables: Option<String> = read(&state, "tables")?;
    let is_new =
        !read::<bool>(&state, "has_history")? || !check_history(connection, &database).await?;
    match tables {
        Some(tables) if is_new => Err(Unusable::OtherTables { database, tables }),
        _ => Ok(()),
    }
}

fn read<'r, T>(row: &'r PgRow, column: &str) -> Result<T, Unusable>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(column)
        .map_err(|error| Unusable::Failed(error.to_string()))
}

/// Compares what was applied with what this program knows. Returns whether anything was.
async fn check_history(connection: &mut PgConnection, database: &str) -> Result<bool, Unusable> {
    let history = "SELECT version::int8 AS version, success::bool AS success,
        checksum FROM _sqlx_migrations ORDER BY 1";
    let foreign = || Unusable::OtherMigrations(database.to_owned());
    let rows = match timeout(STEP, connection.fetch_all(sqlx::raw_sql(history))).await {
        Ok(Ok(rows)) => rows,
        // It has other columns.
        Ok(Err(Error::Database(_))) => return Err(foreign()),
        Ok(Err(error)) => return Err(Unusable::Failed(error.to_string())),
        Err(_) => return Err(Unusable::Busy),
    };
    let mut newer = None;
    let mut is_known = rows.is_empty();
    for row in &rows {
        let version: i64 = read(row, "version")?;
        let known = MIGRATOR
            .iter()
            .find(|step| step.version == version && !step.migration_type.is_down_migration());
        let Some(known) = known else {
            newer = newer.or(Some(version));
            continue;
        };
        is_known = true;
        if !read::<bool>(row, "success")? {
            return Err(Unusable::HalfMigrated(version));
        }
        if read::<Vec<u8>>(row, "checksum")? != *known.checksum {
            return Err(Unusable::OtherBuild(version));
        }
    }
    match newer {
        _ if !is_known => Err(foreign()),
        Some(version) => Err(Unusable::Newer(version)),
        None => Ok(!rows.is_empty()),
    }
}

/// Whether two connections have the same session of the server, as behind a pooler of transactions.
///
/// # Errors
/// [`Unusable::TransactionPooling`] if that pooler does not keep their prepared statements apart.
async fn shares_sessions(
    first: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<bool, Unusable> {
    let mut second = connect(options).await?;
    let shares = async {
        prepared(first).await?;
        let is_shared = backend(first).await? == {
            // The transaction keeps the session, so that no statement can go elsewhere.
            second.execute(sqlx::raw_sql("BEGIN")).await?;
            backend(&mut second).await?
        };
        let is_kept_apart = !is_shared || prepared(&mut second).await.is_ok();
        second.execute(sqlx::raw_sql("ROLLBACK")).await.ok();
        Ok((is_shared, is_kept_apart))
    };
    let shares = timeout(STEP, shares).await;
    timeout(STEP, second.close()).await.ok();
    match shares {
        Ok(Ok((is_shared, true))) => Ok(is_shared),
        Ok(Ok((_, false)) | Err(Error::Database(_))) => Err(Unusable::TransactionPooling),
        Ok(Err(error)) => Err(Unusable::Failed(error.to_string())),
        Err(_) => Err(Unusable::OneConnection),
    }
}

/// Runs a statement under a name of this connection's own; every connection uses the same names.
async fn prepared(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("SELECT $1::int4")
        .bind(1)
        .execute(connection)
        .await?;
    Ok(())
}

async fn backend(connection: &mut PgConnection) -> Result<i32, Error> {
    connection
        .fetch_one(sqlx::raw_sql("SELECT pg_backend_pid() AS backend"))
        .await?
        .try_get("backend")
}

/// Makes every session of this role here notice when its client goes away. A setting of the session
/// itself would not be in force behind a pooler of transactions.
async fn watch_clients(connection: &mut PgConnection) -> Result<(), Error> {
    let (name, value) = WATCH_CLIENT;
    let sql = format!(
        "DO $$ BEGIN
            IF current_setting('{name}') IN ('0', '0ms') THEN
                EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET {name} = %L', current_database(), '{value}');
            END IF;
        END $$"
    );
    let set = connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
        .await;
    match set {
        Err(Error::Database(error)) => {
            tracing::warn!(%error, "cannot set {name} for the role; set it yourself");
            Ok(())
        }
        result => result.map(|_| ()),
    }
}
