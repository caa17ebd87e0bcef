//! The times at which keys were last used: recorded in memory by checks, and written in batches.
//!
//! The time is only shown to people. So a use may be lost when the program ends, and a check never
//! waits for a write.

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

/// Uses that are not written yet.
#[derive(Clone, Default)]
pub(super) struct Uses(Arc<Mutex<HashMap<(ProjectId, ApiKeyId), Millis>>>);

impl Uses {
    /// Records a use. The uses of a key between two writes become one row.
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
    /// Writes the recorded uses of keys and sessions. If that fails, those of keys are kept for the next attempt.
    pub async fn write_uses(&self) -> Result<(), Error> {
        let of_sessions = self.write_session_uses().await;
        self.write_key_uses().await?;
        of_sessions
    }

    async fn write_key_uses(&self) -> Result<(), Error> {
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
