//! `users`.

use latchkey_model::id::{ProjectId, TeamId, UserId};
use sqlx::{AssertSqlSafe, types::Json};

use crate::error::Error;
use crate::{
    caller::CallerParameter,
    error::{Denial, authorize},
    pool::Store,
    sessions::NewSession,
};
use latchkey_model::{
    account::{DisplayName, Email},
    caller::{Caller, UserRef},
    digest::Digest,
    user::{NewUser, User, UserChange, UserListing},
};

#[derive(sqlx::FromRow)]
struct ListedRow {
    denial: Option<Denial>,
    body: Option<Json<User>>,
}

/// Its text consists of constants; input is bound. A page begins where the one before ended, in the
/// order of an index.
fn list_sql(listing: &UserListing) -> String {
    let (direction, beyond) = if listing.descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    let found = if listing.search.is_empty() {
        ""
    } else {
        "AND (strpos(u.display_name_folded, (SELECT fold_text($2))) > 0
            OR strpos(fold_text(u.primary_email), (SELECT fold_text($2))) > 0 OR u.user_id::text = lower($2))"
    };
    let after = match listing.after {
        None => String::new(),
        Some(_) => format!(
            "AND (u.signed_up_at_millis, u.user_id) {beyond} (
                SELECT c.signed_up_at_millis, c.user_id FROM users c
                WHERE c.project_id = $1.project_id AND c.user_id = $3
            )"
        ),
    };
    let of = match listing.team {
        None => "",
        Some(_) => {
            "AND EXISTS (
                SELECT FROM memberships m
                WHERE m.project_id = $1.project_id AND m.team_id = $5 AND m.user_id = u.user_id
            )"
        }
    };
    format!(
        "SELECT g.denial, user_body(l.u) AS body
        FROM server_gate($1) g
        LEFT JOIN LATERAL (
            SELECT u, u.signed_up_at_millis, u.user_id
            FROM users u
            WHERE g.denial IS NULL AND u.project_id = $1.project_id {found} {of} {after}
            ORDER BY u.signed_up_at_millis {direction}, u.user_id {direction}
            LIMIT $4
        ) l ON true
        ORDER BY l.signed_up_at_millis {direction}, l.user_id {direction}"
    )
}

impl Store {
    /// Returns whether the project exists.
    pub async fn create_user(
        &self,
        project: ProjectId,
        user: UserId,
        email: &Email,
        password_hash: &str,
        name: Option<&DisplayName>,
        admin: bool,
    ) -> Result<bool, Error> {
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
            email.as_str(),
            password_hash,
            name.map(DisplayName::as_str),
            admin,
        )
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(written > 0)
    }

    /// Returns whether a user signs in with the address. An index keeps sign-in addresses unique.
    pub async fn set_project_admin(
        &self,
        project: ProjectId,
        email: &Email,
        admin: bool,
    ) -> Result<bool, Error> {
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
            email.as_str(),
            admin,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(found)
    }

    /// Forgets the failed sign-ins of a user, given by id or by sign-in address, and returns how many they were. `None`
    /// if there is no such user.
    pub async fn end_sign_in_lock(
        &self,
        project: ProjectId,
        user: Option<UserId>,
        email: Option<&Email>,
    ) -> Result<Option<(UserId, i64)>, Error> {
        let row = sqlx::query!(
            r#"WITH target AS MATERIALIZED (
                SELECT u.project_id, u.user_id, end_sign_in_lock(u.project_id, u.user_id) AS failures
                FROM users u
                WHERE u.project_id = $1
                    AND (u.user_id = $2 OR (u.primary_email = $3 AND u.primary_email_auth_enabled))
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT project_id, 'user.sign_in_unlocked', user_id FROM target WHERE failures > 0
            )
            SELECT user_id, failures AS "failures!" FROM target"#,
            project.uuid(),
            user.map(UserId::uuid),
            email.map(Email::as_str),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (UserId::new(row.user_id), row.failures)))
    }

    /// From then on the user is known at the address. `None` if the project does not allow sign-up.
    pub async fn sign_up(
        &self,
        project: ProjectId,
        user: UserId,
        email: &Email,
        password_hash: &str,
        session: &NewSession<'_>,
        address: Option<&Digest>,
    ) -> Result<Option<User>, Error> {
        let (former_project, former_digest) = session.former();
        let row = sqlx::query!(
            r#"WITH made AS (
                INSERT INTO users AS u (project_id, user_id, primary_email, password_hash)
                SELECT project_id, $2, $3, $4 FROM projects
                WHERE project_id = $1 AND sign_up_enabled AND credential_enabled
                RETURNING u.project_id, u.user_id, u.credential_version, u AS body
            ), former AS (
                DELETE FROM sessions
                WHERE project_id = $8 AND token_digest = $9 AND is_browser AND EXISTS (SELECT FROM made)
            ), session AS (
                INSERT INTO sessions (
                    project_id, user_id, session_id, token_digest, expires_at_millis, is_browser, credential_version,
                    user_agent, address
                )
                SELECT project_id, user_id, $5, $6, now_millis() + $7, $10, credential_version, $12, $13 FROM made
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT project_id, user_id, 'user.signed_up', user_id FROM made
            )
            SELECT user_body(body) AS "body!: Json<User>",
                settle_attempt(project_id, user_id, '{}', NULL, $11) AS "settled!"
            FROM made"#,
            project.uuid(),
            user.uuid(),
            email.as_str(),
            password_hash,
            session.id,
            session.token_digest.as_bytes(),
            session.lifetime_millis,
            former_project,
            former_digest,
            session.is_browser,
            address.map(Digest::as_bytes),
            session.origin.user_agent,
            session.origin.address,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.body.0))
    }

    /// `None` if there is no such user, or the caller may not name another user.
    pub async fn user(&self, caller: &Caller, who: UserRef) -> Result<Option<User>, Error> {
        let row = sqlx::query!(
            r#"SELECT g.denial AS "denial: Denial", user_body(u) AS "body: Json<User>"
            FROM user_gate($1, $2) g
            LEFT JOIN users u ON g.denial IS NULL AND u.project_id = $1.project_id AND u.user_id = g.subject_user_id"#, CallerParameter::from(caller) as _,
            who.id().map(UserId::uuid),
        )
        .fetch_one(self.read(caller))
        .await?;
        if row.denial == Some(Denial::OtherUser) {
            return Ok(None);
        }
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Returns one user more than the limit if there are more.
    pub async fn users(&self, caller: &Caller, listing: &UserListing) -> Result<Vec<User>, Error> {
        let rows: Vec<ListedRow> = sqlx::query_as(AssertSqlSafe(list_sql(listing)))
            .bind(CallerParameter::from(caller))
            .bind(&listing.search)
            .bind(listing.after.map(UserId::uuid))
            .bind(listing.limit.map(|limit| i64::from(limit) + 1))
            .bind(listing.team.map(TeamId::uuid))
            .fetch_all(self.read(caller))
            .await?;
        authorize(rows.first().and_then(|row| row.denial))?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.body.map(|body| body.0))
            .collect())
    }

    /// By default, a user with a password can sign in with the address.
    pub async fn add_user(
        &self,
        caller: &Caller,
        user: UserId,
        new: &NewUser,
        password_hash: Option<&str>,
    ) -> Result<User, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM server_gate($1)
            ), made AS (
                INSERT INTO users AS u (
                    project_id, user_id, password_hash, display_name, primary_email, primary_email_verified,
                    primary_email_auth_enabled, profile_image_url, client_metadata, client_read_only_metadata,
                    server_metadata
                )
                SELECT $1.project_id, $2, $4, $3::jsonb->>'display_name', $3->>'primary_email',
                    COALESCE(($3->>'primary_email_verified')::boolean, false),
                    COALESCE(($3->>'primary_email_auth_enabled')::boolean, $4::text IS NOT NULL),
                    $3->>'profile_image_url', NULLIF($3->'client_metadata', 'null'),
                    NULLIF($3->'client_read_only_metadata', 'null'), NULLIF($3->'server_metadata', 'null')
                FROM a WHERE a.denial IS NULL
                RETURNING u.user_id, u AS body
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'user.created', made.user_id FROM made, a
            )
            SELECT a.denial AS "denial: Denial", user_body(made.body) AS "body: Json<User>" FROM a LEFT JOIN made ON true"#, CallerParameter::from(caller) as _,
            user.uuid(),
            Json(new) as _,
            password_hash,
        )
        .fetch_one(self.write(caller))
        .await?;
        authorize(row.denial)?;
        Ok(row.body.ok_or_else(Error::no_row)?.0)
    }

    /// A new password ends all sessions of the user except the caller's own, and the failures that
    /// were counted. Deleting the sessions is not enough: a session that is written at the same time
    /// is not seen, but began with an earlier `credential_version`. `None` as in [`Self::user`].
    pub async fn change_user(
        &self,
        caller: &Caller,
        who: UserRef,
        change: &UserChange,
        password_hash: Option<&str>,
    ) -> Result<Option<User>, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT * FROM user_gate($1, $2)
            ), changed AS (
                UPDATE users AS u SET
                    display_name = CASE WHEN $3::jsonb ? 'display_name' THEN $3->>'display_name' ELSE u.display_name END,
                    profile_image_url = CASE WHEN $3 ? 'profile_image_url' THEN $3->>'profile_image_url'
                        ELSE u.profile_image_url END,
                    client_metadata = CASE WHEN $3 ? 'client_metadata'
                        THEN NULLIF($3->'client_metadata', 'null') ELSE u.client_metadata END,
                    client_read_only_metadata = CASE WHEN $3 ? 'client_read_only_metadata'
                        THEN NULLIF($3->'client_read_only_metadata', 'null') ELSE u.client_read_only_metadata END,
                    server_metadata = CASE WHEN $3 ? 'server_metadata'
                        THEN NULLIF($3->'server_metadata', 'null') ELSE u.server_metadata END,
                    primary_email = CASE WHEN $3 ? 'primary_email' THEN $3->>'primary_email' ELSE u.primary_email END,
                    primary_email_verified = CASE
                        WHEN $3 ? 'primary_email_verified' THEN ($3->>'primary_email_verified')::boolean
                        WHEN $3 ? 'primary_email' AND u.primary_email IS DISTINCT FROM $3->>'primary_email' THEN false
                        ELSE u.primary_email_verified END,
                    primary_email_auth_enabled = COALESCE(
                        ($3->>'primary_email_auth_enabled')::boolean,
                        u.primary_email_auth_enabled OR $4::text IS NOT NULL
                    ),
                    selected_team_id = CASE WHEN $3 ? 'selected_team_id' THEN ($3->>'selected_team_id')::uuid
                        ELSE u.selected_team_id END,
                    password_hash = COALESCE($4, u.password_hash),
                    credential_version = u.credential_version + ($4::text IS NOT NULL)::integer
                FROM a
                WHERE a.denial IS NULL AND u.project_id = $1.project_id AND u.user_id = a.subject_user_id
                RETURNING u.user_id, u.credential_version, u AS body
            ), kept AS (
                UPDATE sessions s SET credential_version = changed.credential_version
                FROM changed, a
                WHERE $4::text IS NOT NULL AND s.project_id = $1.project_id AND s.user_id = changed.user_id
                    AND s.session_id = a.actor_session_id
            ), ended AS (
                DELETE FROM sessions s USING changed, a
                WHERE $4::text IS NOT NULL AND s.project_id = $1.project_id AND s.user_id = changed.user_id
                    AND s.session_id IS DISTINCT FROM a.actor_session_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, CASE
                    WHEN $4::text IS NOT NULL THEN 'user.password_changed'
                    WHEN $3 ? 'display_name' THEN 'user.renamed'
                    ELSE 'user.changed' END, changed.user_id
                FROM changed, a WHERE $3 <> '{}'::jsonb OR $4::text IS NOT NULL
            )
            SELECT a.denial AS "denial: Denial", user_body(c.body) AS "body: Json<User>",
                CASE WHEN $4::text IS NOT NULL AND c.user_id IS NOT NULL
                    THEN end_sign_in_lock($1.project_id, c.user_id) END AS forgiven
            FROM a LEFT JOIN changed c ON true"#, CallerParameter::from(caller) as _,
            who.id().map(UserId::uuid),
            Json(change) as _,
            password_hash,
        )
        .fetch_one(self.write(caller))
        .await?;
        if row.denial == Some(Denial::OtherUser) {
            return Ok(None);
        }
        authorize(row.denial)?;
        Ok(row.body.map(|body| body.0))
    }

    /// Returns whether the user existed. For clients, only their own user does.
    pub async fn delete_user(&self, caller: &Caller, who: UserRef) -> Result<bool, Error> {
        let row = sqlx::query!(
            r#"WITH a AS MATERIALIZED (
                SELECT g.actor_user_id, g.subject_user_id,
                    CASE
                        WHEN g.denial IS NULL OR g.denial = 'other_user' THEN
                            CASE WHEN NOT g.is_privileged AND NOT p.client_user_deletion_enabled
                                THEN 'user_deletion_off' ELSE g.denial END
                        ELSE g.denial
                    END AS denial
                FROM user_gate($1, $2) g LEFT JOIN projects p ON p.project_id = $1.project_id
            ), gone AS (
                DELETE FROM users u USING a
                WHERE a.denial IS NULL AND u.project_id = $1.project_id AND u.user_id = a.subject_user_id
                RETURNING u.user_id
            ), audit AS (
                INSERT INTO audit_events (project_id, actor_user_id, action, subject_id)
                SELECT $1.project_id, a.actor_user_id, 'user.deleted', gone.user_id FROM gone, a
            )
            SELECT denial AS "denial: Denial", EXISTS (SELECT FROM gone) AS "gone!" FROM a"#,
            CallerParameter::from(caller) as _,
            who.id().map(UserId::uuid),
        )
        .fetch_one(self.write(caller))
        .await?;
        if row.denial == Some(Denial::OtherUser) {
            return Ok(false);
        }
        authorize(row.denial)?;
        Ok(row.gone)
    }
}
