//! `teams`, `memberships` and `team_permission_grants`.

use latchkey_model::{
    id::{TeamId, UserId},
    permission,
};
use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Store, allowed, may_list};
use crate::{Error, Switch};
use latchkey_model::{
    caller::Caller,
    team::{Founder, MEMBERS_SHOWN, Member, Team, TeamBody, TeamListing},
    user::Who,
};

const MEMBER_USER: &str = "memberships_project_id_user_id_fkey";
const MEMBER_TEAM: &str = "memberships_project_id_team_id_fkey";
const MEMBERSHIP: &str = "memberships_pkey";

/// What a new membership can meet, named where it happens.
fn met(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .and_then(|error| error.constraint())
    {
        Some(MEMBER_USER) => Error::UserNotFound,
        Some(MEMBER_TEAM) => Error::TeamNotFound,
        Some(MEMBERSHIP) => Error::AlreadyMember,
        _ => error.into(),
    }
}

/// Why a change to a team did not happen: there is nobody who could be in it, it is not the caller's,
/// or they lack a permission.
fn denied(
    caller: &Caller,
    team: TeamId,
    me: Option<Uuid>,
    is_member: bool,
    permission: &'static str,
) -> Error {
    match me {
        Some(me) if is_member => Error::PermissionRequired {
            user: UserId::new(me),
            team,
            permission,
        },
        None if !caller.may_all() => Error::UserRequired,
        _ => Error::TeamNotFound,
    }
}

impl Store {
    pub async fn team(&self, caller: &Caller, team: TeamId) -> Result<Option<Team>, Error> {
        let row = asked_by!(
            caller,
            r#"SELECT t.display_name, held.permissions AS "permissions!",
                CASE WHEN $8 = ANY(held.permissions) THEN
                    (SELECT count(*) FROM memberships c WHERE c.project_id = $1 AND c.team_id = $7)
                ELSE 0 END AS "member_count!",
                CASE WHEN $8 = ANY(held.permissions) THEN COALESCE((
                    SELECT jsonb_agg(jsonb_build_object(
                        'user_id', u.user_id, 'display_name', u.display_name, 'email', u.primary_email,
                        'permissions', COALESCE((
                            SELECT jsonb_agg(g.permission_id ORDER BY g.permission_id COLLATE "C")
                            FROM team_permission_grants g
                            WHERE g.project_id = $1 AND g.team_id = $7 AND g.user_id = u.user_id
                        ), '[]')
                    ) ORDER BY m.created_at_millis, m.user_id)
                    FROM (
                        SELECT * FROM memberships
                        WHERE project_id = $1 AND team_id = $7
                        ORDER BY created_at_millis, user_id LIMIT $9
                    ) m
                    JOIN users u USING (project_id, user_id)
                ), '[]') ELSE '[]' END AS "members!: Json<Vec<Member>>"
            FROM asking($1, $2, $3, $4, $5, $6) a
            JOIN memberships mine ON a.refusal IS NULL AND mine.project_id = $1 AND mine.team_id = $7
                AND mine.user_id = a.user_id
            JOIN teams t USING (project_id, team_id)
            CROSS JOIN LATERAL (
                SELECT ARRAY(SELECT p COLLATE "C" FROM team_permissions($1, $7, mine.user_id) p ORDER BY 1) AS permissions
            ) held"#,
            team.uuid(),
            permission::READ_MEMBERS,
            MEMBERS_SHOWN,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Team {
            id: team,
            display_name: row.display_name,
            permissions: row.permissions,
            members: row.members.0,
            member_count: row.member_count,
        }))
    }

    pub async fn team_body(&self, caller: &Caller, team: TeamId) -> Result<TeamBody, Error> {
        let row = asked_by!(
            caller,
            r#"SELECT a.refusal, a.may_all AS "may_all!", a.user_id AS me, team_body(t) AS "body: Json<TeamBody>"
            FROM asking($1, $2, $3, $4, $5, $6) a
            LEFT JOIN teams t ON a.refusal IS NULL AND t.project_id = $1 AND t.team_id = $7
                AND (a.may_all OR EXISTS (
                    SELECT FROM memberships m
                    WHERE m.project_id = $1 AND m.team_id = $7 AND m.user_id = a.user_id
                ))"#,
            team.uuid(),
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        match (row.body, row.me) {
            (Some(body), _) => Ok(body.0),
            (None, None) if !row.may_all => Err(Error::UserRequired),
            (None, _) => Err(Error::TeamNotFound),
        }
    }

    pub async fn teams(
        &self,
        caller: &Caller,
        listing: &TeamListing,
    ) -> Result<Vec<TeamBody>, Error> {
        let of = listing.of;
        let rows = asked_by!(
            caller,
            r#"SELECT a.refusal, a.may_all AS "may_all!", a.user_id AS me, l.body AS "body: Json<TeamBody>"
            FROM asking($1, $2, $3, $4, $5, $6) a
            LEFT JOIN LATERAL (
                SELECT team_body(t) AS body,
                    row_number() OVER (
                        ORDER BY CASE WHEN $11 THEN -t.created_at_millis ELSE t.created_at_millis END,
                            CASE WHEN $11 THEN NULL ELSE t.team_id END, t.team_id DESC
                    ) AS position
                FROM teams t
                WHERE a.refusal IS NULL AND t.project_id = $1 AND (
                    CASE WHEN $7 THEN a.may_all ELSE EXISTS (
                        SELECT FROM memberships m
                        WHERE m.project_id = $1 AND m.team_id = t.team_id AND m.user_id = COALESCE($8, a.user_id)
                            AND (a.may_all OR m.user_id = a.user_id)
                    ) END
                ) AND ($9 = '' OR t.display_name ILIKE $10 OR t.team_id::text = lower($9))
                ORDER BY position
                LIMIT $12
            ) l ON true
            ORDER BY l.position"#,
            of.is_none(),
            of.and_then(Who::id).map(UserId::uuid),
            listing.search,
            super::containing(&listing.search),
            listing.descending,
            listing.limit.map(i64::from),
        )
        .fetch_all(&self.pool)
        .await?;
        if let Some(first) = rows.first() {
            allowed(first.refusal.as_deref())?;
            may_list(of, first.me, first.may_all)?;
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| row.body.map(|body| body.0))
            .collect())
    }

    pub async fn create_team(
        &self,
        caller: &Caller,
        team: TeamId,
        fields: &Map<String, Value>,
        founder: Founder,
    ) -> Result<TeamBody, Error> {
        let named = match founder {
            Founder::User(user) => Some(user.uuid()),
            Founder::Caller | Founder::Me => None,
        };
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT a.refusal, a.user_id AS me,
                    CASE
                        WHEN a.refusal IS NOT NULL THEN NULL
                        WHEN a.may_all THEN CASE WHEN $10 AND a.user_id IS NULL THEN 'no_own_user' END
                        WHEN NOT p.client_team_creation_enabled THEN 'switched_off'
                        WHEN a.user_id IS NULL THEN 'user_required'
                        WHEN $9 <> a.user_id THEN 'not_founder'
                    END AS denial,
                    COALESCE($9, CASE WHEN $10 OR NOT a.may_all THEN a.user_id END) AS founder
                FROM asking($1, $2, $3, $4, $5, $6) a LEFT JOIN projects p ON p.project_id = $1
            ), yes AS (
                SELECT * FROM a WHERE refusal IS NULL AND denial IS NULL
            ), made AS (
                INSERT INTO teams AS t (
                    project_id, team_id, display_name, profile_image_url, client_metadata,
                    client_read_only_metadata, server_metadata
                )
                SELECT $1, $7, $8::jsonb->>'display_name', $8->>'profile_image_url',
                    NULLIF($8->'client_metadata', 'null'), NULLIF($8->'client_read_only_metadata', 'null'),
                    NULLIF($8->'server_metadata', 'null')
                FROM yes
                RETURNING t AS body
            ), membership AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT $1, $7, founder FROM yes WHERE founder IS NOT NULL
            ), role AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1, $7, founder, $11 FROM yes WHERE founder IS NOT NULL
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, me, 'team.created', $7 FROM yes
            )
            SELECT a.refusal, a.denial, team_body(made.body) AS "body: Json<TeamBody>"
            FROM a LEFT JOIN made ON true"#,
            team.uuid(),
            Value::Object(fields.clone()),
            named,
            matches!(founder, Founder::Me),
            permission::TEAM_ADMIN,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(met)?;
        allowed(row.refusal.as_deref())?;
        match row.denial.as_deref() {
            Some("switched_off") => return Err(Error::SwitchedOff(Switch::TeamCreation)),
            Some("not_founder") => return Err(Error::NotFounder),
            other => allowed(other)?,
        }
        Ok(row.body.ok_or(Error::NotFound)?.0)
    }

    pub async fn change_team(
        &self,
        caller: &Caller,
        team: TeamId,
        fields: &Map<String, Value>,
    ) -> Result<TeamBody, Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM asking($1, $2, $3, $4, $5, $6)
            ), changed AS (
                UPDATE teams AS t SET
                    display_name = COALESCE($8::jsonb->>'display_name', t.display_name),
                    profile_image_url = CASE WHEN $8 ? 'profile_image_url' THEN $8->>'profile_image_url'
                        ELSE t.profile_image_url END,
                    client_metadata = CASE WHEN $8 ? 'client_metadata'
                        THEN NULLIF($8->'client_metadata', 'null') ELSE t.client_metadata END,
                    client_read_only_metadata = CASE WHEN $8 ? 'client_read_only_metadata'
                        THEN NULLIF($8->'client_read_only_metadata', 'null') ELSE t.client_read_only_metadata END,
                    server_metadata = CASE WHEN $8 ? 'server_metadata'
                        THEN NULLIF($8->'server_metadata', 'null') ELSE t.server_metadata END
                FROM a
                WHERE a.refusal IS NULL AND t.project_id = $1 AND t.team_id = $7
                    AND (a.may_all OR $9 IN (SELECT team_permissions($1, $7, a.user_id)))
                RETURNING t AS body
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, CASE WHEN $8 ? 'display_name' THEN 'team.renamed' ELSE 'team.changed' END, $7
                FROM changed, a WHERE $8 <> '{}'::jsonb
            )
            SELECT a.refusal, a.user_id AS me, team_body(c.body) AS "body: Json<TeamBody>",
                EXISTS (
                    SELECT FROM memberships m
                    WHERE m.project_id = $1 AND m.team_id = $7 AND m.user_id = a.user_id
                ) AS "is_member!"
            FROM a LEFT JOIN changed c ON true"#,
            team.uuid(),
            Value::Object(fields.clone()),
            permission::UPDATE_TEAM,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        row.body
            .map(|body| body.0)
            .ok_or_else(|| denied(caller, team, row.me, row.is_member, permission::UPDATE_TEAM))
    }

    pub async fn delete_team(&self, caller: &Caller, team: TeamId) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM asking($1, $2, $3, $4, $5, $6)
            ), gone AS (
                DELETE FROM teams t USING a
                WHERE a.refusal IS NULL AND t.project_id = $1 AND t.team_id = $7
                    AND (a.may_all OR $8 IN (SELECT team_permissions($1, $7, a.user_id)))
                RETURNING t.team_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'team.deleted', gone.team_id FROM gone, a
            )
            SELECT a.refusal, a.user_id AS me, EXISTS (SELECT FROM gone) AS "gone!",
                EXISTS (
                    SELECT FROM memberships m
                    WHERE m.project_id = $1 AND m.team_id = $7 AND m.user_id = a.user_id
                ) AS "is_member!"
            FROM a"#,
            team.uuid(),
            permission::DELETE_TEAM,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        if row.gone {
            Ok(())
        } else {
            Err(denied(
                caller,
                team,
                row.me,
                row.is_member,
                permission::DELETE_TEAM,
            ))
        }
    }

    pub async fn add_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
    ) -> Result<UserId, Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM asking($1, $2, $3, $4, $5, $6)
            ), made AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT $1, $7, COALESCE($8, a.user_id) FROM a
                WHERE a.refusal IS NULL AND a.may_all AND COALESCE($8, a.user_id) IS NOT NULL
                RETURNING user_id
            ), role AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1, $7, user_id, $9 FROM made
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'team.member_added', made.user_id FROM made, a
            )
            SELECT a.refusal, made.user_id AS "user_id?" FROM a LEFT JOIN made ON true"#,
            team.uuid(),
            who.id().map(UserId::uuid),
            permission::TEAM_MEMBER,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(met)?;
        allowed(row.refusal.as_deref())?;
        match row.user_id {
            Some(user) => Ok(UserId::new(user)),
            None if caller.may_all() => Err(Error::NoOwnUser),
            None => Err(Error::UserRequired),
        }
    }

    pub async fn remove_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: Who,
    ) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT *, COALESCE($8, user_id) AS target FROM asking($1, $2, $3, $4, $5, $6)
            ), gone AS (
                DELETE FROM memberships m USING a
                WHERE a.refusal IS NULL AND m.project_id = $1 AND m.team_id = $7 AND m.user_id = a.target
                    AND (a.may_all OR a.target = a.user_id
                        OR $9 IN (SELECT team_permissions($1, $7, a.user_id)))
                RETURNING m.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'team.member_removed', gone.user_id FROM gone, a
            )
            SELECT a.refusal, a.may_all AS "may_all!", a.user_id AS me, a.target,
                EXISTS (SELECT FROM gone) AS "gone!",
                EXISTS (SELECT FROM teams t WHERE t.project_id = $1 AND t.team_id = $7) AS "team_exists!",
                EXISTS (
                    SELECT FROM memberships m
                    WHERE m.project_id = $1 AND m.team_id = $7 AND m.user_id = a.user_id
                ) AS "is_member!",
                $9 IN (SELECT team_permissions($1, $7, a.user_id)) AS "may_remove!"
            FROM a"#,
            team.uuid(),
            who.id().map(UserId::uuid),
            permission::REMOVE_MEMBERS,
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        let target = row.target.map(UserId::new).ok_or(Error::NoOwnUser)?;
        if row.gone {
            return Ok(());
        }
        let sees_all = row.may_all && row.team_exists;
        if sees_all
            || (row.is_member && row.may_remove)
            || (row.target == row.me && row.team_exists)
        {
            return Err(Error::MembershipNotFound { user: target, team });
        }
        Err(denied(
            caller,
            team,
            row.me,
            row.is_member,
            permission::REMOVE_MEMBERS,
        ))
    }
}
