//! When keys were last used: noted behind the answer of a check, and written many at once.
//!
//! Nothing decides from it; it is shown to people. So a use that is lost with the program costs a
//! check nothing, and a check never waits for a write.

use latchkey_store::Use;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use latchkey_model::{
    expiry::Millis,
    id::{ApiKeyId, ProjectId},
};

use super::{Domain, Error};

/// Uses that wait for being written.
#[derive(Clone, Default)]
pub(super) struct Uses(Arc<Mutex<HashMap<(ProjectId, ApiKeyId), Millis>>>);

impl Uses {
    /// Notes a use. However often a key is used between two writes, it is one row.
    pub fn record(&self, project: ProjectId, key: ApiKeyId, at: Millis) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = waiting.entry((project, key)).or_insert(at);
        *last = at.max(*last);
    }

    fn take(&self) -> Vec<Use> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uses: Vec<_> = waiting
            .drain()
            .map(|((project, key), at)| Use { project, key, at })
            .collect();
        uses.sort_unstable();
        uses
    }
}

impl Domain {
    /// Writes when keys were last used, as far as it is not written yet. What cannot be written is
    /// kept for the next time.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn write_uses(&self) -> Result<(), Error> {
        let uses = self.uses.take();
        if uses.is_empty() {
            return Ok(());
        }
        let written = self.store.write_uses(&uses).await;
        if written.is_err() {
            for used in uses {
                self.uses.record(used.project, used.key, used.at);
            }
        }
        Ok(written?)
    }
}
