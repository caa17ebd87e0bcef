//! `projects`, `project_key_sets` and the default roles.

use latchkey_model::{account::DisplayName, digest::Digest, id::ProjectId, permission};
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    caller::Caller,
    project::{Project, ProjectChange, ProjectSettings},
};

/// The default roles and the permissions they contain, as two lists of the same length.
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

/// The digests of a project's keys: publishable client, secret server, super secret admin.
pub struct NewKeySet {
    pub id: Uuid,
    pub digests: [Digest; 3],
}

/// Where a project comes from.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// Created here, with these keys.
    Created(&'a NewKeySet),
    /// Imported; the keys are added at the end of the import.
    Imported,
}

impl Store {
    /// Creates a project with the default roles, and returns whether the ID was new. The creation
    /// time is that of this database: the oldest project is the default for signing in.
    pub async fn create_project(
        &self,
        id: ProjectId,
        name: &DisplayName,
        settings: ProjectSettings,
        origin: Origin<'_>,
    ) -> Result<bool, Error> {
        let (action, keys) = match origin {
            Origin::Created(keys) => ("project.created", Some(keys)),
            Origin::Imported => ("project.imported", None),
        };
        let digests = keys.map(|keys| keys.digests.each_ref().map(Digest::as_bytes));
        let (roles, contained) = default_roles();
        let written = sqlx::query!(
            "WITH project AS (
                INSERT INTO projects (
                    project_id, display_name, allow_user_api_keys, allow_team_api_keys, sign_up_enabled,
                    credential_enabled, client_team_creation_enabled, client_user_deletion_enabled,
                    require_publishable_client_key, allow_localhost
                )
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (project_id) DO NOTHING
                RETURNING project_id
            ), key_set AS (
                INSERT INTO project_key_sets (
                    project_id, key_set_id, publishable_client_key_digest,
                    secret_server_key_digest, super_secret_admin_key_digest
                )
                SELECT project_id, $11, $12, $13, $14 FROM project WHERE $11::uuid IS NOT NULL
            ), roles AS (
                INSERT INTO permission_definitions (project_id, permission_id)
                SELECT DISTINCT project_id, role FROM project, unnest($15::text[]) AS role
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT project_id, r.role, r.contained
                FROM project, unnest($15::text[], $16::text[]) AS r (role, contained)
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, $17, project_id FROM project",
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
            keys.map(|keys| keys.id),
            digests.map(|digests| digests[0]),
            digests.map(|digests| digests[1]),
            digests.map(|digests| digests[2]),
            &roles,
            &contained,
            action,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(written > 0)
    }

    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>, Error> {
        let body = sqlx::query_scalar!(
            r#"SELECT project_body(p) AS "body!: Json<Project>" FROM projects p WHERE p.project_id = $1"#,
            id.uuid(),
        )
        .fetch_optional(self.pool.read())
        .await?;
        Ok(body.map(|body| body.0))
    }

    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let bodies = sqlx::query_scalar!(
            r#"SELECT project_body(p) AS "body!: Json<Project>" FROM projects p
            ORDER BY p.created_at_millis, p.project_id"#,
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(bodies.into_iter().map(|body| body.0).collect())
    }

    pub async fn oldest_project(&self) -> Result<Option<Project>, Error> {
        let body = sqlx::query_scalar!(
            r#"SELECT project_body(p) AS "body!: Json<Project>" FROM projects p
            ORDER BY p.created_at_millis, p.project_id LIMIT 1"#,
        )
        .fetch_optional(self.pool.read())
        .await?;
        Ok(body.map(|body| body.0))
    }

    /// Returns the caller's project.
    pub async fn current_project(&self, caller: &Caller) -> Result<Option<Project>, Error> {
        let row = sqlx::query!(
            r#"SELECT a.denial AS "denial: Denial", project_body(p) AS "body: Json<Project>"
            FROM caller_gate($1) a
            LEFT JOIN projects p ON a.denial IS NULL AND p.project_id = $1.project_id"#,
            CallerParameter::from(caller) as _,
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Changes the project for an administrator, or for the operator if `caller` is `None`.
    pub async fn configure_project(
        &self,
        id: ProjectId,
        caller: Option<&Caller>,
        change: &ProjectChange,
    ) -> Result<Option<Project>, Error> {
        let switches = &change.settings;
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT denial, actor_user_id FROM project_gate($2::caller) WHERE $2 IS DISTINCT FROM NULL
                UNION ALL
                SELECT NULL, NULL WHERE $2 IS NOT DISTINCT FROM NULL
            ), changed AS (
                UPDATE projects AS p SET
                    allow_user_api_keys = COALESCE($3, allow_user_api_keys),
                    allow_team_api_keys = COALESCE($4, allow_team_api_keys),
                    sign_up_enabled = COALESCE($5, sign_up_enabled),
                    credential_enabled = COALESCE($6, credential_enabled),
                    client_team_creation_enabled = COALESCE($7, client_team_creation_enabled),
                    client_user_deletion_enabled = COALESCE($8, client_user_deletion_enabled),
                    require_publishable_client_key = COALESCE($9, require_publishable_client_key),
                    allow_localhost = COALESCE($10, allow_localhost),
                    display_name = COALESCE($11, display_name),
                    domains = COALESCE($12, domains)
                FROM a
                WHERE a.denial IS NULL AND p.project_id = $1
                RETURNING p AS project, a.actor_user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, actor_user_id, 'project.configured', $1 FROM changed
                WHERE num_nonnulls(
                    $3::boolean, $4::boolean, $5::boolean, $6::boolean, $7::boolean, $8::boolean, $9::boolean,
                    $10::boolean, $11::text, $12::jsonb
                ) > 0
            )
            SELECT a.denial AS "denial: Denial", project_body(c.project) AS "body: Json<Project>" FROM a LEFT JOIN changed c ON true"#,
            id.uuid(),
            caller.map(CallerParameter::from) as _,
            switches.allow_user_api_keys,
            switches.allow_team_api_keys,
            switches.sign_up_enabled,
            switches.credential_enabled,
            switches.client_team_creation_enabled,
            switches.client_user_deletion_enabled,
            switches.require_publishable_client_key,
            switches.allow_localhost,
            change.display_name.as_ref().map(DisplayName::as_str),
            change.domains.as_ref().map(Json) as _,
        )
        .fetch_one(caller.map_or_else(|| self.pool.write(), |caller| self.write(caller)))
        .await?;
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Returns whether the project exists.
    pub async fn rotate_keys(&self, id: ProjectId, keys: &NewKeySet) -> Result<bool, Error> {
        let [publishable, secret, admin] = &keys.digests;
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
            keys.id,
            publishable.as_bytes(),
            secret.as_bytes(),
            admin.as_bytes(),
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(written > 0)
    }
}
