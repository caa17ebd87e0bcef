//! `"Team"`, `"TeamMember"` and `"TeamMemberDirectPermission"`.

use latchkey_model::expiry::Millis;
use uuid::Uuid;

use super::snapshot::SourceRow;

/// A team of the source.
#[derive(sqlx::FromRow)]
pub struct SourceTeam {
    pub id: Uuid,
    pub display_name: Option<String>,
    pub profile_image_url: Option<String>,
    pub client_metadata: Option<String>,
    pub client_read_only_metadata: Option<String>,
    pub server_metadata: Option<String>,
    pub created_at: Option<Millis>,
}

impl SourceRow for SourceTeam {
    const LIST: &'static str = concat!(
        r#"DECLARE list NO SCROLL CURSOR FOR
    SELECT t."teamId" AS id, t."displayName" AS display_name, t."profileImageUrl" AS profile_image_url,
        t."clientMetadata"::text AS client_metadata,
        t."clientReadOnlyMetadata"::text AS client_read_only_metadata,
        t."serverMetadata"::text AS server_metadata, "#,
        millis!(r#"t."createdAt""#),
        r#" AS created_at
    FROM "Team" t
    WHERE t."tenancyId" = $1
    ORDER BY t."teamId""#
    );
}

/// A user in a team of the source.
#[derive(sqlx::FromRow)]
pub struct SourceMembership {
    pub team: Uuid,
    pub user: Uuid,
    /// Whether it is the user's selected team.
    pub is_selected: bool,
    pub created_at: Option<Millis>,
}

impl SourceRow for SourceMembership {
    const LIST: &'static str = concat!(
        r#"DECLARE list NO SCROLL CURSOR FOR
    SELECT m."teamId" AS team, m."projectUserId" AS "user", "#,
        flag!(r#"m."isSelected""#),
        " AS is_selected, ",
        millis!(r#"m."createdAt""#),
        r#" AS created_at
    FROM "TeamMember" m
    WHERE m."tenancyId" = $1
    ORDER BY m."projectUserId", m."teamId""#
    );
}

/// A permission that a member of the source was granted directly.
#[derive(sqlx::FromRow)]
pub struct SourceGrant {
    pub team: Uuid,
    pub user: Uuid,
    pub permission: String,
}

impl SourceRow for SourceGrant {
    const LIST: &'static str = r#"DECLARE list NO SCROLL CURSOR FOR
    SELECT DISTINCT g."projectUserId" AS "user", g."teamId" AS team, g."permissionId" AS permission
    FROM "TeamMemberDirectPermission" g
    WHERE g."tenancyId" = $1 AND g."permissionId" IS NOT NULL
    ORDER BY "user", team, permission"#;
}
