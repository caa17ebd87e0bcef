//! `team_permission_grants`, `permission_definitions` and `permission_containments`.

use latchkey_model::{
    id::{TeamId, UserId},
    permission,
};
use sqlx::types::Json;

use super::{Store, allowed, may_list};
use crate::Error;
use latchkey_model::{
    caller::Caller,
    permission::{DefinitionChange, HeldPermission, PermissionDefinition, PermissionListing},
    user::Who,
};

const MEMBERSHIP: &str = "team_permission_grants_project_id_team_id_user_id_fkey";
const DEFINITION: &str = "permission_definitions_pkey";

/// The system's permissions, for statements that know only the project's.
fn system() -> Vec<String> {
    permission::SYSTEM.map(str::to_owned).to_vec()
}

fn taken(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .and_then(|error| error.constraint())
    {
        Some(DEFINITION) => Error::PermissionExists,
        _ => error.into(),
    }
}

impl Store {
    pub async fn held_permissions(
        &self,
        caller: &Caller,
        listing: &PermissionListing,
    ) -> Result<Vec<HeldPermission>, Error> {
        let rows = asked_by!(
            caller,
            r#"SELECT a.refusal, a.may_all AS "may_all!", a.user_id AS me, l.permission_id AS "permission_id?",
                l.user_id AS "user_id?", l.team_id AS "team_id?"
            FROM asking($1, $2, $3, $4, $5, $6) a
            LEFT JOIN LATERAL (
                SELECT held.permission_id, m.user_id, m.team_id
                FROM memberships m
                CROSS JOIN LATERAL (
                    SELECT p AS permission_id FROM team_permissions($1, m.team_id, m.user_id) p WHERE $10
                    UNION ALL
                    SELECT g.permission_id FROM team_permission_grants g
                    WHERE NOT $10 AND g.project_id = $1 AND g.team_id = m.team_id AND g.user_id = m.user_id
                ) held
                WHERE a.refusal IS NULL AND m.project_id = $1 AND ($7::uuid IS NULL OR m.team_id = $7)
                    AND CASE WHEN $11 THEN m.user_id = COALESCE($8, a.user_id) ELSE true END
                    AND (a.may_all OR m.user_id = a.user_id)
                    AND ($9::text IS NULL OR held.permission_id = $9)
            ) l ON true
            ORDER BY l.permission_id COLLATE "C", l.team_id, l.user_id"#,
            listing.team.map(TeamId::uuid),
            listing.who.and_then(Who::id).map(UserId::uuid),
            listing.permission,
            listing.recursive,
            listing.who.is_some(),
        )
        .fetch_all(&self.pool)
        .await?;
        if let Some(first) = rows.first() {
            allowed(first.refusal.as_deref())?;
            may_list(listing.who, first.me, first.may_all)?;
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(HeldPermission {
                    id: row.permission_id?,
                    user: UserId::new(row.user_id?),
                    team: TeamId::new(row.team_id?),
                })
            })
            .collect())
    }

    pub async fn grant(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
        id: &str,
    ) -> Result<UserId, Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT a.refusal, a.may_all, a.user_id, COALESCE($8, a.user_id) AS target,
                    $9 = ANY($10::text[]) OR EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1 AND d.permission_id = $9
                    ) AS is_known
                FROM asking($1, $2, $3, $4, $5, $6) a
            ), made AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1, $7, target, $9 FROM a
                WHERE refusal IS NULL AND may_all AND is_known AND target IS NOT NULL
                ON CONFLICT DO NOTHING
                RETURNING user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'permission.granted', made.user_id FROM made, a
            )
            SELECT refusal, may_all AS "may_all!", target, is_known AS "is_known!" FROM a"#,
            team.uuid(),
            who.id().map(UserId::uuid),
            id,
            &system(),
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| {
            let constraint = error
                .as_database_error()
                .and_then(|error| error.constraint());
            match (constraint, who.id().or(caller.token_user())) {
                (Some(MEMBERSHIP), Some(user)) => Error::MembershipNotFound { user, team },
                _ => error.into(),
            }
        })?;
        allowed(row.refusal.as_deref())?;
        if !row.may_all {
            return Err(Error::UserRequired);
        }
        if !row.is_known {
            return Err(Error::PermissionNotFound);
        }
        row.target.map(UserId::new).ok_or(Error::NoOwnUser)
    }

    pub async fn take_back(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
        id: &str,
    ) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT *, COALESCE($8, user_id) AS target FROM asking($1, $2, $3, $4, $5, $6)
            ), gone AS (
                DELETE FROM team_permission_grants g USING a
                WHERE a.refusal IS NULL AND a.may_all AND g.project_id = $1 AND g.team_id = $7
                    AND g.user_id = a.target AND g.permission_id = $9
                RETURNING g.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'permission.taken_back', gone.user_id FROM gone, a
            )
            SELECT refusal, target, EXISTS (SELECT FROM gone) AS "gone!" FROM a"#,
            team.uuid(),
            who.id().map(UserId::uuid),
            id,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        match (row.gone, row.target) {
            (true, _) => Ok(()),
            (false, None) => Err(Error::NoOwnUser),
            (false, Some(_)) => Err(Error::PermissionNotHeld),
        }
    }

    pub async fn permission_definitions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<PermissionDefinition>, Error> {
        let row = asked_by!(
            caller,
            r#"SELECT a.refusal, (
                SELECT COALESCE(jsonb_agg(jsonb_build_object(
                    'id', d.permission_id, 'description', d.description,
                    'contained_permission_ids', COALESCE((
                        SELECT jsonb_agg(c.contained_permission_id ORDER BY c.contained_permission_id COLLATE "C")
                        FROM permission_containments c
                        WHERE c.project_id = $1 AND c.permission_id = d.permission_id
                    ), '[]')
                )), '[]')
                FROM permission_definitions d WHERE a.refusal IS NULL AND d.project_id = $1
            ) AS "definitions!: Json<Vec<PermissionDefinition>>"
            FROM project_gate($1, $2, $3, $4, $5, $6) a"#,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        Ok(row.definitions.0)
    }

    pub async fn define_permission(
        &self,
        caller: &Caller,
        new: &PermissionDefinition,
    ) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT a.refusal, a.actor_user_id, NOT EXISTS (
                    SELECT FROM unnest($9::text[]) AS c (id)
                    WHERE c.id <> ALL($10::text[]) AND c.id <> $7 AND NOT EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1 AND d.permission_id = c.id
                    )
                ) AS are_known
                FROM project_gate($1, $2, $3, $4, $5, $6) a
            ), made AS (
                INSERT INTO permission_definitions (project_id, permission_id, description)
                SELECT $1, $7, $8 FROM a WHERE refusal IS NULL AND are_known
                RETURNING permission_id
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT DISTINCT $1, made.permission_id, c.id FROM made, unnest($9::text[]) AS c (id)
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.actor_user_id, 'permission.defined', $1 FROM made, a
            )
            SELECT refusal, are_known AS "are_known!" FROM a"#,
            new.id,
            new.description,
            &new.contained_permission_ids,
            &system(),
        )
        .fetch_one(&self.pool)
        .await
        .map_err(taken)?;
        allowed(row.refusal.as_deref())?;
        if row.are_known {
            Ok(())
        } else {
            Err(Error::PermissionNotFound)
        }
    }

    /// Whoever holds the permission, or contains it, follows it to its new name, as far as they do
    /// not have that already. What it contains itself follows by the foreign key.
    pub async fn redefine_permission(
        &self,
        caller: &Caller,
        id: &str,
        change: &DefinitionChange,
    ) -> Result<PermissionDefinition, Error> {
        let new_id = change.id.as_deref().unwrap_or(id);
        let follow = |contained: &[String]| -> Vec<String> {
            let names = contained.iter().map(String::as_str);
            names
                .map(|name| if name == id { new_id } else { name }.to_owned())
                .collect()
        };
        let wanted = change.contained_permission_ids.as_deref().map(follow);
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT a.refusal, a.actor_user_id, NOT EXISTS (
                    SELECT FROM unnest($11::text[]) AS c (id)
                    WHERE c.id <> ALL($12::text[]) AND c.id <> $8 AND NOT EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1 AND d.permission_id = c.id
                    )
                ) AS are_known
                FROM project_gate($1, $2, $3, $4, $5, $6) a
            ), before AS (
                SELECT COALESCE($11::text[], ARRAY(
                    SELECT c.contained_permission_id FROM permission_containments c
                    WHERE c.project_id = $1 AND c.permission_id = $7
                )) AS contained
            ), changed AS (
                UPDATE permission_definitions d SET
                    permission_id = $8,
                    description = CASE WHEN $9 THEN $10 ELSE d.description END
                FROM a
                WHERE a.refusal IS NULL AND a.are_known AND d.project_id = $1 AND d.permission_id = $7
                RETURNING d.permission_id, d.description
            ), gone AS (
                DELETE FROM permission_containments c USING changed
                WHERE $11::text[] IS NOT NULL AND c.project_id = $1 AND c.permission_id = $7
                    AND ($8 <> $7 OR c.contained_permission_id <> ALL($11::text[]))
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT DISTINCT $1, changed.permission_id, c.id FROM changed, unnest($11::text[]) AS c (id)
                ON CONFLICT DO NOTHING
            ), containers AS (
                UPDATE permission_containments c SET contained_permission_id = changed.permission_id
                FROM changed
                WHERE $8 <> $7 AND c.project_id = $1 AND c.contained_permission_id = $7
                    AND ($11::text[] IS NULL OR c.permission_id <> $7)
                    AND NOT EXISTS (
                        SELECT FROM permission_containments o
                        WHERE o.project_id = $1 AND o.permission_id = c.permission_id AND o.contained_permission_id = $8
                    )
            ), grants AS (
                UPDATE team_permission_grants g SET permission_id = changed.permission_id
                FROM changed
                WHERE $8 <> $7 AND g.project_id = $1 AND g.permission_id = $7
                    AND NOT EXISTS (
                        SELECT FROM team_permission_grants o
                        WHERE o.project_id = $1 AND o.team_id = g.team_id AND o.user_id = g.user_id
                            AND o.permission_id = $8
                    )
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.actor_user_id, 'permission.redefined', $1 FROM changed, a
            )
            SELECT a.refusal, a.are_known AS "are_known!", c.permission_id AS "permission_id?",
                c.description AS "description?", b.contained AS "contained!"
            FROM a CROSS JOIN before b LEFT JOIN changed c ON true"#,
            id,
            new_id,
            change.description.is_some(),
            change.description.clone().flatten(),
            wanted.as_deref(),
            &system(),
        )
        .fetch_one(&self.pool)
        .await
        .map_err(taken)?;
        allowed(row.refusal.as_deref())?;
        let mut contained = follow(&row.contained);
        contained.sort();
        contained.dedup();
        Ok(PermissionDefinition {
            id: row.permission_id.ok_or(Error::PermissionNotFound)?,
            description: row.description,
            contained_permission_ids: contained,
        })
    }

    pub async fn delete_permission(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM project_gate($1, $2, $3, $4, $5, $6)
            ), gone AS (
                DELETE FROM permission_definitions d USING a
                WHERE a.refusal IS NULL AND d.project_id = $1 AND d.permission_id = $7
                RETURNING d.permission_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.actor_user_id, 'permission.deleted', $1 FROM gone, a
            )
            SELECT refusal, EXISTS (SELECT FROM gone) AS "gone!" FROM a"#,
            id,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        if row.gone {
            Ok(())
        } else {
            Err(Error::PermissionNotFound)
        }
    }
}
