//! Errors of an import.

use std::fmt::Write as _;

use crate::Error;
use latchkey_store::stack_auth::{Mismatch, SourceError};

/// Why an import stops. What it has imported is kept, and another run continues from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The address cannot be parsed. It is not quoted, because it may contain a password.
    #[error("the source is not an address such as postgres://user:password@host/database: {0}")]
    Address(String),
    /// This version cannot read the source's schema. Nothing was changed.
    #[error("{}", listed(.0))]
    Schema(Mismatches),
    #[error("the source cannot be read: {0}")]
    Source(#[from] SourceError),
    #[error(transparent)]
    Domain(#[from] Error),
}

impl From<latchkey_store::Error> for ImportError {
    fn from(error: latchkey_store::Error) -> Self {
        Self::Domain(error.into())
    }
}

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
