//! Periodic clean-up.

use latchkey_store::WINDOW_MILLIS;

use super::{Domain, Error};

impl Domain {
    /// Deletes sessions that have ended and attempts that no longer count. Nothing depends on it:
    /// they are ignored from the moment they end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn purge_expired(&self) -> Result<(), Error> {
        Ok(self.store.purge_expired(WINDOW_MILLIS).await?)
    }
}
