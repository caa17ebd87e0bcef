//! All keys of a project, for whoever administers it. They are seen and ended here also while the
//! project has switched keys off; making and describing them is their owners' business.

use latchkey_model::{id::ApiKeyId, key_list::KeyListView};
use latchkey_store::ListScope;

use super::{Domain, Error, Subject};
use latchkey_model::api_key::KeyPage;
use latchkey_model::caller::Caller;

impl Domain {
    /// One page of all keys of the project, with what their owners are called.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user who does not administer the project; [`Denied::Unauthenticated`].
    pub async fn list_all_keys(
        &self,
        caller: &Caller,
        view: &KeyListView,
    ) -> Result<KeyPage, Error> {
        let listed = ListScope::Project;
        Ok(self.store.list_keys(caller, listed, view).await?)
    }

    /// Revokes any API key of the project. Revoking it again changes nothing.
    ///
    /// # Errors
    /// As [`Self::list_all_keys`], also for a key that does not exist.
    pub async fn revoke_any_key(&self, caller: &Caller, key: ApiKeyId) -> Result<(), Error> {
        if self.store.revoke_any_key(caller, key).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Subject::ApiKey))
        }
    }
}
