//! What pages ask the server to do. Each function translates a form into one call of the domain and
//! decides nothing itself. An island calls it through the client that the macro makes; without script
//! a plain form posts to the same address.

pub mod accounts;
pub mod api_keys;
mod problem;
pub mod project;
mod protocol;
pub mod teams;

#[cfg(feature = "ssr")]
pub mod error_table;
#[cfg(feature = "ssr")]
mod request;
#[cfg(feature = "ssr")]
pub mod respond;

pub use problem::{Problem, ProblemKind};

use serde::{Deserialize, Serialize};

/// What has been done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// For the person, in their language.
    pub message: String,
    /// Where to go from here; empty to stay.
    pub to: String,
}
