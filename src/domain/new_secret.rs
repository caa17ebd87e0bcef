//! A database whose signing keys the secret does not open.

use uuid::Uuid;

use super::{Domain, Error, restore::opens_signing_key};

impl Domain {
    /// Whether the secrets open every signing key. Generates none.
    pub async fn secret_fits(&self) -> Result<bool, Error> {
        Ok(self.unopened_signing_keys().await?.is_empty())
    }

    /// Returns the ids and the sealed forms of the signing keys; without a schema there are none.
    pub async fn sealed_signing_keys(&self) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
        Ok(self.store.sealed_signing_keys().await?)
    }

    /// Deletes the signing keys that no secret opens, which ends the tokens that they have signed.
    pub async fn delete_unopened_signing_keys(&self) -> Result<(), Error> {
        let unopened = self.unopened_signing_keys().await?;
        Ok(self.store.delete_signing_keys(&unopened).await?)
    }

    async fn unopened_signing_keys(&self) -> Result<Vec<Uuid>, Error> {
        let sealed = self.store.sealed_signing_keys().await?;
        Ok(sealed
            .into_iter()
            .filter(|(id, sealed)| !opens_signing_key(&self.master_key, *id, sealed))
            .map(|(id, _)| id)
            .collect())
    }
}
