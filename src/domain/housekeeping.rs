//! Periodic clean-up.

use latchkey_store::WINDOW_MILLIS;

use super::{Domain, Error};

impl Domain {
    /// Deletes expired sessions and attempts. Nothing depends on it: they are ignored once they have expired.
    pub async fn purge_expired(&self) -> Result<(), Error> {
        Ok(self.store.purge_expired(WINDOW_MILLIS).await?)
    }
}
