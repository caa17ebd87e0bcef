//! A database that was restored from a backup: locked until an operator decides about it.

pub use latchkey_store::{Decided, RestoreSummary};
use uuid::Uuid;

use super::{Domain, Error, secret::MasterKey, signing_keys::SigningKey};

/// What an operator decides about a restored database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Every key that works is revoked and every session ends: any of them may have been revoked
    /// since the backup.
    RevokeOlder,
    /// Everything counts as it is.
    Accept,
}

impl Decision {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RevokeOlder => "revoke_older",
            Self::Accept => "accept",
        }
    }
}

/// Whether the secret decrypts a signing key, as it is stored.
pub fn opens_signing_key(master_key: &MasterKey, id: Uuid, sealed: &[u8]) -> bool {
    SigningKey::open(id, sealed, master_key).is_some()
}

impl Domain {
    /// Whether the database was restored from a backup and nobody has decided about it.
    pub async fn is_locked(&self) -> Result<bool, Error> {
        Ok(self.store.is_locked().await?)
    }

    pub async fn restore_summary(&self) -> Result<RestoreSummary, Error> {
        Ok(self.store.restore_summary().await?)
    }

    /// Decides about a restored database, which unlocks it on every instance at once. `None` where
    /// it is not locked.
    pub async fn decide_restored(
        &self,
        decision: Decision,
        decided_by: &str,
    ) -> Result<Option<Decided>, Error> {
        Ok(self
            .store
            .decide_restored(decision.as_str(), decided_by)
            .await?)
    }

    /// Locks the database as if it had just been restored.
    pub async fn lock_restored(&self, locked_by: &str) -> Result<(), Error> {
        Ok(self.store.lock_restored(locked_by).await?)
    }
}
