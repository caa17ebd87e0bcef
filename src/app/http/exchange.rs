//! One request and its answer.

use std::sync::{Arc, Mutex, PoisonError};

use super::{limits::UNCOUNTED, vitals::Vitals};

/// Dropped when its answer is complete, or the client has left.
#[derive(Debug)]
pub struct Exchange {
    vitals: Arc<Vitals>,
    id: u64,
    /// Bytes of the body, of which those beyond the first are held against the budget.
    body_bytes: Mutex<usize>,
}

impl Exchange {
    pub fn begin(vitals: &Arc<Vitals>, is_http2: bool) -> Arc<Self> {
        Arc::new(Self {
            id: vitals.begin(is_http2),
            vitals: Arc::clone(vitals),
            body_bytes: Mutex::new(0),
        })
    }

    pub fn receiving(&self) {
        self.vitals.receiving(self.id);
    }

    pub fn working(&self) {
        self.vitals.working(self.id);
    }

    pub fn answering(&self) {
        self.vitals.answering(self.id);
    }

    /// Takes bytes of the body, if there is room for them.
    pub fn take(&self, bytes: usize) -> bool {
        let mut held = self
            .body_bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let counted = |bytes: usize| bytes.saturating_sub(UNCOUNTED);
        let more = counted(*held + bytes) - counted(*held);
        let has_room = self.vitals.budget.take(more);
        if has_room {
            *held += bytes;
        }
        has_room
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let held = *self
            .body_bytes
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        self.vitals.budget.give_back(held.saturating_sub(UNCOUNTED));
        self.vitals.finish(self.id);
    }
}
