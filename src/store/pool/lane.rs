//! A lane: a bounded number of connections for one purpose.
//!
//! Not `sqlx::Pool`, which waits without a deadline for the peer of a connection that comes back,
//! so that one silent network path takes its places away until the program is started again.

use std::{
    fmt, io,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, Error, PgConnection, postgres::PgConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError},
    time::{Instant, sleep, timeout_at},
};

use super::{
    callers::{Bounds, CallerKey, Turn},
    connect::{self, connect},
    settings::{LaneSettings, PoolSettings},
};

/// An idle server answers at once.
const TEST: Duration = Duration::from_millis(250);
/// The wait for a connection while some are being opened, or come back.
const MOVING: Duration = Duration::from_secs(1);
/// The wait of a project's servers for one another, while statements are answered: it takes nothing from others.
const MOVING_IN_SHARE: Duration = Duration::from_secs(3);
/// The time in which running statements may end when the lane closes.
const CLOSE: Duration = Duration::from_secs(1);

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lane(pub(super) Arc<Shared>);

pub(super) struct Shared {
    options: PgConnectOptions,
    /// Whether sessions belong to their connection. Behind a pooler of transactions they do not, and
    /// what is set up in one would befall others.
    has_sessions: Arc<AtomicBool>,
    pub(super) settings: LaneSettings,
    pool: PoolSettings,
    bounds: Bounds,
    places: Arc<Semaphore>,
    /// The last one that came back is the first to be used.
    idle: Mutex<Vec<Open>>,
    /// The number of statements that were answered.
    answered: AtomicU64,
    /// Grows with each failure. A connection that has not answered since is tested before it is used.
    failures: AtomicU64,
    /// The number of connections that are being opened.
    opening: AtomicUsize,
}

/// Counts while a connection is being opened.
struct Opening<'a>(&'a AtomicUsize);

impl<'a> Opening<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Open {
    connection: PgConnection,
    opened: Instant,
    used: Instant,
    answered: Instant,
    /// The number of failures when it last answered.
    failures: u64,
}

/// A connection in use. It closes when this is dropped.
pub(super) struct Held {
    open: Open,
    /// Whether it was opened for this statement.
    pub(super) is_fresh: bool,
    place: Place,
}

/// The right to one connection of the lane.
pub(super) struct Place {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
    /// The caller's. They end after the permit: whoever gets one finds a place of the lane too.
    _turns: Vec<Turn>,
}

impl fmt::Debug for Lane {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Lane")
            .field(&self.0.settings)
            .finish()
    }
}

impl Lane {
    pub(super) fn new(
        options: PgConnectOptions,
        has_sessions: Arc<AtomicBool>,
        settings: LaneSettings,
        pool: &PoolSettings,
        bounds: Bounds,
    ) -> Self {
        let shared = Arc::new(Shared {
            options,
            has_sessions,
            settings,
            pool: *pool,
            bounds,
            places: Arc::new(Semaphore::new(settings.connections)),
            idle: Mutex::default(),
            answered: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            opening: AtomicUsize::new(0),
        });
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(tend(Arc::downgrade(&shared)));
        }
        Self(shared)
    }

    pub(crate) fn connect_options(&self) -> &PgConnectOptions {
        &self.0.options
    }

    /// Refuses further statements, waits for those that run, and closes the connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.0.settings.connections).unwrap_or(u32::MAX);
        let deadline = Instant::now() + CLOSE;
        timeout_at(deadline, self.0.places.acquire_many(all))
            .await
            .ok();
        self.0.places.close();
        let idle = std::mem::take(&mut *self.0.idle());
        for open in idle {
            connect::close(open.connection).await;
        }
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to a connection, on behalf of this caller.
    pub(super) async fn place(
        self: &Arc<Self>,
        caller: Option<CallerKey>,
        deadline: Instant,
    ) -> Result<Place, Error> {
        let mut turns = Vec::new();
        match caller {
            Some(key @ CallerKey::Servers(_)) => {
                if let Some(projects) = &self.bounds.projects {
                    let mut turn = projects.turn(key);
                    let moving = deadline.min(Instant::now() + MOVING_IN_SHARE);
                    turn.take(self.permit(turn.places(), deadline, moving).await?);
                    turns.push(turn);
                }
            }
            Some(key) => {
                for callers in &self.bounds.callers {
                    let turn = callers.enter(key.clone(), self.bounds.queue).await;
                    turns.push(turn.map_err(|busy| Error::Io(io::Error::other(busy)))?);
                }
            }
            None => {}
        }
        let moving = deadline.min(Instant::now() + MOVING);
        let places = Arc::clone(&self.places);
        Ok(Place {
            _permit: self.permit(places, deadline, moving).await?,
            _turns: turns,
            shared: Arc::clone(self),
        })
    }

    async fn permit(
        &self,
        places: Arc<Semaphore>,
        deadline: Instant,
        moving: Instant,
    ) -> Result<OwnedSemaphorePermit, Error> {
        match Arc::clone(&places).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(TryAcquireError::Closed) => Err(Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => self.queue_for(places, deadline, moving).await,
        }
    }

    /// Waits briefly, but longer (until `moving`) while statements are answered, or connections opened as after a
    /// restart of the database: then it is only that many have come at once.
    async fn queue_for(
        &self,
        places: Arc<Semaphore>,
        deadline: Instant,
        moving: Instant,
    ) -> Result<OwnedSemaphorePermit, Error> {
        let mut permit = pin!(places.acquire_owned());
        loop {
            let queue = deadline.min(Instant::now() + self.pool.queue);
            let answered = self.answered();
            if let Ok(permit) = timeout_at(queue, &mut permit).await {
                return permit.map_err(|_: AcquireError| Error::PoolClosed);
            }
            let moves = self.answered() > answered || self.opening.load(Ordering::Acquire) > 0;
            if !moves || Instant::now() >= moving {
                return Err(Error::PoolTimedOut);
            }
        }
    }

    fn is_old(&self, open: &Open, now: Instant) -> bool {
        now - open.opened > self.pool.lifetime || now - open.used > self.pool.idle
    }

    fn answered(&self) -> u64 {
        self.answered.load(Ordering::Acquire)
    }

    fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }
}

impl Place {
    /// Returns a connection, tested if it may be broken. Before a statement that writes it always
    /// is: whether that was carried out is not known if the connection breaks.
    pub(super) async fn connection(self, deadline: Instant, writes: bool) -> Result<Held, Error> {
        let shared = Arc::clone(&self.shared);
        let mut place = self;
        loop {
            let Some(open) = shared.idle().pop() else {
                return place.connect(deadline).await;
            };
            let now = Instant::now();
            if shared.is_old(&open, now) {
                tokio::spawn(connect::close(open.connection));
                continue;
            }
            let is_suspect = writes
                || open.failures != shared.failures()
                || now - open.answered > shared.pool.silence;
            let mut held = Held {
                open,
                is_fresh: false,
                place,
            };
            if !is_suspect || held.answers(deadline).await {
                return Ok(held);
            }
            place = held.abandon();
            // What one found out need not be found out again with each of the others.
            let failures = shared.failures();
            shared.idle().retain(|open| open.failures == failures);
        }
    }

    /// Opens a connection.
    pub(super) async fn connect(self, deadline: Instant) -> Result<Held, Error> {
        let shared = &self.shared;
        let failures = shared.failures();
        let opening = Opening::of(&shared.opening);
        let mut connection = connect(&shared.options, deadline).await?;
        if shared.has_sessions.load(Ordering::Acquire) {
            // Somewhat before the program's deadline, so that of a statement that is merely slow
            // the server says so, and the connection stays.
            let statement = shared.settings.deadline.mul_f32(0.9);
            timeout_at(deadline, connect::set_up(&mut connection, statement))
                .await
                .map_err(|_| connect::out_of_time())??;
        }
        drop(opening);
        let now = Instant::now();
        Ok(Held {
            open: Open {
                connection,
                opened: now,
                used: now,
                answered: now,
                failures,
            },
            is_fresh: true,
            place: self,
        })
    }
}

impl Held {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.open.connection
    }

    /// Whether the other side answers. This is no statement, but the protocol's `Sync`.
    async fn answers(&mut self, deadline: Instant) -> bool {
        let deadline = deadline.min(Instant::now() + TEST);
        let failures = self.place.shared.failures();
        match timeout_at(deadline, self.open.connection.ping()).await {
            Ok(Ok(())) => {
                self.open.failures = failures;
                self.open.answered = Instant::now();
                true
            }
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Gives the connection back after its statement was answered.
    pub(super) fn give_back(mut self) {
        let now = Instant::now();
        self.open.used = now;
        self.place.shared.answered.fetch_add(1, Ordering::AcqRel);
        self.put_back(now);
    }

    fn put_back(mut self, now: Instant) {
        let Self { place, .. } = &self;
        let shared = Arc::clone(&place.shared);
        self.open.answered = now;
        self.open.failures = shared.failures();
        if shared.is_old(&self.open, now) || shared.places.is_closed() {
            return;
        }
        // First the connection, then the place: whoever gets the place finds the connection.
        shared.idle().push(self.open);
        drop(self.place);
    }

    /// Closes the connection without a word, and keeps its place. From now on all connections that
    /// were opened before are tested.
    pub(super) fn abandon(self) -> Place {
        self.place.shared.failures.fetch_add(1, Ordering::AcqRel);
        self.place
    }
}

/// Closes old connections and tests silent ones, as long as the lane exists. That also reminds the
/// firewalls on the way of them.
async fn tend(lane: Weak<Shared>) {
    loop {
        let Some(pause) = lane.upgrade().map(|shared| shared.pool.tend) else {
            return;
        };
        sleep(pause).await;
        let Some(shared) = lane.upgrade() else {
            return;
        };
        let began = Instant::now();
        // With a place each, so that there are never more connections than places.
        while let Ok(permit) = Arc::clone(&shared.places).try_acquire_owned() {
            let silent = {
                let mut idle = shared.idle();
                let silent = idle.iter().position(|open| open.answered < began);
                silent.map(|silent| idle.remove(silent))
            };
            let Some(open) = silent else {
                break;
            };
            if shared.is_old(&open, began) {
                connect::close(open.connection).await;
                continue;
            }
            let mut held = Held {
                open,
                is_fresh: false,
                place: Place {
                    shared: Arc::clone(&shared),
                    _permit: permit,
                    _turns: Vec::new(),
                },
            };
            if held.answers(Instant::now() + TEST).await {
                held.put_back(Instant::now());
            } else {
                held.abandon();
            }
        }
    }
}
