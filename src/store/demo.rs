//! Demo data. Existing rows are kept.

use latchkey_model::{
    account::DisplayName,
    digest::Digest,
    expiry::Millis,
    id::{ApiKeyId, ProjectId, TeamId, UserId},
    owner::KeyOwner,
    permission,
    project::ProjectSettings,
};

use crate::{
    error::Error,
    pool::Store,
    projects::{NewKeySet, Origin},
};

/// A user of the demo. The first is the project's administrator.
pub struct DemoUser {
    pub id: UserId,
    pub email: &'static str,
    pub name: &'static str,
}

/// A key of the demo; times in milliseconds from now, negative in the past.
pub struct DemoKey {
    pub id: ApiKeyId,
    pub owner: KeyOwner,
    pub description: &'static str,
    pub created: Millis,
    pub expires: Option<Millis>,
    pub revoked: Option<Millis>,
    pub used: Option<Millis>,
    pub digest: Digest,
    pub last_four: String,
}

pub struct Demo {
    pub project: ProjectId,
    pub name: DisplayName,
    pub team: TeamId,
    pub users: Vec<DemoUser>,
    pub password_hash: String,
    pub keys: Vec<DemoKey>,
    pub key_set: NewKeySet,
    pub settings: ProjectSettings,
}

impl Store {
    pub async fn create_demo(&self, demo: &Demo) -> Result<(), Error> {
        let origin = Origin::Created(&demo.key_set);
        self.create_project(demo.project, &demo.name, demo.settings, origin)
            .await?;
        let users: Vec<_> = demo.users.iter().map(|user| user.id.uuid()).collect();
        let emails: Vec<_> = demo
            .users
            .iter()
            .map(|user| user.email.to_owned())
            .collect();
        let names: Vec<_> = demo.users.iter().map(|user| user.name.to_owned()).collect();
        let key_ids: Vec<_> = demo.keys.iter().map(|key| key.id.uuid()).collect();
        let of_team: Vec<_> = demo
            .keys
            .iter()
            .map(|key| matches!(key.owner, KeyOwner::Team(_)))
            .collect();
        let descriptions: Vec<_> = demo
            .keys
            .iter()
            .map(|key| key.description.to_owned())
            .collect();
        let digests: Vec<_> = demo
            .keys
            .iter()
            .map(|key| key.digest.as_bytes().to_vec())
            .collect();
        let last_fours: Vec<_> = demo.keys.iter().map(|key| key.last_four.clone()).collect();
        let created: Vec<_> = demo.keys.iter().map(|key| key.created).collect();
        let expires: Vec<_> = demo.keys.iter().map(|key| key.expires).collect();
        let revoked: Vec<_> = demo.keys.iter().map(|key| key.revoked).collect();
        let used: Vec<_> = demo.keys.iter().map(|key| key.used).collect();
        sqlx::query!(
            "WITH people AS (
                INSERT INTO users (project_id, user_id, primary_email, password_hash, display_name, is_project_admin)
                SELECT $1, p.user_id, p.email, $2, p.name, p.user_id = ($3::uuid[])[1]
                FROM unnest($3::uuid[], $4::text[], $5::text[]) AS p (user_id, email, name)
                ON CONFLICT DO NOTHING
            ), team AS (
                INSERT INTO teams (project_id, team_id, display_name) VALUES ($1, $6, 'Acme Engineering')
                ON CONFLICT DO NOTHING
                RETURNING project_id, team_id
            ), members AS (
                INSERT INTO memberships (project_id, team_id, user_id)
                SELECT project_id, team_id, m.user_id FROM team, unnest(($3::uuid[])[1:2]) AS m (user_id)
            ), roles AS (
                INSERT INTO team_permission_grants (project_id, team_id, user_id, permission_id)
                SELECT project_id, team_id, m.user_id, m.role
                FROM team, unnest(($3::uuid[])[1:2], ARRAY[$7::text, $8::text]) AS m (user_id, role)
            ), keys AS (
                INSERT INTO api_keys (
                    project_id, api_key_id, owner_user_id, owner_team_id, created_by_user_id, description, digest,
                    last_four, created_at_millis, expires_at_millis, revoked_at_millis
                )
                SELECT $1, k.id, CASE WHEN NOT k.of_team THEN ($3::uuid[])[1] END, CASE WHEN k.of_team THEN $6 END,
                    ($3::uuid[])[1], k.description, k.digest, k.last_four,
                    now_millis() + k.created, now_millis() + k.expires, now_millis() + k.revoked
                FROM unnest(
                    $9::uuid[], $10::boolean[], $11::text[], $12::bytea[], $13::text[],
                    $14::bigint[], $15::bigint[], $16::bigint[]
                ) AS k (id, of_team, description, digest, last_four, created, expires, revoked)
                ON CONFLICT DO NOTHING
                RETURNING project_id, api_key_id
            )
            INSERT INTO api_key_uses (project_id, api_key_id, last_used_at_millis)
            SELECT project_id, api_key_id, now_millis() + u.used
            FROM keys JOIN unnest($9::uuid[], $17::bigint[]) AS u (id, used) ON u.id = api_key_id
            WHERE u.used IS NOT NULL",
            demo.project.uuid(),
            demo.password_hash,
            &users,
            &emails,
            &names,
            demo.team.uuid(),
            permission::TEAM_ADMIN,
            permission::TEAM_MEMBER,
            &key_ids,
            &of_team,
            &descriptions,
            &digests,
            &last_fours,
            &created,
            &expires as &[Option<i64>],
            &revoked as &[Option<i64>],
            &used as &[Option<i64>],
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
