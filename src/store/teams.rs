//! `teams`, `memberships` and `team_permission_grants`.

use latchkey_model::{
    id::{CreationToken, TeamId, UserId},
    permission,
};
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
    caller::UserRef,
    team::{MEMBERS_SHOWN, Member, NewTeam, Team, TeamBody, TeamChange, TeamCreator},
};

/// The most teams, of those that exist, that a user can create for themselves.
const MAX_TEAMS: i64 = 100;

pub enum TeamCreation {
    /// Now, or before by the same form.
    Created(Box<TeamBody>),
    /// The user has created this many teams, the most that one may.
    TooMany(i64),
}

/// The result of removing a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// This user is not in the team.
    NotMember(UserId),
    NoTeam,
}

/// Converts the decision of `team_gate` into a result that names the permission.
fn authorize_in_team(
    denial: Option<Denial>,
    actor: Option<Uuid>,
    team: TeamId,
    permission: &'static str,
) -> Result<(), Error> {
    match (denial, actor) {
        (Some(Denial::PermissionRequired), Some(actor)) => Err(Error::PermissionRequired {
            user: UserId::new(actor),
            team,
            permission,
        }),
        _ => authorize(denial),
    }
}

impl Store {
    pub async fn team(&self, caller: &Caller, team: TeamId) -> Result<Option<Team>, Error> {
        let row = sqlx::query!(
            r#"SELECT t.display_name, held.permissions AS "permissions!",
                CASE WHEN $3 = ANY(held.permissions) THEN
                    (SELECT count(*) FROM memberships c WHERE c.project_id = $1.project_id AND c.team_id = $2)
                ELSE 0 END AS "member_count!",
                CASE WHEN $3 = ANY(held.permissions) THEN COALESCE((
                    SELECT jsonb_agg(jsonb_build_object(
                        'user_id', u.user_id, 'display_name', u.display_name, 'email', u.primary_email,
                        'permissions', COALESCE((
                            SELECT jsonb_agg(g.permission_id ORDER BY g.permission_id COLLATE "C")
                            FROM team_permission_grants g
                            WHERE g.project_id = $1.project_id AND g.team_id = $2 AND g.user_id = u.user_id
                        ), '[]')
                    ) ORDER BY m.created_at_millis, m.user_id)
                    FROM (
                        SELECT * FROM memberships
                        WHERE project_id = $1.project_id AND team_id = $2
                        ORDER BY created_at_millis, user_id LIMIT $4
                    ) m
                    JOIN users u USING (project_id, user_id)
                ), '[]') ELSE '[]' END AS "members!: Json<Vec<Member>>"
            FROM team_gate($1, $2, NULL) g
            JOIN memberships mine ON g.denial IS NULL AND mine.project_id = $1.project_id AND mine.team_id = $2
                AND mine.user_id = g.actor_user_id
            JOIN teams t USING (project_id, team_id)
            CROSS JOIN LATERAL (
                SELECT ARRAY(SELECT p COLLATE "C" FROM team_permissions($1.project_id, $2, mine.user_id) p ORDER BY 1) AS permissions
            ) held"#, CallerParameter::from(caller) as _,
            team.uuid(),
            permission::READ_MEMBERS,
            MEMBERS_SHOWN,
        )
        .fetch_optional(self.read(caller))
        .await?;
        Ok(row.map(|row| Team {
            id: team,
            display_name: row.display_name,
            permissions: row.permissions,
            members: row.members.0,
            member_count: row.member_count,
        }))
    }

    pub async fn team_body(
        &self,
        caller: &Caller,
        team: TeamId,
    ) -> Result<Option<TeamBody>, Error> {
        let row = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", team_body(t) AS "body: Json<TeamBody>"
            FROM team_gate($1, $2, NULL) g
            LEFT JOIN teams t ON g.denial IS NULL AND t.project_id = $1.project_id AND t.team_id = $2"#,
            CallerParameter::from(caller) as _,
            team.uuid(),
        )
        .fetch_one(self.read(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// A creation token creates at most one team. For people, `team_limit_reached` waits for other creations by the
    /// same user and counts what they left.
    pub async fn create_team(
        &self,
        caller: &Caller,
        team: TeamId,
        new: &NewTeam,
        creator: TeamCreator,
        token: Option<CreationToken>,
    ) -> Result<TeamCreation, Error> {
        let named = match creator {
            TeamCreator::User(user) => Some(user.uuid()),
            TeamCreator::Caller | TeamCreator::Me => None,
        };
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT a.user_id AS me, a.is_privileged,
                    CASE
                        WHEN a.denial IS NOT NULL THEN a.denial
                        WHEN a.is_privileged THEN CASE WHEN $5 AND a.user_id IS NULL THEN 'own_user_missing'::denial END
                        WHEN NOT p.client_team_creation_enabled THEN 'team_creation_off'
                        WHEN a.user_id IS NULL THEN 'user_required'
                        WHEN $4 <> a.user_id THEN 'other_creator'
                    END AS denial,
                    COALESCE($4, CASE WHEN $5 OR NOT a.is_privileged THEN a.user_id END) AS creator
                FROM caller_gate($1) a LEFT JOIN projects p ON p.project_id = $1.project_id
            ), yes AS MATERIALIZED (
                SELECT a.*, CASE WHEN NOT a.is_privileged
                    THEN team_limit_reached($1.project_id, a.me, $7, $8) ELSE false END AS is_full
                FROM a WHERE denial IS NULL
            ), made AS (
                INSERT INTO teams AS t (
                    project_id, team_id, display_name, profile_image_url, client_metadata,
                    client_read_only_metadata, server_metadata, created_by_user_id, creation_token
                )
                SELECT $1.project_id, $2, $3::jsonb->>'display_name', $3->>'profile_image_url',
                    NULLIF($3->'client_metadata', 'null'), NULLIF($3->'client_read_only_metadata', 'null'),
                    NULLIF($3->'server_metadata', 'null'), CASE WHEN NOT is_privileged THEN me END, $7
                FROM yes WHERE NOT is_full
                ON CONFLICT ON CONSTRAINT teams_creation_token_unique DO UPDATE SET display_name = t.display_name
                RETURNING t AS body, t.team_id = $2 AS is_new
            ), new AS (
                SELECT yes.* FROM yes, made WHERE made.is_new
            ), membership AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT $1.project_id, $2, creator FROM new WHERE creator IS NOT NULL
            ), role AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1.project_id, $2, creator, $6 FROM new WHERE creator IS NOT NULL
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, me, 'team.created', $2 FROM new
            )
            SELECT a.denial AS "denial: Denial", EXISTS (SELECT FROM yes WHERE is_full) AS "full!",
                team_body(made.body) AS "body: Json<TeamBody>"
            FROM a LEFT JOIN made ON true"#, CallerParameter::from(caller) as _,
            team.uuid(),
            Json(new) as _,
            named,
            matches!(creator, TeamCreator::Me),
            permission::TEAM_ADMIN,
            token.map(CreationToken::uuid),
            MAX_TEAMS,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        if row.full {
            return Ok(TeamCreation::TooMany(MAX_TEAMS));
        }
        let team = row.body.ok_or_else(Error::no_row)?.0;
        Ok(TeamCreation::Created(Box::new(team)))
    }

    pub async fn change_team(
        &self,
        caller: &Caller,
        team: TeamId,
        change: &TeamChange,
    ) -> Result<Option<TeamBody>, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM team_gate($1, $2, $4)
            ), changed AS (
                UPDATE teams AS t SET
                    display_name = COALESCE($3::jsonb->>'display_name', t.display_name),
                    profile_image_url = CASE WHEN $3 ? 'profile_image_url' THEN $3->>'profile_image_url'
                        ELSE t.profile_image_url END,
                    client_metadata = CASE WHEN $3 ? 'client_metadata'
                        THEN NULLIF($3->'client_metadata', 'null') ELSE t.client_metadata END,
                    client_read_only_metadata = CASE WHEN $3 ? 'client_read_only_metadata'
                        THEN NULLIF($3->'client_read_only_metadata', 'null') ELSE t.client_read_only_metadata END,
                    server_metadata = CASE WHEN $3 ? 'server_metadata'
                        THEN NULLIF($3->'server_metadata', 'null') ELSE t.server_metadata END
                FROM a
                WHERE a.denial IS NULL AND t.project_id = $1.project_id AND t.team_id = $2
                RETURNING t AS body
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, CASE WHEN $3 ? 'display_name' THEN 'team.renamed' ELSE 'team.changed' END, $2
                FROM changed, a WHERE $3 <> '{}'::jsonb
            )
            SELECT a.denial AS "denial: Denial", a.actor_user_id, team_body(c.body) AS "body: Json<TeamBody>"
            FROM a LEFT JOIN changed c ON true"#, CallerParameter::from(caller) as _,
            team.uuid(),
            Json(change) as _,
            permission::UPDATE_TEAM,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize_in_team(row.denial, row.actor_user_id, team, permission::UPDATE_TEAM)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Returns whether the team existed.
    pub async fn delete_team(&self, caller: &Caller, team: TeamId) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM team_gate($1, $2, $3)
            ), gone AS (
                DELETE FROM teams t USING a
                WHERE a.denial IS NULL AND t.project_id = $1.project_id AND t.team_id = $2
                RETURNING t.team_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'team.deleted', gone.team_id FROM gone, a
            )
            SELECT denial AS "denial: Denial", actor_user_id, EXISTS (SELECT FROM gone) AS "gone!" FROM a"#,
            CallerParameter::from(caller) as _,
            team.uuid(),
            permission::DELETE_TEAM,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize_in_team(row.denial, row.actor_user_id, team, permission::DELETE_TEAM)?;
        Ok(row.gone)
    }

    pub async fn add_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
    ) -> Result<UserId, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM server_gate($1, $3)
            ), made AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT $1.project_id, $2, a.subject_user_id FROM a
                WHERE a.denial IS NULL AND a.subject_user_id IS NOT NULL
                RETURNING user_id
            ), role AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT $1.project_id, $2, user_id, $4 FROM made
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'team.member_added', made.user_id FROM made, a
            )
            SELECT a.denial AS "denial: Denial", made.user_id AS "user_id?" FROM a LEFT JOIN made ON true"#,
            CallerParameter::from(caller) as _,
            team.uuid(),
            who.id().map(UserId::uuid),
            permission::TEAM_MEMBER,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        row.user_id
            .map(UserId::new)
            .ok_or(Error::Denied(Denial::OwnUserMissing))
    }

    pub async fn remove_member(
        &self,
        caller: &Caller,
        team: TeamId,
        who: UserRef,
    ) -> Result<Removal, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT *, COALESCE($3, actor_user_id) AS target FROM team_gate($1, $2, $4)
            ), gone AS (
                DELETE FROM memberships m USING a
                WHERE m.project_id = $1.project_id AND m.team_id = $2 AND m.user_id = a.target
                    AND (a.denial IS NULL OR (a.denial = 'permission_required' AND a.target = a.actor_user_id))
                RETURNING m.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'team.member_removed', gone.user_id FROM gone, a
            )
            SELECT a.denial AS "denial: Denial", a.actor_user_id, a.target, EXISTS (SELECT FROM gone) AS "gone!",
                EXISTS (
                    SELECT FROM teams t WHERE t.project_id = $1.project_id AND t.team_id = $2
                ) AS "team_exists!"
            FROM a"#,
            CallerParameter::from(caller) as _,
            team.uuid(),
            who.id().map(UserId::uuid),
            permission::REMOVE_MEMBERS,
        )
        .fetch_one(self.write(caller))
        .await?;
        if row.gone {
            return Ok(Removal::Removed);
        }
        let Some(target) = row.target.map(UserId::new) else {
            return Err(Error::Denied(match row.denial {
                None | Some(Denial::UserRequired) => Denial::OwnUserMissing,
                Some(denial) => denial,
            }));
        };
        let means_itself = row.target == row.actor_user_id;
        if row.denial == Some(Denial::TeamNotFound) && means_itself && row.team_exists {
            return Ok(Removal::NotMember(target));
        }
        authorize_in_team(
            row.denial,
            row.actor_user_id,
            team,
            permission::REMOVE_MEMBERS,
        )?;
        Ok(if row.team_exists {
            Removal::NotMember(target)
        } else {
            Removal::NoTeam
        })
    }
}
