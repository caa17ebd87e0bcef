//! Runs statements on a lane: with a deadline, and once more where that is safe.

use std::{sync::Arc, time::Duration};

use futures::{
    StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use latchkey_model::caller::Caller;
use sqlx::{
    Database, Describe, Either, Error, Execute, Executor, Postgres, SqlStr,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    callers::CallerKey,
    connect::out_of_time,
    lane::{Held, Lane},
    statement::{Answer, Statement, is_of_connection, keeps_connection, was_not_carried_out},
    to_the_end::ToTheEnd,
};

/// How a statement runs on a lane.
#[derive(Debug, Clone)]
pub(crate) struct Run<'a> {
    lane: &'a Lane,
    only_reads: bool,
    within: Duration,
    caller: Option<CallerKey>,
}

impl Lane {
    /// For a statement that only reads, which is sent again if a connection from before breaks.
    pub(crate) fn read(&self) -> Run<'_> {
        Run {
            only_reads: true,
            ..self.write()
        }
    }

    /// For any statement. It is sent again only where the server has not carried it out.
    pub(crate) fn write(&self) -> Run<'_> {
        Run {
            lane: self,
            only_reads: false,
            within: self.0.settings.deadline,
            caller: None,
        }
    }
}

impl Lane {
    /// Does work on a connection of its own within this lane's deadline.
    pub(crate) async fn patient<T>(
        &self,
        work: impl Future<Output = Result<T, crate::Error>>,
    ) -> Result<T, crate::Error> {
        timeout(self.0.settings.deadline, work)
            .await
            .unwrap_or_else(|_| Err(out_of_time().into()))
    }
}

impl Run<'_> {
    /// On behalf of this caller, who has only so many statements running at once.
    pub(crate) fn on_behalf_of(self, caller: &Caller) -> Self {
        Self {
            caller: CallerKey::of(caller),
            ..self
        }
    }

    /// Within a shorter time.
    pub(crate) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    fn answer<'q>(
        self,
        query: impl Execute<'q, Postgres>,
    ) -> impl Future<Output = Result<Answer, Error>> + Send + 'static {
        let statement = Statement::of(query);
        let Self {
            lane,
            only_reads,
            within,
            caller,
        } = self;
        let lane = Arc::clone(&lane.0);
        async move {
            let statement = statement?;
            debug_assert!(
                !only_reads || statement.only_reads(),
                "it is run as one that reads"
            );
            let deadline = Instant::now() + within;
            let place = lane.place(caller, deadline).await?;
            let request = Arc::new(());
            let waiting = Arc::downgrade(&request);
            ToTheEnd::new(async move {
                let held = place.connection(deadline, !only_reads).await?;
                if waiting.strong_count() == 0 {
                    // Nothing was sent yet, and nobody waits for it any more.
                    held.give_back();
                    return Err(Error::PoolTimedOut);
                }
                run(held, statement, only_reads, deadline).await
            })
            .await
        }
    }
}

/// Runs the statement, and once more on a fresh connection if the one from before turns out to be
/// broken and nothing can happen twice.
async fn run(
    mut held: Held,
    statement: Statement,
    only_reads: bool,
    deadline: Instant,
) -> Result<Answer, Error> {
    let again = (!held.is_fresh).then(|| statement.clone());
    let error = match once(&mut held, statement, deadline).await {
        Ok(answer) => {
            held.give_back();
            return Ok(answer);
        }
        Err(error) if keeps_connection(&error) => {
            held.give_back();
            return Err(error);
        }
        Err(error) => error,
    };
    let place = held.abandon();
    let is_safe = was_not_carried_out(&error) || only_reads && is_of_connection(&error);
    let Some(statement) = again.filter(|_| is_safe && Instant::now() < deadline) else {
        return Err(error);
    };
    tracing::debug!(%error, "a connection was broken; the statement is sent again");
    let mut held = place.connect(deadline).await?;
    let answer = once(&mut held, statement, deadline).await;
    match &answer {
        Err(error) if !keeps_connection(error) => drop(held.abandon()),
        Ok(_) | Err(_) => held.give_back(),
    }
    answer
}

async fn once(held: &mut Held, statement: Statement, deadline: Instant) -> Result<Answer, Error> {
    timeout_at(deadline, statement.run(held.connection()))
        .await
        .map_err(|_| out_of_time())?
}

impl<'c> Executor<'c> for Run<'c> {
    type Database = Postgres;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<PgQueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = self.answer(query);
        Box::pin(async move { Ok(answer.await?.result) })
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = self.answer(query);
        let steps = async move {
            let Answer { rows, result } = answer.await?;
            let rows = rows.into_iter().map(Either::Right);
            let steps: Vec<_> = rows.chain([Either::Left(result)]).map(Ok).collect();
            Ok::<_, Error>(stream::iter(steps))
        };
        stream::once(steps).try_flatten().boxed()
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = self.answer(query);
        Box::pin(async move { Ok(answer.await?.rows) })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answer = self.answer(query);
        Box::pin(async move { Ok(answer.await?.rows.into_iter().next()) })
    }

    fn prepare_with<'e>(
        self,
        _: SqlStr,
        _: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        Box::pin(async { Err(unprepared()) })
    }

    fn describe<'e>(self, _: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        Box::pin(async { Err(unprepared()) })
    }
}

/// A prepared statement belongs to one connection, and the next statement may get another.
fn unprepared() -> Error {
    Error::Protocol("statements of a lane are prepared when they run".to_owned())
}

/// As [`Lane::write`].
impl<'c> Executor<'c> for &'c Lane {
    type Database = Postgres;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<PgQueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.write().execute(query)
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.write().fetch_many(query)
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.write().fetch_all(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.write().fetch_optional(query)
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [<Self::Database as Database>::TypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        self.write().prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        self.write().describe(sql)
    }
}
