//! The clocks. The database's, which all instances share, decides what has expired; the program's
//! only dates identifiers and log lines.

use std::sync::{Arc, Mutex, PoisonError};

use latchkey_model::expiry::Millis;
use latchkey_store::Store;
use tokio::time::{Duration, Instant};

use crate::Error;

/// By how much the program's clock may differ before an operator is warned.
pub const TOLERANCE_MILLIS: Millis = 60_000;
/// How long a reading of the database's clock is extrapolated.
const READING_LASTS: Duration = Duration::from_mins(1);
/// By how much both clocks of this machine may differ after a reading. More means that one was
/// set, or that the machine was suspended.
const DRIFT_MILLIS: i64 = 1000;

#[derive(Debug, Clone, Copy)]
pub enum Clock {
    System,
    Fixed(Millis),
    /// The system's clock, this much ahead.
    Skewed(Millis),
}

impl Clock {
    /// Milliseconds since 1970, UTC.
    pub fn now_millis(self) -> Millis {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the clock"
            )]
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .ok()
                .and_then(|since| Millis::try_from(since.as_millis()).ok())
                .unwrap_or_default(),
            Self::Fixed(now) => now,
            Self::Skewed(by) => Self::System.now_millis() + by,
        }
    }
}

/// The database's clock, read once a minute and extrapolated in between. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct DatabaseClock(Arc<Mutex<Option<Reading>>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    database: Millis,
    program: Millis,
    at: Instant,
}

impl Reading {
    /// How long ago the clock was read, by a clock that nobody can set.
    fn age(self) -> Millis {
        Millis::try_from(self.at.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    fn now(self) -> Millis {
        self.database.saturating_add(self.age())
    }

    fn is_current(self, clock: Clock) -> bool {
        let by_program = clock.now_millis() - self.program;
        self.at.elapsed() < READING_LASTS && (by_program - self.age()).abs() < DRIFT_MILLIS
    }
}

impl DatabaseClock {
    /// Milliseconds since 1970, UTC, by the database's clock.
    pub(crate) async fn now_millis(&self, store: &Store, clock: Clock) -> Result<Millis, Error> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known {
            Some(reading) if reading.is_current(clock) => Ok(reading.now()),
            _ => self.read(store, clock).await.map(Reading::now),
        }
    }

    /// How far the program's clock is ahead of the database's, in milliseconds.
    pub(crate) async fn difference(&self, store: &Store, clock: Clock) -> Result<Millis, Error> {
        let reading = self.read(store, clock).await?;
        Ok(reading.program - reading.database)
    }

    /// Dated by when the answer arrived, so that no token begins in the future.
    async fn read(&self, store: &Store, clock: Clock) -> Result<Reading, Error> {
        let database = store.now_millis().await?;
        let reading = Reading {
            database,
            program: clock.now_millis(),
            at: Instant::now(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        Ok(reading)
    }
}
