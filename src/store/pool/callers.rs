//! How many statements one user or session, or the servers of one project, have running at once.
//!
//! Without this bound, one caller with slow statements takes every connection of the lane.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use latchkey_model::{
    caller::{Caller, CallerKind},
    id::{ProjectId, UserId},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Who counts as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CallerKey {
    User(ProjectId, UserId),
    /// The digest of a session cookie.
    Session(ProjectId, Vec<u8>),
    /// Servers and administrators, whichever key of the project they show.
    Servers(ProjectId),
}

impl CallerKey {
    pub fn of(caller: &Caller) -> Option<Self> {
        let project = caller.project();
        if caller.is_privileged() {
            return Some(Self::Servers(project));
        }
        match (caller.token_user(), caller.digest()) {
            (Some(user), _) => Some(Self::User(project, user)),
            // A publishable client key is everybody's.
            (None, Some(digest)) if caller.kind() == CallerKind::Browser => {
                Some(Self::Session(project, digest.to_vec()))
            }
            _ => None,
        }
    }
}

/// The callers with statements that are running or waiting; nobody else takes memory.
#[derive(Debug)]
pub struct Callers {
    at_once: usize,
    busy: Mutex<HashMap<CallerKey, Arc<Semaphore>>>,
}

/// What keeps one caller from taking all places of a lane.
pub(super) struct Bounds {
    /// The users and sessions, in the order in which they wait.
    pub(super) callers: Vec<Arc<Callers>>,
    /// The maximum wait of a user or session with too many statements.
    pub(super) queue: Duration,
    /// The servers of each project, on this lane, if they are bounded. They wait as for a place of the lane.
    pub(super) projects: Option<Arc<Callers>>,
}

/// A caller has too many statements running.
#[derive(Debug, thiserror::Error)]
#[error("the caller has too many requests at once")]
pub struct CallerBusy;

/// One of the places of a caller, taken until this is dropped.
#[derive(Debug)]
pub struct Turn {
    callers: Arc<Callers>,
    key: CallerKey,
    places: Arc<Semaphore>,
    place: Option<OwnedSemaphorePermit>,
}

impl Callers {
    pub fn new(at_once: usize) -> Arc<Self> {
        Arc::new(Self {
            at_once,
            busy: Mutex::default(),
        })
    }

    /// Waits this long for a place.
    ///
    /// # Errors
    /// When the caller still has as many as allowed.
    pub async fn enter(
        self: &Arc<Self>,
        key: CallerKey,
        queue: Duration,
    ) -> Result<Turn, CallerBusy> {
        // Made before the wait, so that a request that is dropped while it waits leaves nothing.
        let mut turn = self.turn(key);
        match timeout(queue, turn.places().acquire_owned()).await {
            Ok(Ok(place)) => turn.take(place),
            Ok(Err(_)) | Err(_) => return Err(CallerBusy),
        }
        Ok(turn)
    }

    /// A turn without a place yet.
    pub(super) fn turn(self: &Arc<Self>, key: CallerKey) -> Turn {
        let places = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(
                busy.entry(key.clone())
                    .or_insert_with(|| Arc::new(Semaphore::new(self.at_once))),
            )
        };
        Turn {
            callers: Arc::clone(self),
            key,
            places,
            place: None,
        }
    }
}

impl Turn {
    /// All places of the caller.
    pub(super) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.places)
    }

    pub(super) fn take(&mut self, place: OwnedSemaphorePermit) {
        self.place = Some(place);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.place = None;
        let mut busy = self
            .callers
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The map and this turn: nobody else of this caller is running or waiting.
        if Arc::strong_count(&self.places) == 2 {
            busy.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const QUEUE: Duration = Duration::from_millis(10);

    fn key(number: u128) -> CallerKey {
        let project = ProjectId::new(Uuid::nil());
        CallerKey::User(project, UserId::new(Uuid::from_u128(number)))
    }

    #[tokio::test]
    async fn a_caller_has_as_many_turns_as_allowed_and_others_have_theirs() {
        let callers = Callers::new(2);
        let first = callers.enter(key(1), QUEUE).await.expect("a turn");
        let _second = callers.enter(key(1), QUEUE).await.expect("a turn");
        assert!(callers.enter(key(1), QUEUE).await.is_err());
        let _other = callers.enter(key(2), QUEUE).await.expect("a turn");
        drop(first);
        let _third = callers.enter(key(1), QUEUE).await.expect("a turn");
    }

    #[tokio::test]
    async fn callers_who_are_done_or_gave_up_take_no_memory() {
        let callers = Callers::new(1);
        for number in 0..100 {
            let turn = callers.enter(key(number), QUEUE).await.expect("a turn");
            assert!(callers.enter(key(number), QUEUE).await.is_err());
            let waiting = callers.enter(key(number), QUEUE);
            drop(waiting);
            drop(turn);
        }
        assert!(callers.busy.lock().expect("not poisoned").is_empty());
    }
}
