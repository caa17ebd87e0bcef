//! `projects` and `project_key_sets`.

use latchkey_model::id::ProjectId;

use crate::{error::Error, pool::Store, projects::NewKeySet};

impl Store {
    /// Inserts the first key set of a project, and returns whether there was none. The set has the
    /// project's ID, so of two concurrent imports only one inserts a set.
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

    pub async fn defined_permissions(&self, id: ProjectId) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar!(
            "SELECT permission_id FROM permission_definitions WHERE project_id = $1",
            id.uuid(),
        )
        .fetch_all(self.pool.read())
        .await?)
    }
}
