//! Checks that the tables and columns that are read exist.

use crate::pool::Within as _;
use std::{collections::BTreeSet, fmt};

use super::snapshot::{Snapshot, SourceError};

/// The required type of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Uuid,
    Text,
    Time,
    Json,
    Boolean,
    /// An enum or a text; read as text.
    Label,
    /// `TRUE` or null, of any type.
    Flag,
}

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "a uuid",
            Self::Text => "text",
            Self::Time => "a timestamp",
            Self::Json => "json or jsonb",
            Self::Boolean => "a boolean",
            Self::Label => "an enum or text",
            Self::Flag => "an enum, text or boolean",
        }
    }

    fn fits(self, name: &str, is_enum: bool, is_text: bool) -> bool {
        match self {
            Self::Uuid => name == "uuid",
            Self::Text => is_text,
            Self::Time => matches!(name, "timestamp" | "timestamptz"),
            Self::Json => matches!(name, "json" | "jsonb"),
            Self::Boolean => name == "bool",
            Self::Label => is_enum || is_text,
            Self::Flag => is_enum || is_text || name == "bool",
        }
    }
}

const RELIED_ON: &[(&str, &[(&str, Shape)])] = &[
    (
        "Project",
        &[
            ("id", Shape::Text),
            ("displayName", Shape::Text),
            ("createdAt", Shape::Time),
        ],
    ),
    (
        "Tenancy",
        &[
            ("id", Shape::Uuid),
            ("projectId", Shape::Text),
            ("branchId", Shape::Text),
            ("organizationId", Shape::Uuid),
        ],
    ),
    (
        "ProjectUser",
        &[
            ("tenancyId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
            ("displayName", Shape::Text),
            ("profileImageUrl", Shape::Text),
            ("clientMetadata", Shape::Json),
            ("clientReadOnlyMetadata", Shape::Json),
            ("serverMetadata", Shape::Json),
            ("signedUpAt", Shape::Time),
            ("lastActiveAt", Shape::Time),
            ("createdAt", Shape::Time),
            ("isAnonymous", Shape::Boolean),
        ],
    ),
    (
        "ContactChannel",
        &[
            ("tenancyId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
            ("id", Shape::Uuid),
            ("type", Shape::Label),
            ("value", Shape::Text),
            ("isPrimary", Shape::Flag),
            ("usedForAuth", Shape::Flag),
            ("isVerified", Shape::Boolean),
        ],
    ),
    (
        "PasswordAuthMethod",
        &[
            ("tenancyId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
            ("passwordHash", Shape::Text),
        ],
    ),
    (
        "Team",
        &[
            ("tenancyId", Shape::Uuid),
            ("teamId", Shape::Uuid),
            ("displayName", Shape::Text),
            ("profileImageUrl", Shape::Text),
            ("clientMetadata", Shape::Json),
            ("clientReadOnlyMetadata", Shape::Json),
            ("serverMetadata", Shape::Json),
            ("createdAt", Shape::Time),
        ],
    ),
    (
        "TeamMember",
        &[
            ("tenancyId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
            ("teamId", Shape::Uuid),
            ("isSelected", Shape::Flag),
            ("createdAt", Shape::Time),
        ],
    ),
    (
        "TeamMemberDirectPermission",
        &[
            ("tenancyId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
            ("teamId", Shape::Uuid),
            ("permissionId", Shape::Text),
        ],
    ),
    (
        "ProjectApiKey",
        &[
            ("tenancyId", Shape::Uuid),
            ("id", Shape::Uuid),
            ("secretApiKey", Shape::Text),
            ("description", Shape::Text),
            ("isPublic", Shape::Boolean),
            ("createdAt", Shape::Time),
            ("expiresAt", Shape::Time),
            ("manuallyRevokedAt", Shape::Time),
            ("teamId", Shape::Uuid),
            ("projectUserId", Shape::Uuid),
        ],
    ),
];

/// A difference from the expected schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(sqlx::FromRow)]
struct Found {
    has_table: bool,
    /// `None` if there is no such column.
    type_name: Option<String>,
    shown_type: Option<String>,
    is_enum: Option<bool>,
    is_text: Option<bool>,
    readable: Option<bool>,
}

fn mismatch(table: &str, column: &str, shape: Shape, found: &Found) -> Option<Mismatch> {
    let place = format!("\"{table}\".\"{column}\"");
    let Some(name) = &found.type_name else {
        return Some(Mismatch(if found.has_table {
            format!("{place}: there is no such column")
        } else {
            format!("\"{table}\": there is no such table, or this role does not see it")
        }));
    };
    if found.readable != Some(true) {
        return Some(Mismatch(format!("{place}: this role may not read it")));
    }
    let fits = shape.fits(
        name,
        found.is_enum == Some(true),
        found.is_text == Some(true),
    );
    (!fits).then(|| {
        Mismatch(format!(
            "{place}: it is {}, and should be {}",
            found.shown_type.as_deref().unwrap_or(name),
            shape.name()
        ))
    })
}

impl Snapshot {
    /// Returns all differences from the expected schema.
    pub async fn mismatches(&mut self) -> Result<Vec<Mismatch>, SourceError> {
        let relied_on: Vec<_> = RELIED_ON
            .iter()
            .flat_map(|(table, columns)| {
                columns
                    .iter()
                    .map(|(column, shape)| (*table, *column, *shape))
            })
            .collect();
        let tables: Vec<_> = relied_on.iter().map(|(table, ..)| *table).collect();
        let columns: Vec<_> = relied_on.iter().map(|(_, column, _)| *column).collect();
        let found: Vec<Found> = sqlx::query_as(
            "SELECT c.oid IS NOT NULL AS has_table, t.typname::text AS type_name,
                format_type(a.atttypid, a.atttypmod) AS shown_type, t.typtype = 'e' AS is_enum,
                t.typcategory = 'S' AS is_text, has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS e (table_name, column_name, n)
            LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(e.table_name))
                AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = e.column_name
                AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_type d ON d.oid = a.atttypid
            LEFT JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
            ORDER BY e.n",
        )
        .bind(&tables)
        .bind(&columns)
        .fetch_all(&mut self.connection)
        .within(self.deadline)
        .await?;
        // A set, so that a missing table is reported only once.
        let mismatches: BTreeSet<_> = relied_on
            .iter()
            .zip(&found)
            .filter_map(|((table, column, shape), found)| mismatch(table, column, *shape, found))
            .collect();
        Ok(mismatches.into_iter().collect())
    }
}
