//! All connections: whether there is room for one more, and which one goes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    address::ClientNetwork,
    limits::Limits,
    vitals::{End, Vitals},
};

/// How often closed connections are reported.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// The connections of a server.
#[derive(Debug)]
pub struct Connections {
    limits: Limits,
    body_bytes: Arc<Counter>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    clients: HashMap<ClientNetwork, Client>,
    count: usize,
    next_id: u64,
    stopping: Option<Instant>,
    shed: usize,
    refused: usize,
    reported: Option<Instant>,
}

#[derive(Debug)]
struct Client {
    connections: HashMap<u64, Arc<Vitals>>,
    body_bytes: Arc<Counter>,
}

/// A connection that was admitted. It is counted until this is dropped.
#[derive(Debug)]
pub struct Admitted {
    pub vitals: Arc<Vitals>,
    connections: Arc<Connections>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.connections.open().remove(&self.vitals);
    }
}

impl Connections {
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            body_bytes: Counter::new(limits.body_bytes),
            limits,
            open: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection. If there are too many, of its address or in all, the idlest is closed.
    /// `None` if the server works for all of them.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Admitted> {
        let network = ClientNetwork::from(address);
        let is_proxy = self.limits.proxies.is_proxy(address);
        let now = Instant::now();
        let mut open = self.open();
        let of_address = open
            .clients
            .get(&network)
            .map_or(0, |client| client.connections.len());
        let has_room = (is_proxy
            || of_address < self.limits.connections_of_address
            || open.shed_of(network, now))
            && (open.count < self.limits.connections
                || open.shed_of_all(self.limits.connections / 64 + 1, now));
        if !has_room {
            open.refused += 1;
            return None;
        }
        let id = open.next_id;
        open.next_id += 1;
        open.count += 1;
        let client = open.clients.entry(network).or_insert_with(|| Client {
            connections: HashMap::new(),
            body_bytes: Counter::new(if is_proxy {
                usize::MAX
            } else {
                self.limits.body_bytes_of_address
            }),
        });
        let budget = BodyBudget {
            of_all: Arc::clone(&self.body_bytes),
            of_client: Arc::clone(&client.body_bytes),
        };
        let vitals = Arc::new(Vitals::new(id, address, is_proxy, budget));
        client.connections.insert(id, Arc::clone(&vitals));
        drop(open);
        Some(Admitted {
            vitals,
            connections: Arc::clone(self),
        })
    }

    /// Closes the idlest connections: the process has no file descriptors left.
    pub fn make_room(&self) {
        let now = Instant::now();
        let mut open = self.open();
        let some = open.count / 64 + 1;
        open.shed_of_all(some, now);
    }

    /// From now on clients that neither send nor read are not waited for.
    pub fn stop(&self) {
        self.open().stopping = Some(Instant::now());
    }

    /// Closes all connections.
    pub fn end_all(&self) {
        for vitals in self.open().all() {
            vitals.end(End::Stalled);
        }
    }

    /// Closes connections whose deadline has passed, for as long as the server runs.
    pub async fn sweep(&self) {
        let mut ticks = tokio::time::interval(self.limits.deadlines.tick());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = Instant::now();
            let mut open = self.open();
            for vitals in open.all() {
                if let Some(end) = vitals.overdue(now, &self.limits.deadlines, open.stopping) {
                    vitals.end(end);
                }
            }
            open.report(now);
        }
    }
}

impl Open {
    fn all(&self) -> impl Iterator<Item = &Arc<Vitals>> {
        self.clients
            .values()
            .flat_map(|client| client.connections.values())
    }

    /// Closes the idlest connection of a client.
    fn shed_of(&mut self, network: ClientNetwork, now: Instant) -> bool {
        let idlest = self.clients.get(&network).and_then(|client| {
            client
                .connections
                .values()
                .filter_map(|vitals| Some((vitals.shed_order(now)?, vitals)))
                .min_by_key(|(order, _)| *order)
                .map(|(_, vitals)| Arc::clone(vitals))
        });
        idlest.is_some_and(|vitals| {
            self.shed(&vitals);
            true
        })
    }

    /// Closes some of the idlest connections: several at once, because all are examined.
    fn shed_of_all(&mut self, some: usize, now: Instant) -> bool {
        let mut candidates: Vec<_> = self
            .all()
            .filter_map(|vitals| Some((vitals.shed_order(now)?, Arc::clone(vitals))))
            .collect();
        let some = some.min(candidates.len());
        if some == 0 {
            return false;
        }
        candidates.select_nth_unstable_by_key(some - 1, |(order, _)| *order);
        for (_, vitals) in candidates.drain(..some) {
            self.shed(&vitals);
        }
        true
    }

    fn shed(&mut self, vitals: &Arc<Vitals>) {
        self.shed += 1;
        self.remove(vitals);
        vitals.end(End::Shed);
    }

    fn remove(&mut self, vitals: &Vitals) {
        let network = ClientNetwork::from(vitals.address);
        if let Some(client) = self.clients.get_mut(&network)
            && client.connections.remove(&vitals.id).is_some()
        {
            self.count -= 1;
            if client.connections.is_empty() {
                self.clients.remove(&network);
            }
        }
    }

    /// Logs that there were too many connections, not each of them.
    fn report(&mut self, now: Instant) {
        let is_due = self.reported.is_none_or(|at| now >= at + REPORT_EVERY);
        if is_due && self.shed + self.refused > 0 {
            tracing::warn!(
                closed = self.shed,
                refused = self.refused,
                open = self.count,
                "too many connections: idle ones were closed for others"
            );
            (self.shed, self.refused, self.reported) = (0, 0, Some(now));
        }
    }
}

/// A number with a maximum.
#[derive(Debug)]
struct Counter {
    value: AtomicUsize,
    max: usize,
}

impl Counter {
    fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            value: AtomicUsize::new(0),
            max,
        })
    }

    fn add(&self, more: usize) -> bool {
        self.value
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |value| {
                value.checked_add(more).filter(|sum| *sum <= self.max)
            })
            .is_ok()
    }

    fn subtract(&self, less: usize) {
        self.value.fetch_sub(less, Ordering::Relaxed);
    }
}

/// The room for bodies in memory.
#[derive(Debug)]
pub struct BodyBudget {
    of_all: Arc<Counter>,
    of_client: Arc<Counter>,
}

impl BodyBudget {
    /// Takes so many bytes, if there is room for them.
    pub fn take(&self, bytes: usize) -> bool {
        if bytes == 0 {
            return true;
        }
        if !self.of_client.add(bytes) {
            return false;
        }
        let has_room = self.of_all.add(bytes);
        if !has_room {
            self.of_client.subtract(bytes);
        }
        has_room
    }

    pub fn give_back(&self, bytes: usize) {
        if bytes > 0 {
            self.of_client.subtract(bytes);
            self.of_all.subtract(bytes);
        }
    }
}
