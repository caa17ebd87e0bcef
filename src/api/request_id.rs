//! The id of a request: in its response, and on each of its lines in the log.

use std::sync::Arc;

use axum::http::HeaderValue;
use latchkey_domain::random;

/// An extension of the request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    pub fn random() -> Self {
        Self(random::request_id().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// # Panics
    /// Never: an id has only letters and digits.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("letters and digits")
    }
}
