//! A bounded queue in which each network address has a lane of its own. The lanes take turns, so one
//! that is full delays the others by one turn each round, however long it is.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use latchkey_model::digest::Digest;
use tokio::sync::oneshot;

use super::password::PasswordBusy;

/// Each takes 19 MiB and a processor for some 20 milliseconds.
const AT_ONCE: usize = 2;
/// In all lanes; a place is a few hundred bytes.
const PLACES: usize = 256;
const PLACES_IN_LANE: usize = 32;
/// For one account, whatever lanes they are in.
const PLACES_FOR_ACCOUNT: usize = 8;
/// The longest wait for a turn.
const DEADLINE: Duration = Duration::from_secs(3);

type Waiter = oneshot::Sender<Turn>;

#[derive(Default)]
struct State {
    running: usize,
    places: usize,
    /// Places by lane and by account; their digests differ.
    places_of: HashMap<Digest, usize>,
    /// Lanes with somebody waiting, the next one first.
    lanes: VecDeque<(Digest, VecDeque<Waiter>)>,
}

impl State {
    fn places_of(&self, key: &Digest) -> usize {
        self.places_of.get(key).copied().unwrap_or_default()
    }

    fn enqueue(&mut self, lane: Digest, waiter: Waiter) {
        match self.lanes.iter_mut().find(|(key, _)| *key == lane) {
            Some((_, waiters)) => waiters.push_back(waiter),
            None => self.lanes.push_back((lane, VecDeque::from([waiter]))),
        }
    }

    /// Removes the first waiter of the next lane, which then comes last.
    fn next(&mut self) -> Option<Waiter> {
        let (lane, mut waiters) = self.lanes.pop_front()?;
        let waiter = waiters.pop_front();
        if !waiters.is_empty() {
            self.lanes.push_back((lane, waiters));
        }
        waiter
    }
}

#[derive(Clone)]
pub struct Queue {
    state: Arc<Mutex<State>>,
    deadline: Duration,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            state: Arc::default(),
            deadline: DEADLINE,
        }
    }
}

impl Queue {
    /// With another deadline, for tests.
    #[cfg(feature = "testing")]
    pub fn with_deadline(deadline: Duration) -> Self {
        Self {
            deadline,
            ..Self::default()
        }
    }
}

/// A place in the queue. It is given up when it is dropped.
pub struct Place {
    queue: Queue,
    lane: Digest,
    account: Digest,
}

/// Permission to do the work. It passes to the next in the queue when it is dropped.
pub struct Turn(Option<Queue>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// # Errors
    /// [`PasswordBusy`] when the lane, the account's places or the whole queue is full. The fuller the
    /// queue, the fewer places a lane may have, so that there is one for a newcomer.
    pub fn enter(&self, lane: Digest, account: Digest) -> Result<Place, PasswordBusy> {
        let mut state = self.lock();
        let free = PLACES.saturating_sub(state.places);
        let most = (free / 4).clamp(1, PLACES_IN_LANE);
        if free == 0
            || state.places_of(&lane) >= most
            || state.places_of(&account) >= PLACES_FOR_ACCOUNT
        {
            return Err(PasswordBusy);
        }
        state.places += 1;
        *state.places_of.entry(lane).or_default() += 1;
        *state.places_of.entry(account).or_default() += 1;
        drop(state);
        Ok(Place {
            queue: self.clone(),
            lane,
            account,
        })
    }

    fn pass_on(self) {
        let mut state = self.lock();
        while let Some(waiter) = state.next() {
            match waiter.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // Nobody waits there any more. This turn must not pass itself on.
                Err(mut unclaimed) => unclaimed.0 = None,
            }
        }
        state.running -= 1;
    }
}

impl Place {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`PasswordBusy`] when none has come within the deadline.
    pub async fn turn(&self) -> Result<Turn, PasswordBusy> {
        let turn = {
            let mut state = self.queue.lock();
            if state.running < AT_ONCE {
                state.running += 1;
                return Ok(Turn(Some(self.queue.clone())));
            }
            let (sender, receiver) = oneshot::channel();
            state.enqueue(self.lane, sender);
            receiver
        };
        match tokio::time::timeout(self.queue.deadline, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(PasswordBusy),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.places -= 1;
        for key in [self.lane, self.account] {
            if let Some(places) = state.places_of.get_mut(&key) {
                *places -= 1;
                if *places == 0 {
                    state.places_of.remove(&key);
                }
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::Pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    /// Without a runtime that would run others meanwhile.
    fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn key(name: &str) -> Digest {
        Digest::of(name)
    }

    fn enter(queue: &Queue, lane: &str, account: usize) -> Result<Place, PasswordBusy> {
        queue.enter(key(lane), key(&format!("{lane} {account}")))
    }

    fn is_empty(queue: &Queue) -> bool {
        let state = queue.lock();
        state.places == 0
            && state.places_of.is_empty()
            && state.running == 0
            && state.lanes.iter().all(|(_, waiters)| waiters.is_empty())
    }

    #[tokio::test]
    async fn whoever_asks_once_waits_for_one_turn_of_whoever_asks_often() {
        let queue = Queue::default();
        let flood: Vec<_> = (0..32)
            .map(|n| enter(&queue, "flood", n).expect("a place"))
            .collect();
        let mut running = Vec::new();
        for place in &flood[..AT_ONCE] {
            running.push(place.turn().await.expect("a turn"));
        }
        let mut waiting: Vec<_> = flood[AT_ONCE..]
            .iter()
            .map(|p| Box::pin(p.turn()))
            .collect();
        for turn in &mut waiting {
            assert!(poll_once(turn.as_mut()).is_none());
        }
        assert!(enter(&queue, "flood", 33).is_err());
        let one = enter(&queue, "one", 0).expect("a place");
        let mut turn = Box::pin(one.turn());
        assert!(poll_once(turn.as_mut()).is_none());

        // The flood's lane was first in line, then it is the other's turn.
        drop(running.pop());
        assert!(poll_once(turn.as_mut()).is_none());
        drop(running.pop());
        assert!(poll_once(turn.as_mut()).is_some_and(|turn| turn.is_ok()));
    }

    #[tokio::test]
    async fn an_account_has_few_places_however_many_addresses_ask_for_it() {
        let queue = Queue::default();
        let places: Vec<_> = (0..20)
            .map(|n| queue.enter(key(&format!("address {n}")), key("account")))
            .collect();
        assert_eq!(
            places.iter().filter(|place| place.is_ok()).count(),
            PLACES_FOR_ACCOUNT
        );
        assert!(enter(&queue, "address 19", 0).is_ok());
        drop(places);
        assert!(is_empty(&queue));
    }

    #[tokio::test]
    async fn many_full_lanes_leave_a_place_for_a_newcomer() {
        let queue = Queue::default();
        let mut places = Vec::new();
        for lane in 0..20 {
            for account in 0..100 {
                places.extend(enter(&queue, &format!("lane {lane}"), account));
            }
        }
        assert!(places.len() < PLACES);
        assert!(enter(&queue, "newcomer", 0).is_ok());
    }

    #[tokio::test]
    async fn nothing_exceeds_the_whole_queue() {
        let queue = Queue::default();
        let places: Vec<_> = (0..1000)
            .filter_map(|lane| enter(&queue, &format!("lane {lane}"), 0).ok())
            .collect();
        assert_eq!(places.len(), PLACES);
        drop(places);
        assert!(is_empty(&queue));
    }

    #[tokio::test]
    async fn whoever_leaves_before_their_turn_keeps_nobody_waiting() {
        let queue = Queue::default();
        let places: Vec<_> = (0..6)
            .map(|n| enter(&queue, "lane", n).expect("a place"))
            .collect();
        let first = places[0].turn().await.expect("a turn");
        let second = places[1].turn().await.expect("a turn");
        let mut waiting: Vec<_> = places[2..].iter().map(|p| Box::pin(p.turn())).collect();
        for turn in &mut waiting {
            assert!(poll_once(turn.as_mut()).is_none());
        }
        let mut last = waiting.pop().expect("the last");
        // One leaves while it waits, one when it has its turn but does not know yet.
        drop(waiting.remove(0));
        drop(first);
        drop(waiting);
        assert!(poll_once(last.as_mut()).is_some_and(|turn| turn.is_ok()));
        drop(second);
        drop(last);
        drop(places);
        assert!(is_empty(&queue));
    }

    #[tokio::test]
    async fn a_turn_that_does_not_come_in_time_is_given_up() {
        let queue = Queue {
            deadline: Duration::from_millis(1),
            ..Queue::default()
        };
        let places: Vec<_> = (0..3)
            .map(|n| enter(&queue, "lane", n).expect("a place"))
            .collect();
        let _running = (places[0].turn().await, places[1].turn().await);
        assert!(places[2].turn().await.is_err());
    }
}
