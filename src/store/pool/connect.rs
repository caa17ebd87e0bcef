//! Opens a connection, within a deadline.

use std::{io, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, Error, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// SQLSTATE codes of a server that will accept connections soon: it is starting, or has too many
/// connections, some of which may just have been closed.
const STARTING: [&str; 2] = ["57P03", "53300"];
/// How long a server may be restarting while requests wait for it.
const RESTART: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// For saying goodbye, which nobody has to hear.
const FAREWELL: Duration = Duration::from_millis(100);

/// What the server has to do for this program's sessions. A server behind a pooler that refuses
/// start-up parameters takes them all the same, since they are set by a statement.
///
/// The program's own deadline ends what it waits for; these end what the server would go on with. A
/// statement ends within a second after its connection was closed, which is how one that ran out of
/// time is abandoned. The keepalive is the server's: sqlx sets no socket options, so on this side
/// silent connections are found by the deadlines, and by testing those that were idle.
///
/// Statements are short, so planning parallel execution would cost more than it saves.
const SESSION: [(&str, &str); 6] = [
    ("idle_in_transaction_session_timeout", "10s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("max_parallel_workers_per_gather", "0"),
    ("jit", "off"),
];
/// Not every system can see that the other side has gone.
pub(crate) const WATCH_CLIENT: (&str, &str) = ("client_connection_check_interval", "1s");

/// The options of every connection of this program.
pub(crate) fn options(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("latchkey")
        // Since Postgres 12 its own default is as exact, and PgBouncer refuses the parameter.
        .extra_float_digits(None)
}

/// Connects. A server that is restarting is waited for, but not for long.
pub(super) async fn connect(
    options: &PgConnectOptions,
    deadline: Instant,
) -> Result<PgConnection, Error> {
    let restarted = deadline.min(Instant::now() + RESTART);
    let mut pause = FIRST_PAUSE;
    loop {
        match timeout_at(deadline, options.connect()).await {
            Ok(Err(error)) if is_starting(&error) && Instant::now() + pause < restarted => {
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            Ok(result) => return result,
            Err(_) => return Err(out_of_time()),
        }
    }
}

fn is_starting(error: &Error) -> bool {
    match error {
        // The unix socket of a server that is not there does not exist.
        Error::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound
        ),
        Error::Database(error) => STARTING.contains(&&*error.code().unwrap_or_default()),
        _ => false,
    }
}

/// Sets up a session of which each statement may take as long as this.
pub(super) async fn set_up(
    connection: &mut PgConnection,
    statement: Duration,
) -> Result<(), Error> {
    let millis = statement.as_millis().to_string();
    let mut session: Vec<(&str, &str)> = SESSION.to_vec();
    session.push(("statement_timeout", &millis));
    set(connection, &session).await?;
    match set(connection, &[WATCH_CLIENT]).await {
        Err(Error::Database(error)) => {
            tracing::debug!(%error, "the server does not notice when its clients go away");
            Ok(())
        }
        result => result,
    }
}

async fn set(connection: &mut PgConnection, settings: &[(&str, &str)]) -> Result<(), Error> {
    let calls: Vec<_> = settings
        .iter()
        .map(|(name, value)| format!("pg_catalog.set_config('{name}', '{value}', false)"))
        .collect();
    let sql = format!("SELECT {}", calls.join(", "));
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
        .await?;
    Ok(())
}

/// Closes in order, without waiting for somebody who may never answer.
pub(crate) async fn close(connection: PgConnection) {
    timeout(FAREWELL, connection.close()).await.ok();
}

/// For a statement on a connection of its own, which no lane ends.
pub(crate) trait Within<T>: Future<Output = Result<T, Error>> + Sized {
    /// Ends the wait after this time. Then the connection is of no further use.
    fn within(self, deadline: Duration) -> impl Future<Output = Result<T, Error>> {
        async move {
            timeout(deadline, self)
                .await
                .unwrap_or_else(|_| Err(out_of_time()))
        }
    }
}

impl<T, F: Future<Output = Result<T, Error>>> Within<T> for F {}

pub(crate) fn out_of_time() -> Error {
    Error::Io(io::Error::new(
        io::ErrorKind::TimedOut,
        "no answer within the deadline",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_statement_that_is_never_answered_ends_at_its_deadline() {
        let answer = std::future::pending::<Result<(), Error>>();
        let ended = answer.within(Duration::from_millis(10)).await;
        assert!(matches!(ended, Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut));
    }
}
