//! Projects: what each lets people do, and who may change that.

use latchkey_model::id::ProjectId;
use latchkey_model::project::Project;
use latchkey_model::project::ProjectChange;

use super::{Domain, Error, Subject};
use latchkey_model::caller::Caller;

impl Domain {
    /// The project that people sign in to where none is named: the oldest.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn default_project(&self) -> Result<Option<Project>, Error> {
        Ok(self.store.oldest_project().await?)
    }

    /// The project with this id.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        Ok(self.store.project(id).await?)
    }

    /// The project that the caller belongs to.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`]; when the database cannot answer.
    pub async fn current_project(&self, caller: &Caller) -> Result<Project, Error> {
        self.store
            .current_project(caller)
            .await?
            .ok_or(Error::NotFound(Subject::Project))
    }

    /// Changes the project that the caller administers, and returns what it is now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user who does not administer it, [`Denied::Unauthenticated`] for anybody else.
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
