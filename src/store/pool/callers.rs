//! How many statements one user or session has running at once.
//!
//! Without this bound, one person with slow statements takes every connection of the lane.

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

/// Who counts as one. Servers with a key of the project are not limited.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum CallerKey {
    User(ProjectId, UserId),
    /// The digest of a session cookie.
    Session(ProjectId, Vec<u8>),
}

impl CallerKey {
    pub(crate) fn of(caller: &Caller) -> Option<Self> {
        if caller.is_privileged() {
            return None;
        }
        let project = caller.project();
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
pub(super) struct Callers {
    at_once: usize,
    queue: Duration,
    busy: Mutex<HashMap<CallerKey, Arc<Semaphore>>>,
}

/// A caller has too many statements running.
#[derive(Debug, thiserror::Error)]
#[error("the caller has too many requests at once")]
pub(crate) struct CallerBusy;

/// One of the places of a caller, taken until this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    callers: Arc<Callers>,
    key: CallerKey,
    places: Arc<Semaphore>,
    place: Option<OwnedSemaphorePermit>,
}

impl Callers {
    pub(super) fn new(at_once: usize, queue: Duration) -> Arc<Self> {
        Arc::new(Self {
            at_once,
            queue,
            busy: Mutex::default(),
        })
    }

    pub(super) async fn enter(self: &Arc<Self>, key: CallerKey) -> Result<Turn, CallerBusy> {
        let places = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(
                busy.entry(key.clone())
                    .or_insert_with(|| Arc::new(Semaphore::new(self.at_once))),
            )
        };
        // Made before the wait, so that a request that is dropped while it waits leaves nothing.
        let mut turn = Turn {
            callers: Arc::clone(self),
            key,
            places,
            place: None,
        };
        let place = Arc::clone(&turn.places).acquire_owned();
        match timeout(self.queue, place).await {
            Ok(Ok(place)) => turn.place = Some(place),
            Ok(Err(_)) | Err(_) => return Err(CallerBusy),
        }
        Ok(turn)
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

    fn key(number: u128) -> CallerKey {
        let project = ProjectId::new(Uuid::nil());
        CallerKey::User(project, UserId::new(Uuid::from_u128(number)))
    }

    #[tokio::test]
    async fn a_caller_has_as_many_turns_as_allowed_and_others_have_theirs() {
        let callers = Callers::new(2, Duration::from_millis(10));
        let first = callers.enter(key(1)).await.expect("a turn");
        let _second = callers.enter(key(1)).await.expect("a turn");
        assert!(callers.enter(key(1)).await.is_err());
        let _other = callers.enter(key(2)).await.expect("a turn");
        drop(first);
        let _third = callers.enter(key(1)).await.expect("a turn");
    }

    #[tokio::test]
    async fn callers_who_are_done_or_gave_up_take_no_memory() {
        let callers = Callers::new(1, Duration::from_millis(10));
        for number in 0..100 {
            let turn = callers.enter(key(number)).await.expect("a turn");
            assert!(callers.enter(key(number)).await.is_err());
            let waiting = callers.enter(key(number));
            drop(waiting);
            drop(turn);
        }
        assert!(callers.busy.lock().expect("not poisoned").is_empty());
    }
}
