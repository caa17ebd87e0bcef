//! What the page that follows a plain form says of it.
//!
//! The form's answer is a redirect, and the page at its end is made by another request. A cookie takes along what was
//! done: one of a few words, and the ids of keys. It proves nothing: what the page says of a key is looked up with the
//! visitor's own rights, and anything malformed is ignored. It counts once.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use cookie::{Cookie, SameSite, time::Duration};
use latchkey_model::{id::ApiKeyId, project::ProjectSettings};

use crate::{
    session_cookie::{SessionCookie, cookies},
    state::AppState,
    text::{key_name, text},
    viewer_guard::in_header,
};

/// How long a browser may take from the answer to the page.
const SECONDS: i64 = 60;
/// As many as stay on a list, and the one that was changed last.
const MOST_KEYS: usize = 51;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    KeyRenamed,
    /// The name that was sent is the one that the key has.
    KeyNotRenamed,
    KeyRevoked,
    /// An expired key was revoked.
    KeyRemoved,
    TeamCreated,
    TeamRenamed,
    UserRenamed,
    UserKeysOn,
    UserKeysOff,
    TeamKeysOn,
    TeamKeysOff,
    KeyLimitChanged,
    PasswordChanged,
    SessionEnded,
    OtherSessionsEnded,
}

impl NoticeKind {
    const ALL: [Self; 15] = [
        Self::KeyRenamed,
        Self::KeyNotRenamed,
        Self::KeyRevoked,
        Self::KeyRemoved,
        Self::TeamCreated,
        Self::TeamRenamed,
        Self::UserRenamed,
        Self::UserKeysOn,
        Self::UserKeysOff,
        Self::TeamKeysOn,
        Self::TeamKeysOff,
        Self::KeyLimitChanged,
        Self::PasswordChanged,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::KeyRenamed => "key-renamed",
            Self::KeyNotRenamed => "key-not-renamed",
            Self::KeyRevoked => "key-revoked",
            Self::KeyRemoved => "key-removed",
            Self::TeamCreated => "team-created",
            Self::TeamRenamed => "team-renamed",
            Self::UserRenamed => "user-renamed",
            Self::UserKeysOn => "user-keys-on",
            Self::UserKeysOff => "user-keys-off",
            Self::TeamKeysOn => "team-keys-on",
            Self::TeamKeysOff => "team-keys-off",
            Self::KeyLimitChanged => "key-limit-changed",
            Self::PasswordChanged => "password-changed",
            Self::SessionEnded => "session-ended",
            Self::OtherSessionsEnded => "other-sessions-ended",
        }
    }
}

/// What was done, and to which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    kind: NoticeKind,
    /// The key that was changed, if one was, and then those that stay on the list.
    keys: Vec<ApiKeyId>,
}

impl From<NoticeKind> for Notice {
    fn from(kind: NoticeKind) -> Self {
        Self {
            kind,
            keys: Vec::new(),
        }
    }
}

impl Notice {
    pub fn of_key(kind: NoticeKind, key: ApiKeyId) -> Self {
        Self {
            kind,
            keys: vec![key],
        }
    }

    /// The same, with keys that stay on the list.
    #[must_use]
    pub fn with_staying(mut self, keys: Vec<ApiKeyId>) -> Self {
        self.keys.extend(keys);
        self
    }

    /// The keys that stay on the list where they are.
    pub fn staying(&self) -> impl Iterator<Item = ApiKeyId> {
        self.keys.iter().copied()
    }

    /// The key that was renamed.
    pub fn renamed_key(&self) -> Option<ApiKeyId> {
        let key = self.keys.first().copied();
        key.filter(|_| self.kind == NoticeKind::KeyRenamed)
    }

    /// The words, from the present name of a key that was renamed and the project's present settings. `None` if there
    /// is no such key.
    pub fn message(&self, renamed: Option<&str>, settings: &ProjectSettings) -> Option<String> {
        let t = text();
        Some(match self.kind {
            NoticeKind::KeyRenamed => (t.keys.renamed)(&key_name(renamed?)),
            NoticeKind::KeyNotRenamed => t.keys.not_renamed.to_owned(),
            NoticeKind::KeyRevoked => t.keys.revoked_now.to_owned(),
            NoticeKind::KeyRemoved => t.keys.removed_now.to_owned(),
            NoticeKind::TeamCreated => t.team.created.to_owned(),
            NoticeKind::TeamRenamed => t.team.renamed.to_owned(),
            NoticeKind::UserRenamed => t.profile.renamed.to_owned(),
            NoticeKind::UserKeysOn => t.project.user_keys_on.to_owned(),
            NoticeKind::UserKeysOff => t.project.user_keys_off.to_owned(),
            NoticeKind::TeamKeysOn => t.project.team_keys_on.to_owned(),
            NoticeKind::TeamKeysOff => t.project.team_keys_off.to_owned(),
            NoticeKind::PasswordChanged => t.security.changed.to_owned(),
            NoticeKind::SessionEnded => t.sessions.ended.to_owned(),
            NoticeKind::OtherSessionsEnded => t.sessions.others_ended.to_owned(),
            NoticeKind::KeyLimitChanged => {
                (t.project.key_limit_changed)(settings.max_api_keys_per_owner)
            }
        })
    }

    /// `<kind>`, and after a point each the keys, 32 hexadecimal digits.
    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let word = parts.next()?;
        let kind = NoticeKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)?;
        let keys: Vec<_> = parts
            .map(|id| id.parse().ok().filter(|_| id.len() == 32))
            .collect::<Option<_>>()?;
        (keys.len() <= MOST_KEYS).then_some(Self { kind, keys })
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.as_str())?;
        for key in self.keys.iter().take(MOST_KEYS) {
            write!(f, ".{}", key.uuid().simple())?;
        }
        Ok(())
    }
}

/// The cookie. Its name follows that of the session cookie.
#[derive(Debug, Clone, Copy)]
pub struct NoticeCookie(pub SessionCookie);

impl NoticeCookie {
    fn name(self, headers: &HeaderMap) -> String {
        self.0.name(headers).replacen("session", "notice", 1)
    }

    /// Returns what a page is to say. Islands that fetch a page show their own messages.
    pub fn notice(self, headers: &HeaderMap) -> Option<Notice> {
        if in_header(headers).is_some() {
            return None;
        }
        let name = self.name(headers);
        cookies(headers, &name).find_map(|cookie| Notice::parse(cookie.value()))
    }

    /// Returns the `Set-Cookie` value that leaves a notice for the next page.
    pub fn leave(self, headers: &HeaderMap, notice: &Notice) -> Option<HeaderValue> {
        self.header(headers, notice.to_string(), SECONDS)
    }

    fn header(self, headers: &HeaderMap, value: String, seconds: i64) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(headers), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.0.is_secure)
            .max_age(Duration::seconds(seconds));
        HeaderValue::try_from(cookie.to_string()).ok()
    }
}

/// Takes the cookie from the browser when a page has shown what it says.
pub async fn clear_shown(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let cookie = NoticeCookie(state.cookie);
    let headers = request.headers();
    let name = cookie.name(headers);
    let is_there = in_header(headers).is_none() && cookies(headers, &name).next().is_some();
    let clear = is_there
        .then(|| cookie.header(headers, String::new(), 0))
        .flatten();
    let mut response = next.run(request).await;
    if let Some(clear) = clear.filter(|_| !response.status().is_redirection()) {
        response.headers_mut().append(SET_COOKIE, clear);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;
    use crate::{
        browser::fetch::VIEWER_HEADER,
        origin::{Origin, Origins},
    };

    fn id(n: usize) -> ApiKeyId {
        ApiKeyId::new(uuid::Uuid::from_u128(n.try_into().expect("small")))
    }

    fn cookie() -> NoticeCookie {
        let origins = Origins::one(Origin::of("https://keys.example").expect("an origin"));
        NoticeCookie(SessionCookie::new(&origins))
    }

    fn sent(value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a header");
        [(COOKIE, value)].into_iter().collect()
    }

    #[test]
    fn a_notice_that_was_left_is_read_back_by_pages_alone() {
        for kind in NoticeKind::ALL {
            for keys in [0, 1, 2, MOST_KEYS] {
                let notice = Notice {
                    kind,
                    keys: (0..keys).map(id).collect(),
                };
                let set = cookie().leave(&HeaderMap::new(), &notice);
                let set = set.expect("a header");
                let set = set.to_str().expect("ASCII");
                assert!(set.starts_with("__Host-latchkey_notice="), "{set}");
                assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"));
                assert!(set.contains("Max-Age=60") && set.len() < 2_000);
                let pair = set.split(';').next().expect("a pair");
                let mut headers = sent(&format!("a=b; {pair}"));
                assert_eq!(cookie().notice(&headers), Some(notice));
                headers.insert(VIEWER_HEADER, HeaderValue::from_static("x"));
                assert_eq!(cookie().notice(&headers), None, "an island");
            }
        }
    }

    #[test]
    fn nonsense_says_nothing() {
        let many = "key-revoked".to_owned() + &".00000000000000000000000000000001".repeat(60);
        for value in [
            "",
            "x",
            "KEY-REVOKED",
            "key-revoked.",
            "key-revoked.1",
            "key-revoked.<b>",
            "key-revoked.00000000-0000-0000-0000-000000000001",
            "<script>",
            &many,
        ] {
            let headers = sent(&format!("__Host-latchkey_notice={value}"));
            assert_eq!(cookie().notice(&headers), None, "{value}");
        }
        assert_eq!(cookie().notice(&HeaderMap::new()), None);
    }

    #[test]
    fn a_name_is_never_taken_from_the_browser() {
        let settings = ProjectSettings::default();
        let renamed = Notice::of_key(NoticeKind::KeyRenamed, id(1));
        assert_eq!(renamed.renamed_key(), Some(id(1)));
        assert_eq!(renamed.message(None, &settings), None);
        let message = renamed.message(Some("Laptop"), &settings);
        assert_eq!(message.as_deref(), Some("Renamed to “Laptop”."));
        for kind in NoticeKind::ALL {
            let notice = Notice::from(kind);
            assert_eq!(notice.renamed_key(), None);
            let is_said = notice.message(None, &settings).is_some();
            assert_eq!(is_said, kind != NoticeKind::KeyRenamed);
        }
    }
}
