//! What the tests share: a project with people and teams in a database of its own, and a look at
//! everything that is stored.

use std::collections::BTreeMap;

use latchkey_domain::{
    Domain,
    api_keys::{CreatedKey, NewKey},
    clock::Clock,
    operator::KeySet,
    random,
    secret::MasterKey,
};
use latchkey_model::{
    api_key::KeyScope,
    caller::{Caller, CallerKind},
    digest::Digest,
    patch::Patch,
    project::SettingsChange,
};
use latchkey_model::{
    expiry::Expiry,
    id::{ApiKeyId, ProjectId, TeamId, UserId},
};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::time::{Duration, sleep, timeout};
use uuid::Uuid;

/// Of a test that hangs.
const HANGS: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A project in a database of its own.
#[derive(Clone)]
pub struct World {
    pub domain: Domain,
    pub pool: PgPool,
    pub project: ProjectId,
    /// The project's own server.
    pub server: Caller,
}

/// A user with a session.
#[derive(Clone, Copy)]
pub struct Person {
    pub id: UserId,
    pub caller: Caller,
}

/// Every row of every table, as text.
pub type Dump = BTreeMap<String, Vec<String>>;

/// All that a project can allow.
pub const ALL_ON: SettingsChange = SettingsChange {
    allow_user_api_keys: Some(true),
    allow_team_api_keys: Some(true),
    sign_up_enabled: Some(true),
    credential_enabled: Some(true),
    client_team_creation_enabled: Some(true),
    client_user_deletion_enabled: Some(true),
    require_publishable_client_key: None,
    allow_localhost: None,
    max_api_keys_per_owner: Patch::Keep,
};

impl World {
    /// A project that allows everything.
    pub async fn new(pool: PgPool) -> Self {
        let domain = Domain::new(pool.clone(), MasterKey::new("test"), Clock::System);
        let (project, keys) = domain
            .create_project("Acme", ALL_ON)
            .await
            .expect("a project");
        Self {
            domain,
            pool,
            project,
            server: server(project, &keys),
        }
    }

    /// The same project, by connections of its own. To be closed at the end.
    pub fn as_served(&self) -> Self {
        Self {
            domain: Domain::new(self.pool.clone(), MasterKey::new("test"), Clock::System),
            ..self.clone()
        }
    }

    /// Another project in the same database.
    pub async fn another_project(&self) -> Self {
        let (project, keys) = self
            .domain
            .create_project("Other", ALL_ON)
            .await
            .expect("a project");
        Self {
            project,
            server: server(project, &keys),
            ..self.clone()
        }
    }

    /// Switches something on or off.
    pub async fn configure(&self, change: SettingsChange) {
        self.domain
            .configure_project(self.project, change)
            .await
            .expect("the project");
    }

    /// Runs a statement; `$1` and so on are these ids. Returns how many rows it changed.
    pub async fn sql(&self, statement: &str, ids: &[Uuid]) -> u64 {
        ids.iter()
            .fold(
                sqlx::query(AssertSqlSafe(statement.to_owned())),
                |query, id| query.bind(*id),
            )
            .execute(&self.pool)
            .await
            .expect("a statement that works")
            .rows_affected()
    }

    /// Waits until a query returns this number: for what the database does without telling anybody, such as
    /// waiting for a lock.
    pub async fn until(&self, query: &str, number: i64) {
        let mut found = None;
        let waited = timeout(HANGS, async {
            while found != Some(number) {
                found = Some(self.number(query, &[]).await);
                sleep(LOOK_AGAIN).await;
            }
        });
        let is_found = waited.await.is_ok();
        assert!(is_found, "{found:?} and not {number}: {query}");
    }

    /// The number that a statement finds; `$1` and so on are these ids.
    pub async fn number(&self, statement: &str, ids: &[Uuid]) -> i64 {
        ids.iter()
            .fold(
                sqlx::query_scalar(AssertSqlSafe(statement.to_owned())),
                |query, id| query.bind(*id),
            )
            .fetch_one(&self.pool)
            .await
            .expect("a number")
    }

    /// A user who is signed in. Made without a password, which would take its time.
    pub async fn user(&self, name: &str) -> Person {
        let id = UserId::new(random::id(Clock::System));
        sqlx::query(
            "INSERT INTO users (project_id, user_id, display_name, primary_email)
             VALUES ($1, $2, $3, lower($3) || '@example.com')",
        )
        .bind(self.project.uuid())
        .bind(id.uuid())
        .bind(name)
        .execute(&self.pool)
        .await
        .expect("a user");
        Person {
            id,
            caller: self.session(id).await,
        }
    }

    /// A session of this user.
    pub async fn session(&self, user: UserId) -> Caller {
        let token = random::secret_text();
        sqlx::query(
            "INSERT INTO sessions (project_id, session_id, user_id, token_digest, expires_at_millis)
             VALUES ($1, $2, $3, sha256(convert_to($4, 'UTF8')), now_millis() + 1000000)",
        )
        .bind(self.project.uuid())
        .bind(random::id(Clock::System))
        .bind(user.uuid())
        .bind(&token)
        .execute(&self.pool)
        .await
        .expect("a session");
        caller(self.project, &token)
    }

    /// Somebody whose session this project does not know.
    pub fn stranger(&self) -> Caller {
        caller(self.project, &random::secret_text())
    }

    /// A team without members.
    pub async fn team(&self, name: &str) -> TeamId {
        let id = TeamId::new(random::id(Clock::System));
        sqlx::query("INSERT INTO teams (project_id, team_id, display_name) VALUES ($1, $2, $3)")
            .bind(self.project.uuid())
            .bind(id.uuid())
            .bind(name)
            .execute(&self.pool)
            .await
            .expect("a team");
        id
    }

    /// Makes a user a member with these permissions.
    pub async fn join(&self, team: TeamId, user: UserId, permissions: &[&str]) {
        let ids = [self.project.uuid(), team.uuid(), user.uuid()];
        self.sql("INSERT INTO memberships VALUES ($1, $2, $3)", &ids)
            .await;
        for permission in permissions {
            self.grant(team, user, permission).await;
        }
    }

    /// Grants a member a permission.
    pub async fn grant(&self, team: TeamId, user: UserId, permission: &str) {
        sqlx::query("INSERT INTO team_permission_grants VALUES ($1, $2, $3, $4)")
            .bind(self.project.uuid())
            .bind(team.uuid())
            .bind(user.uuid())
            .bind(permission)
            .execute(&self.pool)
            .await
            .expect("a grant");
    }

    /// A user who is in a team and holds these permissions there.
    pub async fn member(&self, name: &str, team: TeamId, permissions: &[&str]) -> Person {
        let person = self.user(name).await;
        self.join(team, person.id, permissions).await;
        person
    }

    /// What a form for a new key says unless a test is about it.
    pub fn form(&self, description: &str) -> NewKey {
        NewKey {
            description: description.to_owned(),
            expires: Expiry::Never,
            token: self.domain.form_token(),
            retry: false,
        }
    }

    /// A new key.
    pub async fn key(&self, caller: &Caller, keys: KeyScope, description: &str) -> CreatedKey {
        let made = self
            .domain
            .create_key(caller, keys, self.form(description))
            .await;
        made.unwrap_or_else(|error| panic!("{description}: {error:?}"))
    }

    /// When a key was revoked.
    pub async fn revoked_at(&self, key: ApiKeyId) -> Option<i64> {
        sqlx::query_scalar("SELECT revoked_at_millis FROM api_keys WHERE api_key_id = $1")
            .bind(key.uuid())
            .fetch_one(&self.pool)
            .await
            .expect("the key")
    }

    /// What was done to something, oldest first.
    pub async fn audit(&self, subject: Uuid) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT action FROM audit_events WHERE subject_id = $1 ORDER BY at_millis, event_id",
        )
        .bind(subject)
        .fetch_all(&self.pool)
        .await
        .expect("audit events")
    }

    /// Everything that is stored.
    pub async fn dump(&self) -> Dump {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'",
        )
        .fetch_all(&self.pool)
        .await
        .expect("tables");
        let mut dump = Dump::new();
        for table in tables {
            let rows = sqlx::query_scalar(AssertSqlSafe(format!(
                "SELECT t::text FROM {table} t ORDER BY 1"
            )))
            .fetch_all(&self.pool)
            .await
            .expect("rows");
            dump.insert(table, rows);
        }
        dump
    }
}

/// Whoever shows the secret server key of this project.
pub fn server(project: ProjectId, keys: &KeySet) -> Caller {
    let key = keys.secret_server_key.digest();
    Caller::program(project, CallerKind::Server, Some(key), None)
}

/// The same form, sent once more.
pub fn again(form: &NewKey, retry: bool) -> NewKey {
    NewKey {
        description: form.description.clone(),
        retry,
        ..*form
    }
}

/// The browser with this session token.
pub fn caller(project: ProjectId, token: &str) -> Caller {
    Caller::browser(project, Digest::of(token))
}
