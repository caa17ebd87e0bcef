//! Periodic clean-up.

use super::{Domain, Error, signing_keys::RETIRED_AFTER_MILLIS};

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
