//! `team_permission_grants`, `permission_definitions` and `permission_containments`.

use latchkey_model::{
    id::{TeamId, UserId},
    permission,
};
use sqlx::types::Json;

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
};
use latchkey_model::{
    caller::Caller,
    caller::UserRef,
    permission::{DefinitionChange, HeldPermission, PermissionDefinition, PermissionListing},
};

/// The system's permissions, which are in no table.
fn system() -> Vec<String> {
    permission::SYSTEM.map(str::to_owned).to_vec()
}

impl Store {
    /// Returns the next permissions of a list after this one, at most `most`.
    pub async fn permissions_after(
        &self,
        caller: &Caller,
        listing: &PermissionListing,
        after: Option<&HeldPermission>,
        most: u32,
    ) -> Result<Vec<HeldPermission>, Error> {
        let rows = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", l.permission_id AS "permission_id?",
                l.user_id AS "user_id?", l.team_id AS "team_id?"
            FROM user_gate($1, $3, $6) g
            LEFT JOIN LATERAL (
                SELECT held.permission_id, m.user_id, m.team_id
                FROM memberships m
                CROSS JOIN LATERAL (
                    SELECT p AS permission_id FROM team_permissions($1.project_id, m.team_id, m.user_id) p WHERE $5
                    UNION ALL
                    SELECT d.permission_id FROM team_permission_grants d
                    WHERE NOT $5 AND d.project_id = $1.project_id AND d.team_id = m.team_id AND d.user_id = m.user_id
                ) held
                WHERE g.denial IS NULL AND m.project_id = $1.project_id AND ($2::uuid IS NULL OR m.team_id = $2)
                    AND ($6 OR m.user_id = g.subject_user_id)
                    AND ($4::text IS NULL OR held.permission_id = $4)
                    AND ($7::text IS NULL
                        OR (held.permission_id COLLATE "C", m.team_id, m.user_id) > ($7 COLLATE "C", $8::uuid, $9::uuid))
                ORDER BY held.permission_id COLLATE "C", m.team_id, m.user_id
                LIMIT $10
            ) l ON true
            ORDER BY l.permission_id COLLATE "C", l.team_id, l.user_id"#, CallerParameter::from(caller) as _,
            listing.team.map(TeamId::uuid),
            listing.who.and_then(UserRef::id).map(UserId::uuid),
            listing.permission,
            listing.recursive,
            listing.who.is_none(),
            after.map(|after| after.id.as_str()),
            after.map(|after| after.team.uuid()),
            after.map(|after| after.user.uuid()),
            i64::from(most),
        )
        .fetch_all(self.read(caller))
        .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
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

    /// `None` if there is no such permission.
    pub async fn grant_permission(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
        id: &str,
    ) -> Result<Option<UserId>, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT a.denial, a.actor_user_id, a.subject_user_id AS target,
                    $4 = ANY($5::text[]) OR EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1.project_id AND d.permission_id = $4
                    ) AS is_known
                FROM server_gate($1, $3) a
            ), made AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1.project_id, $2, target, $4 FROM a
                WHERE denial IS NULL AND is_known AND target IS NOT NULL
                ON CONFLICT DO NOTHING
                RETURNING user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'permission.granted', made.user_id FROM made, a
            )
            SELECT denial AS "denial: Denial", target, is_known AS "is_known!" FROM a"#, CallerParameter::from(caller) as _,
            team.uuid(),
            who.id().map(UserId::uuid),
            id,
            &system(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        if !row.is_known {
            return Ok(None);
        }
        let target = row.target.ok_or(Error::Denied(Denial::OwnUserMissing))?;
        Ok(Some(UserId::new(target)))
    }

    /// Returns whether the permission was granted directly.
    pub async fn revoke_permission(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
        id: &str,
    ) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT *, subject_user_id AS target FROM server_gate($1, $3)
            ), gone AS (
                DELETE FROM team_permission_grants g USING a
                WHERE a.denial IS NULL AND g.project_id = $1.project_id AND g.team_id = $2
                    AND g.user_id = a.target AND g.permission_id = $4
                RETURNING g.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'permission.taken_back', gone.user_id FROM gone, a
            )
            SELECT denial AS "denial: Denial", target, EXISTS (SELECT FROM gone) AS "gone!" FROM a"#, CallerParameter::from(caller) as _,
            team.uuid(),
            who.id().map(UserId::uuid),
            id,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        if row.target.is_none() {
            return Err(Error::Denied(Denial::OwnUserMissing));
        }
        Ok(row.gone)
    }

    pub async fn permission_definitions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<PermissionDefinition>, Error> {
        let row = sqlx::query!(
            r#"SELECT a.denial AS "denial: Denial", (
                SELECT COALESCE(jsonb_agg(jsonb_build_object(
                    'id', d.permission_id, 'description', d.description,
                    'contained_permission_ids', COALESCE((
                        SELECT jsonb_agg(c.contained_permission_id ORDER BY c.contained_permission_id COLLATE "C")
                        FROM permission_containments c
                        WHERE c.project_id = $1.project_id AND c.permission_id = d.permission_id
                    ), '[]')
                )), '[]')
                FROM permission_definitions d WHERE a.denial IS NULL AND d.project_id = $1.project_id
            ) AS "definitions!: Json<Vec<PermissionDefinition>>"
            FROM project_gate($1) a"#, CallerParameter::from(caller) as _,
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.definitions.0)
    }

    /// Returns whether all contained permissions exist.
    pub async fn define_permission(
        &self,
        caller: &Caller,
        new: &PermissionDefinition,
    ) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT a.denial, a.actor_user_id, NOT EXISTS (
                    SELECT FROM unnest($4::text[]) AS c (id)
                    WHERE c.id <> ALL($5::text[]) AND c.id <> $2 AND NOT EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1.project_id AND d.permission_id = c.id
                    )
                ) AS are_known
                FROM project_gate($1) a
            ), made AS (
                INSERT INTO permission_definitions (project_id, permission_id, description)
                SELECT $1.project_id, $2, $3 FROM a WHERE denial IS NULL AND are_known
                RETURNING permission_id
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT DISTINCT $1.project_id, made.permission_id, c.id FROM made, unnest($4::text[]) AS c (id)
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'permission.defined', $1.project_id FROM made, a
            )
            SELECT denial AS "denial: Denial", are_known AS "are_known!" FROM a"#, CallerParameter::from(caller) as _,
            new.id,
            new.description,
            &new.contained_permission_ids,
            &system(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.are_known)
    }

    /// Renaming a permission also renames it in grants and in permissions that contain it, unless
    /// they already have the new name. Contained permissions follow by their foreign key. `None` if
    /// the permission, or one of the contained ones, does not exist.
    pub async fn redefine_permission(
        &self,
        caller: &Caller,
        id: &str,
        change: &DefinitionChange,
    ) -> Result<Option<PermissionDefinition>, Error> {
        let new_id = change.id.as_deref().unwrap_or(id);
        let follow = |contained: &[String]| -> Vec<String> {
            let names = contained.iter().map(String::as_str);
            names
                .map(|name| if name == id { new_id } else { name }.to_owned())
                .collect()
        };
        let wanted = change.contained_permission_ids.as_deref().map(follow);
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT a.denial, a.actor_user_id, NOT EXISTS (
                    SELECT FROM unnest($6::text[]) AS c (id)
                    WHERE c.id <> ALL($7::text[]) AND c.id <> $3 AND NOT EXISTS (
                        SELECT FROM permission_definitions d WHERE d.project_id = $1.project_id AND d.permission_id = c.id
                    )
                ) AS are_known
                FROM project_gate($1) a
            ), before AS (
                SELECT COALESCE($6::text[], ARRAY(
                    SELECT c.contained_permission_id FROM permission_containments c
                    WHERE c.project_id = $1.project_id AND c.permission_id = $2
                )) AS contained
            ), changed AS (
                UPDATE permission_definitions d SET
                    permission_id = $3,
                    description = CASE WHEN $4 THEN $5 ELSE d.description END
                FROM a
                WHERE a.denial IS NULL AND a.are_known AND d.project_id = $1.project_id AND d.permission_id = $2
                RETURNING d.permission_id, d.description
            ), gone AS (
                DELETE FROM permission_containments c USING changed
                WHERE $6::text[] IS NOT NULL AND c.project_id = $1.project_id AND c.permission_id = $2
                    AND ($3 <> $2 OR c.contained_permission_id <> ALL($6::text[]))
            ), contained AS (
                INSERT INTO permission_containments (project_id, permission_id, contained_permission_id)
                SELECT DISTINCT $1.project_id, changed.permission_id, c.id FROM changed, unnest($6::text[]) AS c (id)
                ON CONFLICT DO NOTHING
            ), containers AS (
                UPDATE permission_containments c SET contained_permission_id = changed.permission_id
                FROM changed
                WHERE $3 <> $2 AND c.project_id = $1.project_id AND c.contained_permission_id = $2
                    AND ($6::text[] IS NULL OR c.permission_id <> $2)
                    AND NOT EXISTS (
                        SELECT FROM permission_containments o
                        WHERE o.project_id = $1.project_id AND o.permission_id = c.permission_id AND o.contained_permission_id = $3
                    )
            ), grants AS (
                UPDATE team_permission_grants g SET permission_id = changed.permission_id
                FROM changed
                WHERE $3 <> $2 AND g.project_id = $1.project_id AND g.permission_id = $2
                    AND NOT EXISTS (
                        SELECT FROM team_permission_grants o
                        WHERE o.project_id = $1.project_id AND o.team_id = g.team_id AND o.user_id = g.user_id
                            AND o.permission_id = $3
                    )
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'permission.redefined', $1.project_id FROM changed, a
            )
            SELECT a.denial AS "denial: Denial", a.are_known AS "are_known!", c.permission_id AS "permission_id?",
                c.description AS "description?", b.contained AS "contained!"
            FROM a CROSS JOIN before b LEFT JOIN changed c ON true"#, CallerParameter::from(caller) as _,
            id,
            new_id,
            !change.description.is_keep(),
            change.description.as_ref().set(),
            wanted.as_deref(),
            &system(),
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        let mut contained = follow(&row.contained);
        contained.sort();
        contained.dedup();
        Ok(row.permission_id.map(|id| PermissionDefinition {
            id,
            description: row.description,
            contained_permission_ids: contained,
        }))
    }

    /// Returns whether the definition existed.
    pub async fn delete_permission(&self, caller: &Caller, id: &str) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM project_gate($1)
            ), gone AS (
                DELETE FROM permission_definitions d USING a
                WHERE a.denial IS NULL AND d.project_id = $1.project_id AND d.permission_id = $2
                RETURNING d.permission_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'permission.deleted', $1.project_id FROM gone, a
            )
            SELECT denial AS "denial: Denial", EXISTS (SELECT FROM gone) AS "gone!" FROM a"#, CallerParameter::from(caller) as _,
            id,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.gone)
    }
}
