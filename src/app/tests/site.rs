//! A site of one's own, and somebody to visit it.

use std::net::IpAddr;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use latchkey::{
    origin::{Origin, Origins},
    session_cookie::SessionCookie,
};
use latchkey::{routes, state::AppState};
use latchkey_api::{ApiState, client_address::TrustedProxies};
use latchkey_domain::testing::FreshDatabase;
use latchkey_domain::{
    Domain, accounts::Credentials, clock::Clock, operator::KeySet, secret::MasterKey,
};
use latchkey_model::{
    id::{ProjectId, TeamId, UserId},
    project::SettingsChange,
    session_lifetime::SessionLifetime,
};
use tower::ServiceExt as _;

pub const ORIGIN: &str = "http://keys.example";
const HOST: &str = "keys.example";
pub const PASSWORD: &str = "correct horse battery";

/// A site with one project.
pub struct Site {
    pub database: FreshDatabase,
    pub project: ProjectId,
    pub router: Router,
    cookie: SessionCookie,
    /// The project's keys.
    pub keys: KeySet,
}

/// Somebody signed in.
pub struct Person {
    pub id: UserId,
    pub cookie: String,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Site {
    /// A site at [`ORIGIN`].
    pub async fn open() -> Self {
        Self::open_at(Origins::one(Origin::of(ORIGIN).expect("an origin"))).await
    }

    pub async fn open_at(origins: Origins) -> Self {
        let database = FreshDatabase::create().await;
        let on = Some(true);
        let settings = SettingsChange {
            allow_user_api_keys: on,
            allow_team_api_keys: on,
            client_team_creation_enabled: on,
            ..SettingsChange::default()
        };
        let (project, keys) = database
            .domain
            .create_project("Test", settings)
            .await
            .expect("a project");
        let cookie = SessionCookie::new(&origins);
        let api = ApiState::new(database.domain.clone(), ORIGIN, TrustedProxies::default());
        let state = AppState {
            domain: database.domain.clone(),
            origins,
            cookie,
            project: None,
            proxies: TrustedProxies::default(),
            log_addresses: false,
        };
        Self {
            database,
            project,
            router: routes::router(state, api),
            cookie,
            keys,
        }
    }

    /// Another instance of the site, with these secrets.
    pub fn rotated(&self, secrets: MasterKey) -> Router {
        let domain = Domain::new(self.database.pool.clone(), secrets, Clock::System);
        let origins = Origins::one(Origin::of(ORIGIN).expect("an origin"));
        let api = ApiState::new(domain.clone(), ORIGIN, TrustedProxies::default());
        let state = AppState {
            domain,
            origins,
            cookie: self.cookie,
            project: None,
            proxies: TrustedProxies::default(),
            log_addresses: false,
        };
        routes::router(state, api)
    }

    pub async fn person(&self, email: &str) -> Person {
        let domain = &self.database.domain;
        let id = domain
            .create_user(self.project, email, PASSWORD.to_owned(), None)
            .await
            .expect("an account");
        let credentials = Credentials {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            source: IpAddr::from([127, 0, 0, 1]).into(),
            browser: None,
            former: None,
            user_agent: None,
            lifetime: SessionLifetime::Browser,
        };
        let signed_in = domain
            .sign_in(self.project, credentials)
            .await
            .expect("a session");
        let cookie = self
            .cookie
            .start(&HeaderMap::new(), self.project, &signed_in.token)
            .expect("a cookie");
        let cookie = cookie.to_str().expect("ASCII");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Person { id, cookie }
    }

    /// What the pages that are made for this person say of it.
    pub fn viewer(&self, person: &Person) -> String {
        self.database.domain.viewer_digest(self.project, person.id)
    }

    /// A team that this person founds.
    pub async fn team(&self, creator: &Person) -> TeamId {
        let form = [("display_name", "Team")];
        let answer = self.post("/fn/teams/create", Some(creator), &form).await;
        let location = answer.headers[header::LOCATION].to_str().expect("ASCII");
        location
            .rsplit('/')
            .next()
            .expect("an id")
            .parse()
            .expect("an id")
    }

    pub async fn get(&self, path: &str, person: Option<&Person>) -> Answer {
        self.send(Request::get(path), person, Body::empty()).await
    }

    /// Posts a form from a page of ours, as the script does.
    pub async fn post(&self, path: &str, person: Option<&Person>, form: &[(&str, &str)]) -> Answer {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, person, Body::from(body)).await
    }

    pub async fn send(
        &self,
        mut request: axum::http::request::Builder,
        person: Option<&Person>,
        body: Body,
    ) -> Answer {
        if let Some(person) = person {
            request = request.header(header::COOKIE, &person.cookie);
        }
        let request = request.body(body).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn close(self) {
        self.database.drop().await;
    }
}

/// Encodes a text for a form.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").ok();
        }
        encoded
    })
}
