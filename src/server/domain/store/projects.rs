//! `projects`, `project_key_sets` and the standard roles.

use latchkey_model::{id::ProjectId, permission};
use uuid::Uuid;

use super::Store;
use crate::domain::{
    Error,
    accounts::{Project, ProjectSettings},
    operator::{KeySet, SettingsChange},
};

#[expect(clippy::struct_excessive_bools, reason = "the columns of the table")]
struct Row {
    project_id: Uuid,
    display_name: String,
    allow_user_api_keys: bool,
    allow_team_api_keys: bool,
    sign_up_enabled: bool,
    credential_enabled: bool,
    client_team_creation_enabled: bool,
    client_user_deletion_enabled: bool,
}

impl From<Row> for Project {
    fn from(row: Row) -> Self {
        Self {
            id: ProjectId::new(row.project_id),
            display_name: row.display_name,
            settings: ProjectSettings {
                allow_user_api_keys: row.allow_user_api_keys,
                allow_team_api_keys: row.allow_team_api_keys,
                sign_up_enabled: row.sign_up_enabled,
                credential_enabled: row.credential_enabled,
                client_team_creation_enabled: row.client_team_creation_enabled,
                client_user_deletion_enabled: row.client_user_deletion_enabled,
            },
        }
    }
}

/// The roles of a new project and what they contain, as two lists of the same length.
fn default_roles() -> (Vec<String>, Vec<String>) {
    permission::DEFAULT_ROLES
        .iter()
        .flat_map(|(role, contained)| {
            contained
                .iter()
                .map(|permission| ((*role).to_owned(), (*permission).to_owned()))
        })
        .unzip()
}

impl Store {
    pub(in crate::domain) async fn create_project(
        &self,
        id: ProjectId,
        name: &str,
        settings: SettingsChange,
        key_set_id: Uuid,
        keys: &KeySet,
    ) -> Result<(), Error> {
        let [publishable, secret, admin] = keys.digests();
        let (roles, contained) = default_roles();
        sqlx::query!(
            "WITH project AS (
                INSERT INTO projects (
                    project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                    credential_enabled, client_team_creation_enabled, client_user_deletion_enabled
                )
                VALUES (
                    $1, $2, COALESCE($3, false), COALESCE($4, false), COALESCE($5, true),
                    COALESCE($6, true), COALESCE($7, false), COALESCE($8, false)
                )
                RETURNING project_id
            ), key_set AS (
                INSERT INTO project_key_sets (
                    project_id, key_set_id, publishable_client_key_digest,
                    secret_server_key_digest, super_secret_admin_key_digest
                )
                SELECT project_id, $9, $10, $11, $12 FROM project
            ), roles AS (
                INSERT INTO permission_definitions (project_id, permission_id)
                SELECT DISTINCT project_id, role FROM project, unnest($13::text[]) AS role
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT project_id, r.role, r.contained
                FROM project, unnest($13::text[], $14::text[]) AS r (role, contained)
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, 'project.created', project_id FROM project",
            id.uuid(),
            name,
            settings.allow_user_api_keys,
            settings.allow_team_api_keys,
            settings.sign_up_enabled,
            settings.credential_enabled,
            settings.client_team_creation_enabled,
            settings.client_user_deletion_enabled,
            key_set_id,
            publishable.as_bytes(),
            secret.as_bytes(),
            admin.as_bytes(),
            &roles,
            &contained,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(in crate::domain) async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        let row = sqlx::query_as!(
            Row,
            "SELECT project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                credential_enabled, client_team_creation_enabled, client_user_deletion_enabled
             FROM projects WHERE project_id = $1",
            id.uuid(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Project::from))
    }

    pub(in crate::domain) async fn projects(&self) -> Result<Vec<Project>, Error> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                credential_enabled, client_team_creation_enabled, client_user_deletion_enabled
             FROM projects ORDER BY created_at_millis, project_id",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(Project::from).collect())
    }

    pub(in crate::domain) async fn oldest_project(&self) -> Result<Option<Project>, Error> {
        let row = sqlx::query_as!(
            Row,
            "SELECT project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                credential_enabled, client_team_creation_enabled, client_user_deletion_enabled
             FROM projects ORDER BY created_at_millis, project_id LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Project::from))
    }

    pub(in crate::domain) async fn configure_project(
        &self,
        id: ProjectId,
        change: SettingsChange,
    ) -> Result<Option<Project>, Error> {
        let row = sqlx::query_as!(
            Row,
            "WITH changed AS (
                UPDATE projects SET
                    allow_user_api_keys = COALESCE($2, allow_user_api_keys),
                    allow_team_api_keys = COALESCE($3, allow_team_api_keys),
                    sign_up_enabled = COALESCE($4, sign_up_enabled),
                    credential_enabled = COALESCE($5, credential_enabled),
                    client_team_creation_enabled = COALESCE($6, client_team_creation_enabled),
                    client_user_deletion_enabled = COALESCE($7, client_user_deletion_enabled)
                WHERE project_id = $1
                RETURNING *
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT project_id, 'project.configured', project_id FROM changed
                WHERE num_nonnulls($2::boolean, $3::boolean, $4::boolean, $5::boolean, $6::boolean, $7::boolean) > 0
            )
            SELECT project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                credential_enabled, client_team_creation_enabled, client_user_deletion_enabled
            FROM changed",
            id.uuid(),
            change.allow_user_api_keys,
            change.allow_team_api_keys,
            change.sign_up_enabled,
            change.credential_enabled,
            change.client_team_creation_enabled,
            change.client_user_deletion_enabled,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Project::from))
    }

    pub(in crate::domain) async fn rotate_keys(
        &self,
        id: ProjectId,
        key_set_id: Uuid,
        keys: &KeySet,
    ) -> Result<(), Error> {
        let [publishable, secret, admin] = keys.digests();
        let written = sqlx::query!(
            "WITH old AS (
                DELETE FROM project_key_sets WHERE project_id = $1
            ), fresh AS (
                INSERT INTO project_key_sets (
                    project_id, key_set_id, publishable_client_key_digest,
                    secret_server_key_digest, super_secret_admin_key_digest
                )
                SELECT project_id, $2, $3, $4, $5 FROM projects WHERE project_id = $1
                RETURNING project_id, key_set_id
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, 'project.keys_rotated', key_set_id FROM fresh",
            id.uuid(),
            key_set_id,
            publishable.as_bytes(),
            secret.as_bytes(),
            admin.as_bytes(),
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        if written == 0 {
            Err(Error::NotFound)
        } else {
            Ok(())
        }
    }
}
