//! The API as a program meets it: a request with headers, and an answer. What all answers have in
//! common is looked at on every one of them.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
};
use latchkey_api::{self, ApiState};
use latchkey_domain::{clock::Clock, operator::KeySet};
use latchkey_model::caller::{Caller, CallerKind};
use latchkey_model::id::{ProjectId, TeamId, UserId};
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::told::Told;
use crate::world::{Dump, World};

pub const ORIGIN: &str = "https://keys.example";
pub const PASSWORD: &str = "correct horse battery";

/// Every header an answer may have, beside the access-control family.
const CLOSED: [&str; 20] = [
    "x-stack-known-error",
    "x-stack-actual-status",
    "x-stack-request-id",
    "cache-control",
    "connection",
    "content-security-policy",
    "content-type",
    "content-length",
    "content-encoding",
    "cross-origin-opener-policy",
    "date",
    "etag",
    "keep-alive",
    "permissions-policy",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "retry-after",
];

/// A project whose API answers.
pub struct Api {
    pub world: World,
    pub keys: KeySet,
    pub router: Router,
}

/// Who asks: the headers of a request.
#[derive(Debug, Clone, Default)]
pub struct As(Vec<(String, Vec<u8>)>);

impl As {
    /// With `x-stack-` and this name, in place of what was there.
    pub fn with(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.header(&format!("x-stack-{name}"), value)
    }

    /// With this header, in place of what was there.
    pub fn header(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut headers = self.0.clone();
        headers.retain(|(other, _)| other != name);
        headers.push((name.to_owned(), value.as_ref().to_vec()));
        Self(headers)
    }

    /// Without `x-stack-` and this name.
    pub fn without(&self, name: &str) -> Self {
        let mut headers = self.0.clone();
        headers.retain(|(other, _)| *other != format!("x-stack-{name}"));
        Self(headers)
    }

    /// Whether a server asks.
    pub fn is_server(&self) -> bool {
        self.0.iter().any(|(_, value)| value == b"server")
    }

    /// With the other prefix for the headers that this says yes to.
    pub fn hexclave(&self, which: impl Fn(usize) -> bool) -> Self {
        let renamed = self.0.iter().enumerate().map(|(at, (name, value))| {
            let name = match name.strip_prefix("x-stack-") {
                Some(rest) if which(at) => format!("x-hexclave-{rest}"),
                _ => name.clone(),
            };
            (name, value.clone())
        });
        Self(renamed.collect())
    }
}

/// What a request carries.
#[derive(Debug, Clone)]
pub enum Sent {
    Nothing,
    Json(Value),
    Raw(String, Vec<u8>),
}

impl From<()> for Sent {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<Value> for Sent {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// A content type and a text.
impl From<(&str, &str)> for Sent {
    fn from((kind, text): (&str, &str)) -> Self {
        Self::Raw(kind.to_owned(), text.as_bytes().to_vec())
    }
}

/// A user with a session of an application.
#[derive(Debug, Clone)]
pub struct Login {
    pub id: UserId,
    pub access: String,
    pub refresh: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// What was asked for.
    pub fn ok(&self) -> Value {
        assert!(matches!(self.status, 200 | 201), "{self:?}");
        assert!(
            !self.headers.contains_key("x-stack-known-error"),
            "{self:?}"
        );
        assert!(
            !self.headers.contains_key("x-stack-actual-status"),
            "{self:?}"
        );
        self.json()
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/json");
        serde_json::from_str(&self.text).expect("JSON")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"))
    }

    /// The status, and the code where there is one.
    pub fn short(&self) -> String {
        match self.header("x-stack-known-error") {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }

    fn check_what_all_have(&self) {
        for name in self.headers.keys().map(HeaderName::as_str) {
            let known = CLOSED.contains(&name) || name.starts_with("access-control-");
            assert!(known, "{name} is not a documented header");
        }
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        let exposed = self
            .header("access-control-expose-headers")
            .unwrap_or_default();
        for name in [
            "content-type",
            "retry-after",
            "x-stack-actual-status",
            "x-stack-known-error",
        ] {
            assert!(exposed.contains(name), "{name} is exposed: {exposed}");
        }
        assert_eq!(self.header("x-stack-request-id").map(str::len), Some(45));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        let caching = self.header("cache-control");
        let public = caching == Some("public, max-age=3600") && self.text.starts_with("{\"keys\":");
        assert!(
            public || caching == Some("no-store, max-age=0"),
            "{caching:?}"
        );
        let retry = self.headers.contains_key(header::RETRY_AFTER);
        assert_eq!(
            retry,
            matches!(self.status, 429 | 503),
            "retry-after with {}",
            self.status
        );
    }
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
            router: router(&world, Clock::System),
            world,
            keys,
        }
    }

    /// Another project in the same database.
    pub async fn another_project(&self) -> Self {
        Self::of(self.world.another_project().await).await
    }

    /// The same, by a program whose clock shows this.
    pub fn with_clock(&self, clock: Clock) -> Router {
        router(&self.world, clock)
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

    /// Every one of these is refused in these words, and changes nothing.
    pub async fn refuses(&self, rows: Vec<Row>) {
        assert!(!rows.is_empty());
        let before = self.dump().await;
        for Row {
            who,
            what,
            sent,
            told,
        } in rows
        {
            let answer = self.ask(&who, &what, sent.clone()).await;
            assert_eq!(answer.told(), told, "{what} {sent:?}");
            assert_eq!(
                self.dump().await,
                before,
                "{what} {sent:?} changed something"
            );
        }
    }
}

/// A request, and what is told of it.
pub struct Row {
    who: As,
    what: String,
    sent: Sent,
    told: Told,
}

pub fn row(who: &As, what: impl Into<String>, sent: impl Into<Sent>, told: Told) -> Row {
    Row {
        who: who.clone(),
        what: what.into(),
        sent: sent.into(),
        told,
    }
}

pub fn router(world: &World, clock: Clock) -> Router {
    latchkey_api::router(ApiState::new(world.domain.clone(), ORIGIN, clock, None))
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
