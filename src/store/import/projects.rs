//! `projects` and `project_key_sets`.

use latchkey_model::{account::DisplayName, id::ProjectId};

use crate::error::Error;
use crate::projects::NewKeySet;
use crate::{pool::Store, projects::default_roles};
use latchkey_model::project::SettingsChange;

impl Store {
    /// Makes a project with the standard roles and without a key set; whether it was not here. It is
    /// as old as its arrival: the oldest is the one that people sign in to, and stays so.
    pub async fn import_project(
        &self,
        id: ProjectId,
        name: &DisplayName,
        settings: SettingsChange,
    ) -> Result<bool, Error> {
        let (roles, contained) = default_roles();
        let written = sqlx::query!(
            "WITH project AS (
                INSERT INTO projects (
                    project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                    credential_enabled, client_team_creation_enabled, client_user_deletion_enabled,
                    require_publishable_client_key, allow_localhost
                )
                VALUES (
                    $1, $2, COALESCE($3, false), COALESCE($4, false), COALESCE($5, true),
                    COALESCE($6, true), COALESCE($7, false), COALESCE($8, false),
                    COALESCE($9, false), COALESCE($10, true)
                )
                ON CONFLICT (project_id) DO NOTHING
                RETURNING project_id
            ), roles AS (
                INSERT INTO permission_definitions (project_id, permission_id)
                SELECT DISTINCT project_id, role FROM project, unnest($11::text[]) AS role
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT project_id, r.role, r.contained
                FROM project, unnest($11::text[], $12::text[]) AS r (role, contained)
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, 'project.imported', project_id FROM project",
            id.uuid(),
            name.as_str(),
            settings.allow_user_api_keys,
            settings.allow_team_api_keys,
            settings.sign_up_enabled,
            settings.credential_enabled,
            settings.client_team_creation_enabled,
            settings.client_user_deletion_enabled,
            settings.require_publishable_client_key,
            settings.allow_localhost,
            &roles,
            &contained,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(written > 0)
    }

    /// Gives a project that has no key set this one; whether it had none. The set has the project's
    /// own id, so that of two imports that end at once only one gives a set.
    pub async fn give_first_keys(&self, id: ProjectId, keys: &NewKeySet) -> Result<bool, Error> {
        let [publishable, secret, admin] = &keys.digests;
        let written = sqlx::query!(
            "WITH given AS (
                INSERT INTO project_key_sets (
                    project_id, key_set_id, publishable_client_key_digest,
                    secret_server_key_digest, super_secret_admin_key_digest
                )
                SELECT p.project_id, p.project_id, $2, $3, $4 FROM projects p
                WHERE p.project_id = $1
                    AND NOT EXISTS (SELECT FROM project_key_sets k WHERE k.project_id = p.project_id)
                ON CONFLICT (project_id, key_set_id) DO NOTHING
                RETURNING project_id, key_set_id
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, 'project.keys_given', key_set_id FROM given",
            id.uuid(),
            publishable.as_bytes(),
            secret.as_bytes(),
            admin.as_bytes(),
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(written > 0)
    }

    /// The permissions that a project defines.
    pub async fn defined_permissions(&self, id: ProjectId) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar!(
            "SELECT permission_id FROM permission_definitions WHERE project_id = $1",
            id.uuid(),
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
