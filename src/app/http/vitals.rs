//! What a connection is doing, and since when: the basis of deciding which one to close.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{connections::BodyBudget, limits::Deadlines};

/// Why the server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing was sent, or the head of a request is incomplete.
    NoRequest,
    /// No request came for a long time.
    Idle,
    /// The client does not read the answer.
    Unread,
    /// The server is stopping, and the client neither sends nor reads.
    Stalled,
    /// Others need its place.
    Shed,
}

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server waits for the body.
    Receiving,
    /// The client waits for the server.
    Working,
    /// The client has the answer up to a part that it was given at this time.
    Answering(Instant),
}

/// A write that the client's window has no room for.
#[derive(Debug, Clone, Copy)]
struct Backlog {
    since: Instant,
    taken: usize,
    progress: Instant,
}

#[derive(Debug)]
struct State {
    opened: Instant,
    is_http2: bool,
    /// Whether a byte was received.
    has_spoken: bool,
    /// Whether a request was received.
    has_asked: bool,
    head_since: Option<Instant>,
    last_active: Instant,
    backlog: Option<Backlog>,
    requests: HashMap<u64, Phase>,
    next_request: u64,
    end: Option<End>,
}

/// One connection.
#[derive(Debug)]
pub struct Vitals {
    pub id: u64,
    pub address: IpAddr,
    pub is_proxy: bool,
    pub budget: BodyBudget,
    state: Mutex<State>,
    ended: Notify,
}

impl Vitals {
    pub fn new(id: u64, address: IpAddr, is_proxy: bool, budget: BodyBudget) -> Self {
        let now = Instant::now();
        Self {
            id,
            address,
            is_proxy,
            budget,
            state: Mutex::new(State {
                opened: now,
                is_http2: false,
                has_spoken: false,
                has_asked: false,
                head_since: None,
                last_active: now,
                backlog: None,
                requests: HashMap::new(),
                next_request: 0,
                end: None,
            }),
            ended: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes arrived.
    pub fn received(&self, bytes: &[u8]) {
        let now = Instant::now();
        let mut state = self.state();
        if !state.has_spoken {
            state.has_spoken = true;
            // The preface of a connection with prior knowledge (RFC 9113, 3.4).
            state.is_http2 = bytes.starts_with(b"PRI");
        }
        // Empty lines before a request are no part of it (RFC 9112, 2.2).
        let is_blank = bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        if state.requests.is_empty() && !state.is_http2 && !is_blank {
            state.head_since.get_or_insert(now);
        }
    }

    /// A write was tried: `taken` of `offered` bytes, or none.
    pub fn wrote(&self, taken: usize, offered: usize) {
        let mut state = self.state();
        if taken == offered && state.backlog.is_none() {
            return;
        }
        let now = Instant::now();
        if taken == offered {
            state.backlog = None;
        } else {
            let backlog = state.backlog.get_or_insert(Backlog {
                since: now,
                taken: 0,
                progress: now,
            });
            if taken > 0 {
                backlog.taken += taken;
                backlog.progress = now;
            }
        }
        if taken > 0 {
            state.last_active = now;
        }
    }

    /// Begins a request, which is the first phase of its work.
    pub fn begin(&self, is_http2: bool) -> u64 {
        let mut state = self.state();
        state.is_http2 = is_http2;
        state.has_asked = true;
        state.head_since = None;
        let id = state.next_request;
        state.next_request += 1;
        state.requests.insert(id, Phase::Working);
        id
    }

    /// The server waits for the request's body.
    pub fn receiving(&self, request: u64) {
        self.set(request, Phase::Receiving);
    }

    /// The client waits for the server.
    pub fn working(&self, request: u64) {
        self.set(request, Phase::Working);
    }

    /// The client was given a part of the answer.
    pub fn answering(&self, request: u64) {
        self.set(request, Phase::Answering(Instant::now()));
    }

    fn set(&self, request: u64, phase: Phase) {
        if let Some(current) = self.state().requests.get_mut(&request) {
            *current = phase;
        }
    }

    /// The request is over.
    pub fn finish(&self, request: u64) {
        let mut state = self.state();
        state.requests.remove(&request);
        state.last_active = Instant::now();
    }

    /// Why the connection must be closed now, if it must. `stopping` is when the server began to stop.
    pub fn overdue(
        &self,
        now: Instant,
        deadlines: &Deadlines,
        stopping: Option<Instant>,
    ) -> Option<End> {
        let state = self.state();
        if stopping.is_some_and(|since| state.is_stalled_since(since, now, deadlines)) {
            return Some(End::Stalled);
        }
        if state.is_unread(now, deadlines) {
            return Some(End::Unread);
        }
        if !state.requests.is_empty() || state.backlog.is_some() {
            return None;
        }
        let no_request = match state.head_since {
            Some(since) => now >= since + deadlines.head,
            None if state.has_asked => false,
            // Empty lines, or the preface of HTTP/2.
            None if state.has_spoken => now >= state.opened + deadlines.first_byte + deadlines.head,
            None => now >= state.opened + deadlines.first_byte,
        };
        if no_request {
            return Some(End::NoRequest);
        }
        (now >= state.last_active + deadlines.idle).then_some(End::Idle)
    }

    /// How readily the connection is closed for others: the smallest first. `None` while the server
    /// works for it.
    pub fn shed_order(&self, now: Instant) -> Option<(u8, Instant)> {
        let state = self.state();
        let just_now = |since: Instant| now < since + Duration::from_secs(1);
        let is_working = |phase: &Phase| match phase {
            Phase::Working => true,
            Phase::Answering(since) => just_now(*since),
            Phase::Receiving => false,
        };
        if state.requests.values().any(is_working) {
            return None;
        }
        let kind = match (state.requests.is_empty(), state.has_asked) {
            (true, false) => 0,
            (true, true) => 2,
            (false, _) => 4,
        };
        Some((kind + u8::from(self.is_proxy), state.last_active))
    }

    /// Asks the connection's task to close it.
    pub fn end(&self, end: End) {
        self.state().end = Some(end);
        self.ended.notify_one();
    }

    /// Waits until the connection must be closed, and returns why.
    pub async fn ended(&self) -> End {
        loop {
            self.ended.notified().await;
            if let Some(end) = self.state().end.take() {
                return end;
            }
        }
    }
}

impl State {
    fn is_unread(&self, now: Instant, deadlines: &Deadlines) -> bool {
        let backlog = self.backlog.is_some_and(|backlog| {
            now >= backlog.since + deadlines.answer + deadlines.time_for(backlog.taken)
        });
        // In HTTP/1 the socket shows whether the client reads; in HTTP/2 each answer has a window.
        backlog
            || (self.is_http2
                && self.requests.values().any(|phase| {
                    matches!(phase, Phase::Answering(since) if now >= *since + deadlines.answer)
                }))
    }

    fn is_stalled_since(&self, stopping: Instant, now: Instant, deadlines: &Deadlines) -> bool {
        let late = |since: Instant| now >= since.max(stopping) + deadlines.stalled_at_stop;
        let is_stalled = |phase: &Phase| match phase {
            Phase::Working => false,
            Phase::Receiving => late(stopping),
            Phase::Answering(since) => late(*since),
        };
        let backlog = self.backlog.map(|backlog| late(backlog.progress));
        backlog.unwrap_or_else(|| late(stopping)) && self.requests.values().all(is_stalled)
    }
}
