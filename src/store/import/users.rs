//! `users`.

use latchkey_model::id::ProjectId;

use super::records::{NewUser, Outcome, Standing, standing};
use crate::{error::Error, pool::Store};

/// The state of a user in this database.
pub struct UserStanding {
    pub standing: Standing,
    /// Another user signs in with the address.
    pub email_taken: bool,
}

fn emails(users: &[NewUser]) -> Vec<Option<String>> {
    let emails = users.iter().map(|user| user.email.as_ref());
    emails
        .map(|email| email.map(|email| email.as_str().to_owned()))
        .collect()
}

impl Store {
    pub async fn look_at_users(
        &self,
        project: ProjectId,
        users: &[NewUser],
    ) -> Result<Vec<UserStanding>, Error> {
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let emails = emails(users);
        let rows = sqlx::query!(
            r#"SELECT
                EXISTS (SELECT FROM users u WHERE u.project_id = $1 AND u.user_id = i.user_id) AS "here!",
                EXISTS (
                    SELECT FROM audit_events e
                    WHERE e.project_id = $1 AND e.subject_id = i.user_id AND e.action = 'user.deleted'
                ) AS "removed!",
                EXISTS (
                    SELECT FROM users o
                    WHERE o.project_id = $1 AND o.primary_email = i.email AND o.primary_email_auth_enabled
                        AND o.user_id <> i.user_id
                ) AS "email_taken!"
            FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS i (user_id, email, n)
            ORDER BY i.n"#,
            project.uuid(),
            &ids,
            &emails as &[Option<String>],
        )
        .fetch_all(self.pool.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| UserStanding {
                standing: standing(row.here, row.removed),
                email_taken: row.email_taken,
            })
            .collect())
    }

    /// Returns the result for each user, and whether they can sign in with their address, which
    /// another user may have taken in the meantime.
    pub async fn import_users(
        &self,
        project: ProjectId,
        users: &[NewUser],
    ) -> Result<Vec<(Outcome, bool)>, Error> {
        macro_rules! column {
            ($($field:ident).+) => {
                &users.iter().map(|user| user.$($field).+.clone()).collect::<Vec<_>>()
            };
        }
        let names: Vec<_> = users
            .iter()
            .map(|user| {
                user.display_name
                    .as_ref()
                    .map(|name| name.as_str().to_owned())
            })
            .collect();
        let rows = sqlx::query!(
            r#"WITH incoming AS MATERIALIZED (
                SELECT * FROM unnest(
                    $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::text[], $8::text[],
                    $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[]
                ) WITH ORDINALITY AS i (
                    user_id, display_name, email, email_verified, email_signs_in, profile_image_url,
                    client_metadata, client_read_only_metadata, server_metadata, password_hash, signed_up_at,
                    last_active_at, n
                )
            ), made AS (
                INSERT INTO users (
                    project_id, user_id, display_name, primary_email, primary_email_verified,
                    primary_email_auth_enabled, profile_image_url, client_metadata, client_read_only_metadata,
                    server_metadata, password_hash, signed_up_at_millis, last_active_at_millis
                )
                SELECT $1, i.user_id, i.display_name, i.email, i.email_verified,
                    i.email_signs_in AND NOT EXISTS (
                        SELECT FROM users o
                        WHERE o.project_id = $1 AND o.primary_email = i.email AND o.primary_email_auth_enabled
                    ),
                    i.profile_image_url, i.client_metadata::jsonb, i.client_read_only_metadata::jsonb,
                    i.server_metadata::jsonb, i.password_hash, COALESCE(i.signed_up_at, now_millis()),
                    COALESCE(i.last_active_at, i.signed_up_at, now_millis())
                FROM incoming i
                ORDER BY i.n
                ON CONFLICT (project_id, user_id) DO NOTHING
                RETURNING user_id, primary_email_auth_enabled
            ), audit AS (
                INSERT INTO audit_events (project_id, action, subject_id)
                SELECT $1, 'user.imported', user_id FROM made
            )
            SELECT m.user_id IS NOT NULL AS "made!", COALESCE(m.primary_email_auth_enabled, false) AS "signs_in!"
            FROM incoming i LEFT JOIN made m USING (user_id)
            ORDER BY i.n"#,
            project.uuid(),
            column!(id),
            &names as &[Option<String>],
            &emails(users) as &[Option<String>],
            column!(email_verified),
            column!(email_signs_in),
            column!(profile_image_url) as &[Option<String>],
            column!(metadata.client) as &[Option<String>],
            column!(metadata.client_read_only) as &[Option<String>],
            column!(metadata.server) as &[Option<String>],
            column!(password_hash) as &[Option<String>],
            column!(signed_up_at) as &[Option<i64>],
            column!(last_active_at) as &[Option<i64>],
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Outcome::of(row.made, true), row.signs_in))
            .collect())
    }
}
