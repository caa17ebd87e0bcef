//! Permissions of team members, and the permissions that a project defines.

use latchkey_model::{
    id::TeamId,
    permission,
    permission::{DefinitionChange, HeldPermission, PermissionDefinition},
};

use super::{Domain, Error, Subject};
use latchkey_model::caller::{Caller, UserRef};

impl Domain {
    /// Grants a member a permission; granting it again changes nothing. For servers.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn grant_permission(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
        permission: &str,
    ) -> Result<HeldPermission, Error> {
        let user = self
            .store
            .grant_permission(caller, team, who, permission)
            .await
            .map_err(|error| Error::of_membership(error, caller.user_of(who), team))?
            .ok_or(Error::NotFound(Subject::Permission))?;
        Ok(HeldPermission {
            id: permission.to_owned(),
            user,
            team,
        })
    }

    /// Revokes a directly granted permission. For servers.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn revoke_permission(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
        permission: &str,
    ) -> Result<(), Error> {
        let held = self
            .store
            .revoke_permission(caller, team, who, permission)
            .await?;
        Subject::PermissionGrant.check_found(held)
    }

    /// Returns the permissions defined by the system and by the project, sorted by name. For
    /// administrators.
    pub async fn permission_definitions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<PermissionDefinition>, Error> {
        let mut all = self.store.permission_definitions(caller).await?;
        all.extend(permission::SYSTEM.map(|id| PermissionDefinition {
            id: id.to_owned(),
            description: None,
            contained_permission_ids: Vec::new(),
        }));
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(all)
    }

    /// Defines a permission. For administrators.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`]; [`Error::NotFound`] for a contained permission.
    pub async fn define_permission(
        &self,
        caller: &Caller,
        new: &PermissionDefinition,
    ) -> Result<(), Error> {
        Subject::Permission.check_found(self.store.define_permission(caller, new).await?)
    }

    /// Changes the definition of the permission `id`. Renaming it also renames its grants. For
    /// administrators.
    ///
    /// # Errors
    /// As [`Self::define_permission`]; [`Error::NotFound`].
    pub async fn redefine_permission(
        &self,
        caller: &Caller,
        id: &str,
        change: &DefinitionChange,
    ) -> Result<PermissionDefinition, Error> {
        self.store
            .redefine_permission(caller, id, change)
            .await?
            .ok_or(Error::NotFound(Subject::Permission))
    }

    /// Deletes a definition. Its permission no longer allows anything. For administrators.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_permission(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        Subject::Permission.check_found(self.store.delete_permission(caller, id).await?)
    }
}
