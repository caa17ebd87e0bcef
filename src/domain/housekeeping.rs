//! Periodic clean-up.

use super::{Domain, Error};

impl Domain {
    /// Deletes expired sessions and sign-in counters. Nothing depends on it: expired rows are
    /// ignored anyway.
    pub async fn purge_expired(&self) -> Result<(), Error> {
        Ok(self.store.purge_expired().await?)
    }
}
