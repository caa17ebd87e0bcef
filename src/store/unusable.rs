//! Why a database cannot be used, and what to do.

/// Each is a sentence for the operator. None repeats `DATABASE_URL`, which may contain a password.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("cannot reach the database at {place}: {cause}; start it, or correct DATABASE_URL")]
    Unreachable { place: String, cause: String },
    #[error(
        "the database at {0} does not answer; check the network and the server, or correct DATABASE_URL"
    )]
    Silent(String),
    #[error(
        "the database answers too slowly, or another program has locked its tables; look at pg_stat_activity, then start again"
    )]
    Busy,
    #[error(
        "there is no database “{0}” on the server; create it with “createdb --encoding UTF8 --template template0 {0}”, or correct DATABASE_URL"
    )]
    NoDatabase(String),
    #[error(
        "the database does not let the role “{role}” in: {said}; create the role, or correct the user and the password in DATABASE_URL"
    )]
    WrongRole { role: String, said: String },
    #[error(
        "the role “{role}” of DATABASE_URL may not do what is needed: {said}; make it the owner of the database, or run “GRANT CREATE, USAGE ON SCHEMA public TO {role}”"
    )]
    NotAllowed { role: String, said: String },
    #[error(
        "the database has no connection left; raise max_connections of the server, or lower LATCHKEY_CHECK_CONNECTIONS and LATCHKEY_REQUEST_CONNECTIONS"
    )]
    Full,
    #[error(
        "the pooler in front of the database refuses a parameter of DATABASE_URL: {0}; remove it there, or add it to ignore_startup_parameters of PgBouncer"
    )]
    StartupParameter(String),
    #[error("the database refuses the connection: {0}; check DATABASE_URL")]
    Refused(String),
    #[error(
        "no encrypted connection to the database: {0}; check sslmode and sslrootcert in DATABASE_URL"
    )]
    Tls(String),
    #[error(
        "the database “{database}” stores texts in {encoding}, and Latchkey needs UTF8; create one with “createdb --encoding UTF8 --template template0 NAME” and name it in DATABASE_URL"
    )]
    Encoding { database: String, encoding: String },
    #[error(
        "the database is Postgres {0}, and Latchkey needs 14 or newer; upgrade it, or name another in DATABASE_URL"
    )]
    TooOld(String),
    #[error("the database is a read-only standby; name the primary in DATABASE_URL")]
    Standby,
    #[error(
        "the database “{0}” has no schema for tables on the search path of the role; create the schema, or correct search_path"
    )]
    NoSchema(String),
    #[error(
        "the database “{database}” holds tables of another program ({tables}); name a database of its own for Latchkey in DATABASE_URL"
    )]
    OtherTables { database: String, tables: String },
    #[error(
        "the database “{0}” was migrated by another program: its table _sqlx_migrations is not Latchkey's; name a database of its own for Latchkey in DATABASE_URL"
    )]
    OtherMigrations(String),
    #[error(
        "the schema of the database is newer than this program (migration {0}); start the newer version of Latchkey"
    )]
    Newer(i64),
    #[error(
        "the schema of the database was made by another build of Latchkey (migration {0} differs); start that build, or name a new database in DATABASE_URL"
    )]
    OtherBuild(i64),
    #[error(
        "migration {0} of the database is incomplete; restore a backup, or name a new database in DATABASE_URL"
    )]
    HalfMigrated(i64),
    #[error(
        "DATABASE_URL leads to a pooler of transactions that does not support prepared statements; use PgBouncer 1.21 or newer with max_prepared_statements, or pool_mode = session, or connect to Postgres itself"
    )]
    TransactionPooling,
    #[error(
        "the pooler in front of the database gives this program only one connection; raise default_pool_size of PgBouncer to the sum of Latchkey's connections"
    )]
    OneConnection,
    #[error(
        "the schema of the database cannot be migrated: {0}; look into the log of the database, then start again"
    )]
    Migration(String),
    #[error("the database cannot be used: {0}; check DATABASE_URL and the log of the database")]
    Failed(String),
}
