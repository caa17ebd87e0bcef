//! `"Project"` and `"Tenancy"`.

use crate::pool::Within as _;
use uuid::Uuid;

use super::snapshot::{Snapshot, SourceError};

/// A project of the source.
#[derive(sqlx::FromRow)]
pub struct ProjectRow {
    pub id: String,
    pub display_name: Option<String>,
    /// The tenancy of its data; `None` if it has no branch `main`.
    pub tenancy: Option<Uuid>,
    /// Number of other branches, which are not imported.
    pub other_tenancies: i64,
}

impl Snapshot {
    /// All projects, oldest first.
    pub async fn projects(&mut self) -> Result<Vec<ProjectRow>, SourceError> {
        Ok(sqlx::query_as(
            r#"SELECT p.id, p."displayName" AS display_name, t.id AS tenancy,
                (
                    SELECT count(*) FROM "Tenancy" o WHERE o."projectId" = p.id AND o.id IS DISTINCT FROM t.id
                ) AS other_tenancies
            FROM "Project" p
            LEFT JOIN LATERAL (
                SELECT m.id FROM "Tenancy" m
                WHERE m."projectId" = p.id AND m."branchId" = 'main' AND m."organizationId" IS NULL
                ORDER BY m.id
                LIMIT 1
            ) t ON true
            ORDER BY p."createdAt", p.id"#,
        )
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?)
    }

    /// Returns whether there are user keys and team keys that are valid now.
    pub async fn has_working_keys(&mut self, tenancy: Uuid) -> Result<(bool, bool), SourceError> {
        Ok(sqlx::query_as(
            r#"SELECT COALESCE(bool_or("projectUserId" IS NOT NULL), false), COALESCE(bool_or("teamId" IS NOT NULL), false)
            FROM "ProjectApiKey"
            WHERE "tenancyId" = $1 AND "manuallyRevokedAt" IS NULL
                AND ("expiresAt" IS NULL OR "expiresAt" > LOCALTIMESTAMP)"#,
        )
        .bind(tenancy)
        .fetch_one(&mut self.connection)
        .within(self.deadline)
        .await?)
    }
}
