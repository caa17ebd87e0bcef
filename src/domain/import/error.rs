//! Why an import cannot go on.

use std::fmt::Write as _;

use crate::Error;
use latchkey_store::stack_auth::{Mismatch, SourceError};

/// Why an import cannot go on. What was brought in before stays, and a further run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source's address cannot be read. It is not repeated, because it may hold a password.
    #[error("the source is not an address such as postgres://user:password@host/database: {0}")]
    Address(String),
    /// The source's tables are not those that this program knows. Nothing was changed.
    #[error("{}", listed(.0))]
    Schema(Mismatches),
    /// The source cannot be reached, or stopped answering.
    #[error("the source cannot be read: {0}")]
    Source(#[from] SourceError),
    /// Our own database.
    #[error(transparent)]
    Domain(#[from] Error),
}

impl From<latchkey_store::Error> for ImportError {
    fn from(error: latchkey_store::Error) -> Self {
        Self::Domain(error.into())
    }
}

/// What is not as it must be at the source.
#[derive(Debug)]
pub struct Mismatches(pub(super) Vec<Mismatch>);

fn listed(mismatches: &Mismatches) -> String {
    let mut text =
        "the source is not a Stack Auth database that this version can read; nothing was changed:"
            .to_owned();
    for mismatch in &mismatches.0 {
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {mismatch}");
    }
    text
}
