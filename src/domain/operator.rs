//! Operations that only the operator can run, at the command line.

use latchkey_model::{
    account::{self, DisplayName, Email},
    id::{ProjectId, UserId},
};

use latchkey_store::{NewKeySet, Origin};
use uuid::Uuid;

use super::{Domain, Error, Field, Invalid, Subject, secret::ProjectKey};
use latchkey_model::project::{Project, ProjectChange, ProjectSettings, SettingsChange};

/// A project's new keys. They are shown only this once.
pub struct KeySet {
    /// `pck_…`: for clients; not a secret.
    pub publishable_client_key: ProjectKey,
    /// `ssk_…`: for the application's servers.
    pub secret_server_key: ProjectKey,
    /// `sak_…`: for administrators.
    pub super_secret_admin_key: ProjectKey,
}

/// How an operator names a user.
pub enum NamedUser {
    Id(UserId),
    /// The sign-in address.
    Email(String),
}

impl NamedUser {
    /// Returns the id or the address.
    pub(crate) fn parse(&self) -> Result<(Option<UserId>, Option<Email>), Error> {
        match self {
            Self::Id(id) => Ok((Some(*id), None)),
            Self::Email(email) => Email::parse(email)
                .map(|email| (None, Some(email)))
                .map_err(|_| Error::invalid(Field::Email, Invalid::Email)),
        }
    }
}

impl KeySet {
    pub(super) fn generate() -> Self {
        Self {
            publishable_client_key: ProjectKey::generate("pck"),
            secret_server_key: ProjectKey::generate("ssk"),
            super_secret_admin_key: ProjectKey::generate("sak"),
        }
    }

    pub(super) fn stored(&self, id: Uuid) -> NewKeySet {
        NewKeySet {
            id,
            digests: [
                self.publishable_client_key.digest(),
                self.secret_server_key.digest(),
                self.super_secret_admin_key.digest(),
            ],
        }
    }
}

impl Domain {
    /// Creates a project with the default roles and a key set.
    pub async fn create_project(
        &self,
        name: &str,
        settings: SettingsChange,
    ) -> Result<(ProjectId, KeySet), Error> {
        let name =
            DisplayName::parse(name).map_err(|why| Error::invalid(Field::DisplayName, why))?;
        let id = ProjectId::new(self.id());
        let keys = KeySet::generate();
        let settings = ProjectSettings::default().changed(settings);
        let stored = keys.stored(self.id());
        self.store
            .create_project(id, &name, settings, Origin::Created(&stored))
            .await?;
        Ok((id, keys))
    }

    /// Returns all projects, oldest first.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        Ok(self.store.projects().await?)
    }

    /// Changes a project's switches and returns the project.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown project.
    pub async fn configure_project(
        &self,
        project: ProjectId,
        change: SettingsChange,
    ) -> Result<Project, Error> {
        let change = ProjectChange {
            settings: change,
            ..ProjectChange::default()
        };
        self.store
            .configure_project(project, None, &change)
            .await?
            .ok_or(Error::NotFound(Subject::Project))
    }

    /// Replaces a project's keys; the old ones stop working at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown project.
    pub async fn rotate_keys(&self, project: ProjectId) -> Result<KeySet, Error> {
        let keys = KeySet::generate();
        let stored = keys.stored(self.id());
        Subject::Project.check_found(self.store.rotate_keys(project, &stored).await?)?;
        Ok(keys)
    }

    /// Creates a user.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown project; [`Error::Invalid`].
    pub async fn create_user(
        &self,
        project: ProjectId,
        email: &str,
        password: String,
        name: Option<&str>,
    ) -> Result<UserId, Error> {
        self.insert_user(project, email, password, name, false)
            .await
    }

    /// Creates a project administrator.
    ///
    /// # Errors
    /// As [`Self::create_user`].
    pub async fn create_project_admin(
        &self,
        project: ProjectId,
        email: &str,
        password: String,
        name: Option<&str>,
    ) -> Result<UserId, Error> {
        self.insert_user(project, email, password, name, true).await
    }

    /// Makes the user with this sign-in address a project administrator, or removes these rights.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such user; [`Error::Invalid`].
    pub async fn set_project_admin(
        &self,
        project: ProjectId,
        email: &str,
        admin: bool,
    ) -> Result<(), Error> {
        let email =
            Email::parse(email).map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
        let found = self.store.set_project_admin(project, &email, admin).await?;
        Subject::User.check_found(found)
    }

    /// Lets a user sign in again who is locked out by failures: forgets them, and returns how many they were.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such user; [`Error::Invalid`].
    pub async fn end_sign_in_lock(
        &self,
        project: ProjectId,
        user: &NamedUser,
    ) -> Result<(UserId, i64), Error> {
        let (id, email) = user.parse()?;
        self.store
            .end_sign_in_lock(project, id, email.as_ref())
            .await?
            .ok_or(Error::NotFound(Subject::User))
    }

    async fn insert_user(
        &self,
        project: ProjectId,
        email: &str,
        password: String,
        name: Option<&str>,
        admin: bool,
    ) -> Result<UserId, Error> {
        let email =
            Email::parse(email).map_err(|_| Error::invalid(Field::Email, Invalid::Email))?;
        account::check_new_password(&password)
            .map_err(|why| Error::invalid(Field::Password, why))?;
        let name = name
            .map(DisplayName::parse)
            .transpose()
            .map_err(|why| Error::invalid(Field::DisplayName, why))?;
        let hash = self.hash_password("operator", password).await?;
        let user = UserId::new(self.id());
        let created = self
            .store
            .create_user(project, user, &email, &hash, name.as_ref(), admin)
            .await?;
        Subject::Project.check_found(created)?;
        Ok(user)
    }
}
