//! `signing_keys`.

use uuid::Uuid;

use crate::error::Error;
use crate::pool::Store;

impl Store {
    /// Returns all keys, encrypted, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
        let rows = sqlx::query!(
            "SELECT key_id, sealed FROM signing_keys ORDER BY created_at_millis, key_id",
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.key_id, row.sealed))
            .collect())
    }

    /// Adds a key if there is none. Two instances that start at the same time may both add one,
    /// which is harmless: every instance reads all keys.
    pub async fn add_first_signing_key(&self, id: Uuid, sealed: &[u8]) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO signing_keys (key_id, sealed)
            SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM signing_keys)",
            id,
            sealed,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
