//! `signing_keys`.

use latchkey_model::expiry::Millis;
use uuid::Uuid;

use crate::{error::Error, pool::Store};

/// An encrypted key.
pub struct SealedKey {
    pub id: Uuid,
    pub sealed: Vec<u8>,
    pub created_at_millis: Millis,
    /// Since it was created, by the database's clock.
    pub age_millis: Millis,
}

impl Store {
    /// Returns all keys, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SealedKey>, Error> {
        let keys = sqlx::query_as!(
            SealedKey,
            r#"SELECT key_id AS id, sealed, created_at_millis, now_millis() - created_at_millis AS "age_millis!"
            FROM signing_keys
            ORDER BY created_at_millis DESC, key_id DESC"#,
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(keys)
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

    /// Adds a key that is newer than all others.
    pub async fn add_signing_key(&self, id: Uuid, sealed: &[u8]) -> Result<(), Error> {
        sqlx::query!(
            "INSERT INTO signing_keys (key_id, sealed, created_at_millis)
            SELECT $1, $2, GREATEST(now_millis(), max(created_at_millis) + 1) FROM signing_keys",
            id,
            sealed,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Replaces the encrypted form of a key.
    pub async fn reseal_signing_key(&self, id: Uuid, sealed: &[u8]) -> Result<(), Error> {
        sqlx::query!(
            "UPDATE signing_keys SET sealed = $2 WHERE key_id = $1",
            id,
            sealed,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Deletes the keys to which a newer one was added this long ago.
    pub async fn delete_retired_signing_keys(&self, after: Millis) -> Result<(), Error> {
        sqlx::query!(
            "DELETE FROM signing_keys k WHERE EXISTS (
                SELECT FROM signing_keys newer
                WHERE newer.created_at_millis > k.created_at_millis
                    AND newer.created_at_millis <= now_millis() - $1::bigint
            )",
            after,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Returns the time by the database's clock.
    pub async fn now_millis(&self) -> Result<Millis, Error> {
        let now = sqlx::query_scalar!(r#"SELECT now_millis() AS "now!""#)
            .fetch_one(&self.pool)
            .await?;
        Ok(now)
    }
}
