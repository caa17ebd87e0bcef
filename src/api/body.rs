//! Reads the bodies of requests.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than the limit.
    #[error("the body is too large")]
    TooLarge,
    /// It did not arrive before its deadline.
    #[error("the body is too slow")]
    TooSlow,
    /// Too many bodies are being received.
    #[error("there is no room for the body")]
    Busy,
    /// Its framing is malformed, or it is incomplete.
    #[error("the body is malformed")]
    Malformed,
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// Why it cannot be read. The server's own errors of this type are found again.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    to_bytes(body, limit)
        .await
        .map_err(|error| cause_of(&error))
}

fn cause_of(error: &(dyn Error + 'static)) -> BodyError {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<http_body_util::LengthLimitError>() {
            return BodyError::TooLarge;
        }
        if let Some(known) = error.downcast_ref::<BodyError>() {
            return *known;
        }
        next = error.source();
    }
    BodyError::Malformed
}
