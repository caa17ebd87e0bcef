//! The API as a program meets it: a request with headers, and an answer.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderName, HeaderValue, Method, Request, header},
};
use latchkey_api::{ApiState, client_address::TrustedProxies};
use latchkey_domain::{Domain, clock::Clock, operator::KeySet, secret::MasterKey};
use latchkey_model::{
    caller::{Caller, CallerKind},
    id::{ProjectId, TeamId, UserId},
};
use serde_json::json;
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::world::{Dump, World};

pub use crate::answer::{Answer, names_of};
pub use crate::refusals::row;
pub use crate::request::{As, Sent};

pub const ORIGIN: &str = "https://keys.example";
pub const PASSWORD: &str = "correct horse battery";

/// A project whose API answers.
pub struct Api {
    pub world: World,
    pub keys: KeySet,
    pub router: Router,
}

/// A user with a session of an application.
#[derive(Debug, Clone)]
pub struct Login {
    pub id: UserId,
    pub access: String,
    pub refresh: String,
}

impl Api {
    /// A project that allows everything.
    pub async fn new(pool: PgPool) -> Self {
        Self::of(World::new(pool).await).await
    }

    /// The API of this project.
    pub async fn of(world: World) -> Self {
        let keys = world.domain.rotate_keys(world.project).await.expect("keys");
        let server = Some(keys.secret_server_key.digest());
        let world = World {
            server: Caller::program(world.project, CallerKind::Server, server, None),
            ..world
        };
        // Made now, so that no refused request is the one that makes them.
        world.domain.signing_keys().await.expect("signing keys");
        Self {
            router: router(&world.domain),
            world,
            keys,
        }
    }

    /// Another project in the same database.
    pub async fn another_project(&self) -> Self {
        Self::of(self.world.another_project().await).await
    }

    /// The same, by another instance whose clock shows this.
    pub fn with_clock(&self, clock: Clock) -> Router {
        self.instance(MasterKey::new("test"), clock)
    }

    /// The same, by another instance.
    pub fn instance(&self, master_key: MasterKey, clock: Clock) -> Router {
        router(&Domain::new(self.world.pool.clone(), master_key, clock))
    }

    pub fn project(&self) -> ProjectId {
        self.world.project
    }

    /// An application on somebody's device, with nobody signed in.
    pub fn client(&self) -> As {
        As::default()
            .with("access-type", "client")
            .with("project-id", self.project().to_string())
    }

    /// An application on this user's device.
    pub fn as_user(&self, login: &Login) -> As {
        self.client().with("access-token", &login.access)
    }

    /// The application's server.
    pub fn server(&self) -> As {
        self.client()
            .with("access-type", "server")
            .with("secret-server-key", self.keys.secret_server_key.expose())
    }

    /// Whoever administers the project.
    pub fn admin(&self) -> As {
        self.client().with("access-type", "admin").with(
            "super-secret-admin-key",
            self.keys.super_secret_admin_key.expose(),
        )
    }

    /// A new user with a session.
    pub async fn user(&self, name: &str) -> Login {
        let id = self.world.user(name).await.id;
        self.login(id).await
    }

    /// A new user who is in a team and holds these permissions there.
    pub async fn member(&self, name: &str, team: TeamId, permissions: &[&str]) -> Login {
        let login = self.user(name).await;
        self.world.join(team, login.id, permissions).await;
        login
    }

    /// A session of this user's.
    pub async fn login(&self, id: UserId) -> Login {
        let answer = self
            .ask(
                &self.server(),
                "POST /auth/sessions",
                json!({ "user_id": id }),
            )
            .await
            .ok();
        let text = |name: &str| answer[name].as_str().expect("a token").to_owned();
        Login {
            id,
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }

    /// Asks for something like `GET /users/me`.
    pub async fn ask(&self, who: &As, what: &str, sent: impl Into<Sent>) -> Answer {
        ask(&self.router, who, what, sent.into()).await
    }

    /// Everything that is stored but how often somebody tried to sign in.
    pub async fn dump(&self) -> Dump {
        let mut dump = self.world.dump().await;
        dump.remove("sign_in_attempts");
        dump
    }
}

pub fn router(domain: &Domain) -> Router {
    latchkey_api::router(ApiState::new(
        domain.clone(),
        ORIGIN,
        TrustedProxies::default(),
    ))
}

/// `/users/me` is below the first prefix; what begins with `/api` stands as it is.
fn full_path(path: &str) -> String {
    if path.starts_with("/api") {
        path.to_owned()
    } else {
        format!("/api/v1{path}")
    }
}

pub async fn ask(router: &Router, who: &As, what: &str, sent: Sent) -> Answer {
    let (method, path) = what.split_once(' ').expect("a method and a path");
    let method: Method = method.parse().expect("a method");
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = full_path(path).parse().expect("a path");
    *request.method_mut() = method;
    for (name, value) in &who.0 {
        let name: HeaderName = name.parse().expect("a name");
        request
            .headers_mut()
            .append(name, HeaderValue::from_bytes(value).expect("a value"));
    }
    let (kind, bytes) = match sent {
        Sent::Nothing => (None, Vec::new()),
        Sent::Json(value) => (
            Some("application/json".to_owned()),
            value.to_string().into_bytes(),
        ),
        Sent::Raw(kind, bytes) => (Some(kind), bytes),
    };
    if let Some(kind) = kind {
        let kind = HeaderValue::from_bytes(kind.as_bytes()).expect("a content type");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    *request.body_mut() = Body::from(bytes);
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).expect("UTF-8"),
    };
    answer.check_what_all_have();
    answer
}
