//! A Stack Auth database to import from: its tables in a schema of the test's own database.

use latchkey_domain::{
    Domain,
    clock::Clock,
    import::{Choices, ImportError, Kind, ProjectReport, Source},
    operator::KeySet,
    random,
    secret::MasterKey,
};
use latchkey_model::project::SettingsChange;
use latchkey_model::{
    id::{ApiKeyId, ProjectId},
    key_text::{self, KeyParts},
    owner::OwnerKind,
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgPool};
use uuid::Uuid;

use crate::world::{World, server};

const TABLES: &str = include_str!("stack_auth.sql");

/// A source with one project.
#[derive(Clone)]
pub struct StackAuth {
    pub pool: PgPool,
    /// By this pool the program writes.
    pub domain: Domain,
    pub project: ProjectId,
    pub tenancy: Uuid,
}

/// A key as it was handed out.
pub struct Issued {
    pub id: Uuid,
    pub secret: String,
}

/// How the keys of a test differ.
pub struct KeyRow {
    pub owner: KeyOwner,
    pub is_public: bool,
    /// SQL: when it ends and when it was revoked.
    pub expires: &'static str,
    pub revoked: &'static str,
}

#[derive(Clone, Copy)]
pub enum KeyOwner {
    User(Uuid),
    Team(Uuid),
}

pub const NEVER: &str = "NULL";

fn id() -> Uuid {
    random::id(Clock::System)
}

impl StackAuth {
    /// Makes the tables and a project in them.
    pub async fn new(pool: PgPool) -> Self {
        sqlx::raw_sql(TABLES).execute(&pool).await.expect("tables");
        let project = ProjectId::new(id());
        let source = Self {
            domain: Domain::new(pool.clone(), MasterKey::new("test"), Clock::System),
            pool,
            project,
            tenancy: id(),
        };
        source
            .sql(
                r#"WITH p AS (
                    INSERT INTO stack."Project" (id, "displayName", "createdAt")
                    VALUES ($1::text, 'From elsewhere', '2024-02-29 12:34:56.789')
                )
                INSERT INTO stack."Tenancy" VALUES ($2, $1::text, 'main', NULL)"#,
                &[project.uuid(), source.tenancy],
            )
            .await;
        source
    }

    /// By connections set up as the program sets them up. To be closed at the end.
    pub fn as_served(&self) -> Self {
        Self {
            domain: Domain::new(self.pool.clone(), MasterKey::new("test"), Clock::System),
            ..self.clone()
        }
    }

    /// The address of the source.
    pub fn address(&self) -> String {
        let mut address = self.pool.connect_options().to_url_lossy();
        address.query_pairs_mut().append_pair("schema", "stack");
        address.to_string()
    }

    pub async fn sql(&self, statement: &str, ids: &[Uuid]) {
        ids.iter()
            .fold(
                sqlx::query(AssertSqlSafe(statement.to_owned())),
                |query, id| query.bind(*id),
            )
            .execute(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    pub async fn number(&self, statement: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
            .fetch_one(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// A user; `values` are SQL for the name and what else is given.
    pub async fn user_with(&self, columns: &str, values: &str) -> Uuid {
        let user = id();
        let statement = format!(
            r#"INSERT INTO stack."ProjectUser" ("tenancyId", "projectUserId", {columns}) VALUES ($1, $2, {values})"#
        );
        self.sql(&statement, &[self.tenancy, user]).await;
        user
    }

    pub async fn user(&self, name: &str) -> Uuid {
        self.user_with(r#""displayName""#, &format!("'{name}'"))
            .await
    }

    /// An address; `flags` are SQL for primary, used for signing in, verified.
    pub async fn email(&self, user: Uuid, address: &str, flags: &str) {
        let statement = format!(
            r#"INSERT INTO stack."ContactChannel"
                ("tenancyId", "projectUserId", type, value, "isPrimary", "usedForAuth", "isVerified")
            VALUES ($1, $2, 'EMAIL', '{address}', {flags})"#
        );
        self.sql(&statement, &[self.tenancy, user]).await;
    }

    pub async fn password(&self, user: Uuid, hash: &str) {
        let statement = format!(
            r#"INSERT INTO stack."PasswordAuthMethod" ("tenancyId", "projectUserId", "passwordHash")
            VALUES ($1, $2, '{hash}')"#
        );
        self.sql(&statement, &[self.tenancy, user]).await;
    }

    pub async fn team(&self, name: &str) -> Uuid {
        let team = id();
        let statement = format!(
            r#"INSERT INTO stack."Team" ("tenancyId", "teamId", "displayName") VALUES ($1, $2, '{name}')"#
        );
        self.sql(&statement, &[self.tenancy, team]).await;
        team
    }

    /// Makes a user a member with these permissions.
    pub async fn join(&self, team: Uuid, user: Uuid, permissions: &[&str]) {
        self.sql(
            r#"INSERT INTO stack."TeamMember" ("tenancyId", "projectUserId", "teamId") VALUES ($1, $2, $3)"#,
            &[self.tenancy, user, team],
        )
        .await;
        for permission in permissions {
            let statement = format!(
                r#"INSERT INTO stack."TeamMemberDirectPermission" ("tenancyId", "projectUserId", "teamId", "permissionId")
                VALUES ($1, $2, $3, '{permission}')"#
            );
            self.sql(&statement, &[self.tenancy, user, team]).await;
        }
    }

    pub async fn key(&self, row: KeyRow) -> Issued {
        let key = issue(row.owner, row.is_public);
        let (column, owner) = match row.owner {
            KeyOwner::User(user) => ("projectUserId", user),
            KeyOwner::Team(team) => ("teamId", team),
        };
        let statement = format!(
            r#"INSERT INTO stack."ProjectApiKey"
                ("tenancyId", id, "secretApiKey", "isPublic", "expiresAt", "manuallyRevokedAt", "{column}")
            VALUES ($1, $2, '{}', {}, {}, {}, $3)"#,
            key.secret, row.is_public, row.expires, row.revoked
        );
        self.sql(&statement, &[self.tenancy, key.id, owner]).await;
        key
    }

    /// A secret key without an end.
    pub async fn plain_key(&self, owner: KeyOwner) -> Issued {
        self.key(KeyRow {
            owner,
            is_public: false,
            expires: NEVER,
            revoked: NEVER,
        })
        .await
    }

    /// So many keys, in one statement: of users and of teams, public and secret, with and without an
    /// end, revoked and not.
    pub async fn many_keys(&self, count: usize, users: &[Uuid], teams: &[Uuid]) -> Vec<Issued> {
        let mut owners_user = Vec::new();
        let mut owners_team = Vec::new();
        let mut keys = Vec::new();
        for number in 0..count {
            let owner = if number % 3 == 0 {
                KeyOwner::Team(teams[number % teams.len()])
            } else {
                KeyOwner::User(users[number % users.len()])
            };
            keys.push(issue(owner, number % 7 == 0));
            owners_user.push(match owner {
                KeyOwner::User(user) => Some(user),
                KeyOwner::Team(_) => None,
            });
            owners_team.push(match owner {
                KeyOwner::Team(team) => Some(team),
                KeyOwner::User(_) => None,
            });
        }
        let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        let secrets: Vec<_> = keys.iter().map(|key| key.secret.clone()).collect();
        sqlx::query(
            r#"INSERT INTO stack."ProjectApiKey" (
                "tenancyId", id, "secretApiKey", description, "isPublic", "createdAt", "expiresAt",
                "manuallyRevokedAt", "projectUserId", "teamId"
            )
            SELECT $1, k.id, k.secret, 'key ' || k.n, k.n % 7 = 1, timestamp '2025-01-01' + k.n * interval '1 second',
                CASE WHEN k.n % 5 = 0 THEN timestamp '2225-01-01' WHEN k.n % 11 = 0 THEN timestamp '2025-06-01' END,
                CASE WHEN k.n % 13 = 0 THEN timestamp '2025-03-03 03:03:03.333' END, k.owner_user, k.owner_team
            FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[])
                WITH ORDINALITY AS k (id, secret, owner_user, owner_team, n)"#,
        )
        .bind(self.tenancy)
        .bind(&ids)
        .bind(&secrets)
        .bind(&owners_user)
        .bind(&owners_team)
        .execute(&self.pool)
        .await
        .expect("keys");
        keys
    }

    /// Imports everything.
    pub async fn import(&self) -> ProjectReport {
        self.import_as(Choices::default(), |_, _| {})
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn dry_run(&self) -> ProjectReport {
        let choices = Choices {
            settings: SettingsChange::default(),
            dry_run: true,
        };
        self.import_as(choices, |_, _| {})
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn import_as(
        &self,
        choices: Choices,
        progress: impl FnMut(Kind, &ProjectReport),
    ) -> Result<ProjectReport, ImportError> {
        let mut source = Source::open(&self.address()).await?;
        let projects = source.projects().await?;
        let project = projects
            .iter()
            .find(|project| project.importable() == Ok(self.project))
            .expect("the project");
        let report = self
            .domain
            .import_project(&mut source, project, choices, progress)
            .await?;
        source.close().await;
        Ok(report.unwrap_or_else(|why| panic!("{why}")))
    }

    /// The project as it is here, asked for by the application's server.
    pub fn world(&self, keys: &KeySet) -> World {
        World {
            domain: self.domain.clone(),
            pool: self.pool.clone(),
            project: self.project,
            server: server(self.project, keys),
        }
    }
}

fn issue(owner: KeyOwner, is_public: bool) -> Issued {
    let id = id();
    let kind = match owner {
        KeyOwner::User(_) => OwnerKind::User,
        KeyOwner::Team(_) => OwnerKind::Team,
    };
    let parts = KeyParts {
        id: ApiKeyId::new(id),
        kind,
        is_public,
    };
    Issued {
        id,
        secret: key_text::write(parts, &random::secret()),
    }
}
