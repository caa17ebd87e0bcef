//! `users`.

use latchkey_model::id::{ProjectId, TeamId, UserId};
use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use super::{NewSession, Store, allowed};
use crate::{Error, Field, Invalid, Switch};
use latchkey_model::{
    caller::Caller,
    user::{User, UserListing, Who},
};

const EMAIL_UNIQUE: &str = "users_primary_email_unique";
const SELECTED_TEAM: &str = "users_selected_team_is_theirs";

/// What a change can meet, named where it happens: an address that somebody signs in by already.
fn email_taken(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .and_then(|error| error.constraint())
    {
        Some(EMAIL_UNIQUE) => Error::invalid(Field::Email, Invalid::Taken),
        _ => error.into(),
    }
}

/// As [`email_taken`], and a team that the user is not in.
fn met(error: sqlx::Error, who: Option<UserId>, fields: &Map<String, Value>) -> Error {
    let team = fields
        .get("selected_team_id")
        .and_then(Value::as_str)
        .and_then(|team| team.parse::<TeamId>().ok());
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match (constraint, who, team) {
        (Some(SELECTED_TEAM), Some(user), Some(team)) => Error::MembershipNotFound { user, team },
        _ => email_taken(error),
    }
}

/// The user that a statement found.
fn found(body: Option<Json<User>>, who: Who, me: Option<Uuid>) -> Result<User, Error> {
    match (body, who, me) {
        (Some(body), ..) => Ok(body.0),
        (None, Who::Me, None) => Err(Error::NoOwnUser),
        (None, ..) => Err(Error::UserNotFound),
    }
}

impl Store {
    pub async fn create_user(
        &self,
        project: ProjectId,
        user: UserId,
        email: &str,
        password_hash: &str,
        name: Option<&str>,
        admin: bool,
    ) -> Result<(), Error> {
        let written = sqlx::query!(
            "WITH made AS (
                INSERT INTO users (project_id, user_id, primary_email, password_hash, display_name, is_project_admin)
                SELECT project_id, $2, $3, $4, $5, $6 FROM projects WHERE project_id = $1
                RETURNING project_id, user_id
            )
            INSERT INTO audit_events (project_id, action, subject_id)
            SELECT project_id, action, user_id
            FROM made, (VALUES ('user.created', true), ('user.project_admin_granted', $6)) AS e (action, happens)
            WHERE happens",
            project.uuid(),
            user.uuid(),
            email,
            password_hash,
            name,
            admin,
        )
        .execute(&self.pool)
        .await
        .map_err(email_taken)?
        .rows_affected();
        if written == 0 {
            Err(Error::NotFound)
        } else {
            Ok(())
        }
    }

    /// One address that people sign in by belongs to one user: an index of the table sees to that.
    pub async fn set_project_admin(
        &self,
        project: ProjectId,
        email: &str,
        admin: bool,
    ) -> Result<(), Error> {
        let found = sqlx::query_scalar!(
            r#"WITH target AS (
                SELECT project_id, user_id, is_project_admin FROM users
                WHERE project_id = $1 AND primary_email = $2 AND primary_email_auth_enabled
                FOR UPDATE
            ), changed AS (
                UPDATE users u SET is_project_admin = $3
                FROM target t
                WHERE u.project_id = t.project_id AND u.user_id = t.user_id AND t.is_project_admin <> $3
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT project_id, CASE WHEN $3 THEN 'user.project_admin_granted' ELSE 'user.project_admin_revoked' END,
                    user_id
                FROM target WHERE is_project_admin <> $3
            )
            SELECT EXISTS (SELECT FROM target) AS "found!""#,
            project.uuid(),
            email,
            admin,
        )
        .fetch_one(&self.pool)
        .await?;
        if found {
            Ok(())
        } else {
            Err(Error::UserNotFound)
        }
    }

    pub async fn sign_up(
        &self,
        project: ProjectId,
        user: UserId,
        email: &str,
        password_hash: &str,
        session: &NewSession<'_>,
    ) -> Result<User, Error> {
        let (former_project, former_digest) = session.former();
        let body = sqlx::query_scalar!(
            r#"WITH made AS (
                INSERT INTO users AS u (project_id, user_id, primary_email, password_hash)
                SELECT project_id, $2, $3, $4 FROM projects
                WHERE project_id = $1 AND sign_up_enabled AND credential_enabled
                RETURNING u.project_id, u.user_id, u AS body
            ), former AS (
                DELETE FROM sessions WHERE project_id = $8 AND token_digest = $9 AND EXISTS (SELECT FROM made)
            ), session AS (
                INSERT INTO sessions (project_id, user_id, session_id, token_digest, expires_at_millis)
                SELECT project_id, user_id, $5, $6, now_millis() + $7 FROM made
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, user_id, 'user.signed_up', user_id FROM made
            )
            SELECT user_body(body) AS "body!: Json<User>" FROM made"#,
            project.uuid(),
            user.uuid(),
            email,
            password_hash,
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            former_project,
            former_digest,
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(email_taken)?;
        Ok(body.ok_or(Error::SwitchedOff(Switch::SignUp))?.0)
    }

    pub async fn rename_user(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        let fields = Map::from_iter([("display_name".to_owned(), Value::from(name))]);
        self.change_user(caller, Who::Me, &fields, None).await?;
        Ok(())
    }

    pub async fn user(&self, caller: &Caller, who: Who) -> Result<User, Error> {
        let row = asked_by!(
            caller,
            r#"SELECT a.refusal, a.user_id AS me, user_body(u) AS "body: Json<User>"
            FROM asking($1, $2, $3, $4, $5, $6) a
            LEFT JOIN users u ON a.refusal IS NULL AND u.project_id = $1 AND u.user_id = COALESCE($7, a.user_id)
                AND (a.may_all OR u.user_id = a.user_id)"#,
            who.id().map(UserId::uuid),
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        found(row.body, who, row.me)
    }

    /// One more than asked for, so that it is seen whether there are more.
    pub async fn users(&self, caller: &Caller, listing: &UserListing) -> Result<Vec<User>, Error> {
        let rows = asked_by!(
            caller,
            r#"SELECT a.refusal, a.may_all AS "may_all!", l.body AS "body: Json<User>"
            FROM asking($1, $2, $3, $4, $5, $6) a
            LEFT JOIN LATERAL (
                SELECT user_body(u) AS body,
                    row_number() OVER (
                        ORDER BY CASE WHEN $9 THEN -u.signed_up_at_millis ELSE u.signed_up_at_millis END,
                            CASE WHEN $9 THEN NULL ELSE u.user_id END, u.user_id DESC
                    ) AS position
                FROM users u
                LEFT JOIN users c ON c.project_id = $1 AND c.user_id = $10
                WHERE a.refusal IS NULL AND a.may_all AND u.project_id = $1
                    AND ($7 = '' OR u.display_name ILIKE $8 OR u.primary_email ILIKE $8 OR u.user_id::text = lower($7))
                    AND ($12::uuid IS NULL OR EXISTS (
                        SELECT FROM memberships m
                        WHERE m.project_id = $1 AND m.team_id = $12 AND m.user_id = u.user_id
                    ))
                    AND ($10::uuid IS NULL OR CASE WHEN $9
                        THEN (u.signed_up_at_millis, u.user_id) < (c.signed_up_at_millis, c.user_id)
                        ELSE (u.signed_up_at_millis, u.user_id) > (c.signed_up_at_millis, c.user_id) END)
                ORDER BY position
                LIMIT $11
            ) l ON true
            ORDER BY l.position"#,
            listing.search,
            super::containing(&listing.search),
            listing.descending,
            listing.after.map(UserId::uuid),
            listing.limit.map(|limit| i64::from(limit) + 1),
            listing.team.map(TeamId::uuid),
        )
        .fetch_all(&self.pool)
        .await?;
        let first = rows.first();
        allowed(first.and_then(|row| row.refusal.as_deref()))?;
        if !first.is_some_and(|row| row.may_all) {
            return Err(Error::UserRequired);
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| row.body.map(|body| body.0))
            .collect())
    }

    /// Whoever has a password signs in by the address, unless it says otherwise.
    pub async fn add_user(
        &self,
        caller: &Caller,
        user: UserId,
        fields: &Map<String, Value>,
        password_hash: Option<&str>,
    ) -> Result<User, Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM asking($1, $2, $3, $4, $5, $6)
            ), made AS (
                INSERT INTO users AS u (
                    project_id, user_id, password_hash, display_name, primary_email, primary_email_verified,
                    primary_email_auth_enabled, profile_image_url, client_metadata, client_read_only_metadata,
                    server_metadata
                )
                SELECT $1, $7, $9, $8::jsonb->>'display_name', $8->>'primary_email',
                    COALESCE(($8->>'primary_email_verified')::boolean, false),
                    COALESCE(($8->>'primary_email_auth_enabled')::boolean, $9::text IS NOT NULL),
                    $8->>'profile_image_url', NULLIF($8->'client_metadata', 'null'),
                    NULLIF($8->'client_read_only_metadata', 'null'), NULLIF($8->'server_metadata', 'null')
                FROM a WHERE a.refusal IS NULL AND a.may_all
                RETURNING u.user_id, u AS body
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'user.created', made.user_id FROM made, a
            )
            SELECT a.refusal, user_body(made.body) AS "body: Json<User>" FROM a LEFT JOIN made ON true"#,
            user.uuid(),
            Value::Object(fields.clone()),
            password_hash,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(email_taken)?;
        allowed(row.refusal.as_deref())?;
        Ok(row.body.ok_or(Error::UserRequired)?.0)
    }

    /// A new password ends every session of the user but the caller's own.
    pub async fn change_user(
        &self,
        caller: &Caller,
        who: Who,
        fields: &Map<String, Value>,
        password_hash: Option<&str>,
    ) -> Result<User, Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM asking($1, $2, $3, $4, $5, $6)
            ), changed AS (
                UPDATE users AS u SET
                    display_name = CASE WHEN $8::jsonb ? 'display_name' THEN $8->>'display_name' ELSE u.display_name END,
                    profile_image_url = CASE WHEN $8 ? 'profile_image_url' THEN $8->>'profile_image_url'
                        ELSE u.profile_image_url END,
                    client_metadata = CASE WHEN $8 ? 'client_metadata'
                        THEN NULLIF($8->'client_metadata', 'null') ELSE u.client_metadata END,
                    client_read_only_metadata = CASE WHEN $8 ? 'client_read_only_metadata'
                        THEN NULLIF($8->'client_read_only_metadata', 'null') ELSE u.client_read_only_metadata END,
                    server_metadata = CASE WHEN $8 ? 'server_metadata'
                        THEN NULLIF($8->'server_metadata', 'null') ELSE u.server_metadata END,
                    primary_email = CASE WHEN $8 ? 'primary_email' THEN $8->>'primary_email' ELSE u.primary_email END,
                    primary_email_verified = CASE
                        WHEN $8 ? 'primary_email_verified' THEN ($8->>'primary_email_verified')::boolean
                        WHEN $8 ? 'primary_email' AND u.primary_email IS DISTINCT FROM $8->>'primary_email' THEN false
                        ELSE u.primary_email_verified END,
                    primary_email_auth_enabled = COALESCE(
                        ($8->>'primary_email_auth_enabled')::boolean,
                        u.primary_email_auth_enabled OR $9::text IS NOT NULL
                    ),
                    selected_team_id = CASE WHEN $8 ? 'selected_team_id' THEN ($8->>'selected_team_id')::uuid
                        ELSE u.selected_team_id END,
                    password_hash = COALESCE($9, u.password_hash)
                FROM a
                WHERE a.refusal IS NULL AND u.project_id = $1 AND u.user_id = COALESCE($7, a.user_id)
                    AND (a.may_all OR u.user_id = a.user_id)
                RETURNING u.user_id, u AS body
            ), ended AS (
                DELETE FROM sessions s USING changed, a
                WHERE $9::text IS NOT NULL AND s.project_id = $1 AND s.user_id = changed.user_id
                    AND s.session_id IS DISTINCT FROM a.session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, CASE
                    WHEN $9::text IS NOT NULL THEN 'user.password_changed'
                    WHEN $8 ? 'display_name' THEN 'user.renamed'
                    ELSE 'user.changed' END, changed.user_id
                FROM changed, a WHERE $8 <> '{}'::jsonb OR $9::text IS NOT NULL
            )
            SELECT a.refusal, a.user_id AS me, user_body(c.body) AS "body: Json<User>"
            FROM a LEFT JOIN changed c ON true"#,
            who.id().map(UserId::uuid),
            Value::Object(fields.clone()),
            password_hash,
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| met(error, who.id().or(caller.token_user()), fields))?;
        allowed(row.refusal.as_deref())?;
        found(row.body, who, row.me)
    }

    pub async fn delete_user(&self, caller: &Caller, who: Who) -> Result<(), Error> {
        let row = asked_by!(
            caller,
            r#"WITH a AS MATERIALIZED (
                SELECT a.*, a.may_all OR p.client_user_deletion_enabled AS allowed
                FROM asking($1, $2, $3, $4, $5, $6) a LEFT JOIN projects p ON p.project_id = $1
            ), gone AS (
                DELETE FROM users u USING a
                WHERE a.refusal IS NULL AND a.allowed AND u.project_id = $1 AND u.user_id = COALESCE($7, a.user_id)
                    AND (a.may_all OR u.user_id = a.user_id)
                RETURNING u.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1, a.user_id, 'user.deleted', gone.user_id FROM gone, a
            )
            SELECT a.refusal, a.user_id AS me, a.allowed AS "allowed?", gone.user_id AS "gone?"
            FROM a LEFT JOIN gone ON true"#,
            who.id().map(UserId::uuid),
        )
        .fetch_one(&self.pool)
        .await?;
        allowed(row.refusal.as_deref())?;
        match (row.gone, who, row.me) {
            (Some(_), ..) => Ok(()),
            (None, Who::Me, None) => Err(Error::NoOwnUser),
            _ if row.allowed != Some(true) => Err(Error::SwitchedOff(Switch::UserDeletion)),
            _ => Err(Error::UserNotFound),
        }
    }
}
