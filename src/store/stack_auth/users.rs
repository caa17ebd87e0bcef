//! `"ProjectUser"`, with `"ContactChannel"` and `"PasswordAuthMethod"`.

use latchkey_model::expiry::Millis;
use uuid::Uuid;

use super::snapshot::SourceRow;

/// A user of the source.
#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct SourceUser {
    pub id: Uuid,
    pub display_name: Option<String>,
    pub profile_image_url: Option<String>,
    pub client_metadata: Option<String>,
    pub client_read_only_metadata: Option<String>,
    pub server_metadata: Option<String>,
    pub signed_up_at: Option<Millis>,
    pub last_active_at: Option<Millis>,
    pub is_anonymous: bool,
    /// The primary address, or else one that the user signs in with.
    pub email: Option<String>,
    pub email_verified: bool,
    pub email_signs_in: bool,
    /// Whether the user signs in with this address and is the first who does.
    pub email_is_first: bool,
    /// Number of other addresses that the user signs in with.
    pub other_addresses: i64,
    pub password_hash: Option<String>,
}

impl SourceRow for SourceUser {
    /// If several users have the same address, those who have verified it come first, then the
    /// oldest.
    const LIST: &'static str = concat!(
        r#"DECLARE list NO SCROLL CURSOR FOR
    WITH channels AS (
        SELECT c."projectUserId" AS user_id, c.id, c.value, COALESCE(c."isVerified", false) AS verified, "#,
        flag!(r#"c."isPrimary""#),
        " AS is_primary, ",
        flag!(r#"c."usedForAuth""#),
        r#" AS signs_in
        FROM "ContactChannel" c
        WHERE c."tenancyId" = $1 AND c.type::text = 'EMAIL'
    ), chosen AS (
        SELECT DISTINCT ON (user_id) user_id, value, verified, signs_in,
            count(*) FILTER (WHERE signs_in) OVER (PARTITION BY user_id) - signs_in::int AS others
        FROM channels
        WHERE is_primary OR signs_in
        ORDER BY user_id, is_primary DESC, signs_in DESC, verified DESC, id
    ), ranked AS (
        SELECT c.*, row_number() OVER (
            PARTITION BY lower(btrim(c.value)), c.signs_in ORDER BY c.verified DESC, u."createdAt", c.user_id
        ) = 1 AS is_first
        FROM chosen c
        JOIN "ProjectUser" u ON u."tenancyId" = $1 AND u."projectUserId" = c.user_id
    ), passwords AS (
        SELECT p."projectUserId" AS user_id, min(p."passwordHash") AS hash
        FROM "PasswordAuthMethod" p
        WHERE p."tenancyId" = $1
        GROUP BY p."projectUserId"
    )
    SELECT u."projectUserId" AS id, u."displayName" AS display_name, u."profileImageUrl" AS profile_image_url,
        u."clientMetadata"::text AS client_metadata,
        u."clientReadOnlyMetadata"::text AS client_read_only_metadata,
        u."serverMetadata"::text AS server_metadata, "#,
        "COALESCE(",
        millis!(r#"u."signedUpAt""#),
        ", ",
        millis!(r#"u."createdAt""#),
        ") AS signed_up_at, ",
        millis!(r#"u."lastActiveAt""#),
        r#" AS last_active_at,
        COALESCE(u."isAnonymous", false) AS is_anonymous, r.value AS email,
        COALESCE(r.verified, false) AS email_verified, COALESCE(r.signs_in, false) AS email_signs_in,
        COALESCE(r.is_first, false) AS email_is_first, COALESCE(r.others, 0) AS other_addresses,
        p.hash AS password_hash
    FROM "ProjectUser" u
    LEFT JOIN ranked r ON r.user_id = u."projectUserId"
    LEFT JOIN passwords p ON p.user_id = u."projectUserId"
    WHERE u."tenancyId" = $1
    ORDER BY u."projectUserId""#
    );
}
