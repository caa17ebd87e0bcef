//! A statement apart from its connection, so that it can be sent again.

use futures::TryStreamExt as _;
use sqlx::Executor as _;
use sqlx::{
    Either, Error, Execute, PgConnection, Postgres, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgQueryResult, PgRow, PgStatement},
};

/// SQLSTATE codes of errors before anything was carried out: the server is shutting down, has
/// crashed, or is starting; a prepared statement is unknown, or known already, because a pooler has
/// changed the server's session underneath.
const NOT_CARRIED_OUT: [&str; 5] = ["57P01", "57P02", "57P03", "26000", "42P05"];
/// `feature_not_supported`, which also means that a prepared statement's plan became invalid because
/// a newer version of the program has migrated the schema.
const PLAN_INVALID: (&str, &str) = ("0A000", "cached plan");

#[derive(Clone)]
pub(super) struct Statement {
    sql: SqlStr,
    arguments: Option<PgArguments>,
    is_persistent: bool,
}

/// The whole answer.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<PgRow>,
    pub(super) result: PgQueryResult,
}

impl Statement {
    pub(super) fn of<'q>(mut query: impl Execute<'q, Postgres>) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?;
        Ok(Self {
            arguments,
            is_persistent: query.persistent(),
            sql: query.sql(),
        })
    }

    /// Whether no word of it writes. The words of its texts count too, so this may be wrong about a
    /// statement that only reads, never about one that writes.
    pub(super) fn only_reads(&self) -> bool {
        const WRITES: [&str; 12] = [
            "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COPY",
            "CALL", "DO", "LOCK",
        ];
        !self
            .sql
            .as_str()
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|word| WRITES.iter().any(|write| word.eq_ignore_ascii_case(write)))
    }

    pub(super) async fn run(self, connection: &mut PgConnection) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let mut steps = connection.fetch_many(self);
        while let Some(step) = steps.try_next().await? {
            match step {
                Either::Left(result) => answer.result.extend([result]),
                Either::Right(row) => answer.rows.push(row),
            }
        }
        Ok(answer)
    }
}

impl Execute<'static, Postgres> for Statement {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&PgStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        Ok(self.arguments.take())
    }

    fn persistent(&self) -> bool {
        self.is_persistent
    }
}

/// Whether the connection can be used again after this error: the server has answered in order.
pub(super) fn keeps_connection(error: &Error) -> bool {
    matches!(error, Error::Database(_)) && !was_not_carried_out(error)
}

/// Whether the server says that it did not carry out the statement, for a reason that a fresh
/// connection does not share.
pub(super) fn was_not_carried_out(error: &Error) -> bool {
    let Error::Database(error) = error else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    NOT_CARRIED_OUT.contains(&&*code)
        || (code == PLAN_INVALID.0 && error.message().starts_with(PLAN_INVALID.1))
}

/// Whether the connection is broken rather than the statement wrong.
pub(super) fn is_of_connection(error: &Error) -> bool {
    matches!(
        error,
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_writes_is_never_taken_for_one_that_reads() {
        let reads = |sql: &'static str| Statement::of(sql).expect("a statement").only_reads();
        assert!(reads("SELECT updated_at FROM inserts WHERE x = $1"));
        for writes in [
            "INSERT INTO a VALUES (1)",
            "WITH b AS (delete FROM a RETURNING *) SELECT * FROM b",
            "WITH b AS (\n\tUPDATE a SET b=1\n) SELECT 1",
            "SELECT * FROM a FOR UPDATE",
            "MERGE INTO a",
        ] {
            assert!(!reads(writes), "{writes}");
        }
    }
}
