//! A database that was restored from a backup: locked until an operator decides about it.

use latchkey_store::WalPosition;
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

    /// The position of the database's write-ahead log, as the text that [`Self::lock_if_older`]
    /// reads.
    pub async fn wal_mark(&self) -> Result<String, Error> {
        let WalPosition { system, position } = self.store.wal_position().await?;
        Ok(format!("{system} {position}"))
    }

    /// Locks the database if its files are older than the position that was noted last: the cluster
    /// is the same, but its log has not come as far. Another cluster is not older, and text that
    /// cannot be read notes nothing. Returns whether it was locked.
    pub async fn lock_if_older(&self, noted: &str) -> Result<bool, Error> {
        let Some(noted) = read_position(noted) else {
            return Ok(false);
        };
        let now = self.store.wal_position().await?;
        let is_older = now.system == noted.system && now.position < noted.position;
        if is_older && !self.is_locked().await? {
            self.lock_restored(
                "the program: the data folder's database is older than its wal-mark",
            )
            .await?;
        }
        Ok(is_older)
    }
}

fn read_position(text: &str) -> Option<WalPosition> {
    let (system, position) = text.trim().split_once(' ')?;
    Some(WalPosition {
        system: system.parse().ok()?,
        position: position.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_position_is_read_and_anything_else_notes_nothing() {
        let position = WalPosition {
            system: 7_412_345_678_901_234_567,
            position: 25_165_824,
        };
        assert_eq!(
            read_position("7412345678901234567 25165824\n"),
            Some(position)
        );
        for text in [
            "",
            " ",
            "1",
            "1 x",
            "x 1",
            "1 2 3",
            "99999999999999999999 1",
        ] {
            assert_eq!(read_position(text), None, "{text:?}");
        }
    }
}
