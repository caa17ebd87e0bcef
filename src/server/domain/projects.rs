//! Projects: what each lets people do, and who may change that.

use latchkey_model::{account::DisplayName, id::ProjectId};
use serde::{Deserialize, Serialize};

use super::{Domain, Error, operator::SettingsChange};
use crate::auth::Caller;

/// What a project lets people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ProjectSettings {
    /// Users may have API keys.
    pub allow_user_api_keys: bool,
    /// Teams may have API keys.
    pub allow_team_api_keys: bool,
    /// Anybody may make an account.
    pub sign_up_enabled: bool,
    /// People sign in with e-mail and password.
    pub credential_enabled: bool,
    /// Users may found teams.
    pub client_team_creation_enabled: bool,
    /// Users may delete their account.
    pub client_user_deletion_enabled: bool,
    /// Client applications must show the publishable client key.
    pub require_publishable_client_key: bool,
    /// Links in messages may lead to the reader's own machine.
    pub allow_localhost: bool,
}

/// A place of the application's where links in messages may lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDomain {
    /// Scheme, host and port.
    pub domain: String,
    /// Where its account pages begin.
    pub handler_path: String,
}

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub display_name: String,
    /// What it lets people do.
    pub settings: ProjectSettings,
    /// Where links in messages may lead.
    pub domains: Vec<TrustedDomain>,
}

/// What to change about a project; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// Its name.
    pub display_name: Option<DisplayName>,
    /// Its switches.
    pub settings: SettingsChange,
    /// All trusted domains.
    pub domains: Option<Vec<TrustedDomain>>,
}

impl Domain {
    /// The project that people sign in to where none is named: the oldest.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn default_project(&self) -> Result<Option<Project>, Error> {
        self.store.oldest_project().await
    }

    /// The project with this id.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        self.store.project(id).await
    }

    /// The project that the caller belongs to.
    ///
    /// # Errors
    /// [`Error::Refused`]; when the database cannot answer.
    pub async fn current_project(&self, caller: &Caller) -> Result<Project, Error> {
        self.store.current_project(caller).await
    }

    /// Changes the project that the caller administers, and returns what it is now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user who does not administer it, [`Error::Refused`] for anybody else.
    pub async fn change_project(
        &self,
        caller: &Caller,
        change: &ProjectChange,
    ) -> Result<Project, Error> {
        self.store
            .configure_project(caller.project, Some(caller), change)
            .await?
            .ok_or(Error::NotFound)
    }
}
