//! The sessions that were used since the last write: recorded in memory by pages, and written in batches.
//!
//! As with the uses of keys, the time is only shown to people, so a page never waits for a write and a use may be lost.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use latchkey_model::id::{ProjectId, SessionId};
use latchkey_store::SessionUse;

use super::{Domain, Error};

/// Uses that are not written yet.
#[derive(Clone, Default)]
pub(super) struct SessionUses(Arc<Mutex<BTreeSet<SessionUse>>>);

impl SessionUses {
    pub fn record(&self, project: ProjectId, session: SessionId) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert(SessionUse { project, session });
    }

    fn take(&self) -> BTreeSet<SessionUse> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Domain {
    /// Writes the recorded uses. If that fails, they are forgotten: the next page records its session again.
    pub(super) async fn write_session_uses(&self) -> Result<(), Error> {
        let uses: Vec<_> = self.session_uses.take().into_iter().collect();
        if uses.is_empty() {
            return Ok(());
        }
        Ok(self.store.write_session_uses(&uses).await?)
    }
}
