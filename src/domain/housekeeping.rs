//! Periodic clean-up.

use latchkey_store::RETIRED_AFTER_MILLIS;

use super::{Domain, Error};

impl Domain {
    /// Deletes expired sessions and sign-in counters, and signing keys that have been replaced.
    /// Nothing depends on it: expired rows are ignored anyway.
    pub async fn purge_expired(&self) -> Result<(), Error> {
        self.store
            .delete_retired_signing_keys(RETIRED_AFTER_MILLIS)
            .await?;
        Ok(self.store.purge_expired().await?)
    }
}
