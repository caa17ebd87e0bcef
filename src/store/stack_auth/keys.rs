//! `"ProjectApiKey"`, which stores secrets in clear.

use latchkey_model::{expiry::Millis, key_text};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::snapshot::SourceRow;

use latchkey_model::digest::Digest;

/// A key of the source, without its secret.
pub struct SourceKey {
    pub id: Uuid,
    /// The parts of the secret to keep; `None` if the key could never pass a check here.
    pub kept: Option<Kept>,
    pub description: Option<String>,
    pub is_public: bool,
    pub created_at: Option<Millis>,
    pub expires_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
    pub user: Option<Uuid>,
    pub team: Option<Uuid>,
}

/// The parts of a secret to keep.
pub struct Kept {
    pub digest: Digest,
    pub last_four: String,
}

impl FromRow<'_, PgRow> for SourceKey {
    /// The secret is borrowed from the response only until it is digested.
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let secret: Option<&str> = row.try_get("secret")?;
        let kept = secret
            .filter(|secret| key_text::read(secret).is_some())
            .map(|secret| Kept {
                digest: Digest::of(secret),
                last_four: key_text::last_four(secret).to_owned(),
            });
        Ok(Self {
            id: row.try_get("id")?,
            kept,
            description: row.try_get("description")?,
            is_public: row.try_get("is_public")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
            user: row.try_get("user")?,
            team: row.try_get("team")?,
        })
    }
}

impl SourceRow for SourceKey {
    const LIST: &'static str = concat!(
        r#"DECLARE list NO SCROLL CURSOR FOR
    SELECT k.id, k."secretApiKey" AS secret, k.description, COALESCE(k."isPublic", false) AS is_public, "#,
        millis!(r#"k."createdAt""#),
        " AS created_at, ",
        millis!(r#"k."expiresAt""#),
        " AS expires_at, ",
        millis!(r#"k."manuallyRevokedAt""#),
        r#" AS revoked_at, k."projectUserId" AS "user", k."teamId" AS team
    FROM "ProjectApiKey" k
    WHERE k."tenancyId" = $1
    ORDER BY k.id"#
    );
}
