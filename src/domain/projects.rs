//! Projects and their settings.

use latchkey_model::{
    id::ProjectId,
    project::{Project, ProjectChange},
};

use super::{Domain, Error, Subject};
use latchkey_model::caller::Caller;

impl Domain {
    /// Returns the oldest project, which is the default for signing in.
    pub async fn default_project(&self) -> Result<Option<Project>, Error> {
        Ok(self.store.oldest_project().await?)
    }

    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        Ok(self.store.project(id).await?)
    }

    pub async fn current_project(&self, caller: &Caller) -> Result<Project, Error> {
        self.store
            .current_project(caller)
            .await?
            .ok_or(Error::NotFound(Subject::Project))
    }

    /// Changes the caller's project and returns it. For administrators.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a browser whose user is not an administrator;
    /// `Denied::Unauthenticated` for other callers.
    pub async fn change_project(
        &self,
        caller: &Caller,
        change: &ProjectChange,
    ) -> Result<Project, Error> {
        self.store
            .configure_project(caller.project, Some(caller), change)
            .await?
            .ok_or(Error::NotFound(Subject::Project))
    }
}
