//! An answer. What all answers have in common is looked at on every one of them.

use axum::http::{HeaderMap, HeaderName, header};
use serde_json::Value;

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

    /// The items of the list that was asked for.
    pub fn items(&self) -> Vec<Value> {
        self.ok()["items"].as_array().expect("items").clone()
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

    pub fn check_what_all_have(&self) {
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
        assert_eq!(self.header("x-stack-request-id").map(str::len), Some(26));
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

/// The names of an object's fields.
pub fn names_of(object: &Value) -> Vec<String> {
    let fields = object.as_object().expect("an object");
    fields.keys().cloned().collect()
}
