//! All keys of a project, for its administrators. They can see and revoke keys even while the
//! project does not allow API keys; only owners can create and rename them.

use latchkey_model::{
    digest::Digest,
    id::ApiKeyId,
    key_list::{KeyListView, PastedKey},
};
use latchkey_store::ListScope;

use super::{Domain, Error, Subject};
use latchkey_model::{
    api_key::{KeyPage, WorkingKeys},
    caller::Caller,
};

impl Domain {
    /// Returns one page of all keys of the project, with their owners' names.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user who is not an administrator.
    pub async fn list_all_keys(
        &self,
        caller: &Caller,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let scope = ListScope::Project;
        Ok(self.store.list_keys(caller, scope, view).await?)
    }

    /// Returns what the key with this digest is among all keys of the project.
    ///
    /// # Errors
    /// As [`Self::list_all_keys`].
    pub async fn find_any_key(&self, caller: &Caller, digest: Digest) -> Result<PastedKey, Error> {
        let found = self.store.find_any_key(caller, digest).await?;
        Ok(found.map_or(PastedKey::Unknown, PastedKey::Found))
    }

    /// Counts the keys that stop working when the project does not allow them any longer.
    ///
    /// # Errors
    /// As [`Self::list_all_keys`].
    pub async fn working_keys(&self, caller: &Caller) -> Result<WorkingKeys, Error> {
        Ok(self.store.working_keys(caller).await?)
    }

    /// Revokes any API key of the project, and returns whether it had expired by then. Revoking it again changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_any_key(&self, caller: &Caller, key: ApiKeyId) -> Result<bool, Error> {
        self.store
            .revoke_any_key(caller, key)
            .await?
            .ok_or(Error::NotFound(Subject::ApiKey))
    }
}
