//! What has no use any more is deleted.

use latchkey_store::WINDOW_MILLIS;

use super::{Domain, Error};

impl Domain {
    /// Deletes sessions that have ended and attempts that no longer count. Nothing depends on it:
    /// they are ignored from the moment they end.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn tidy(&self) -> Result<(), Error> {
        self.store.delete_ended(WINDOW_MILLIS).await
    }
}
