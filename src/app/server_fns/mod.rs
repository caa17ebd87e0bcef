//! The server functions of the pages. Each translates a form into one call of the domain and makes
//! no decisions. Islands call it through the generated client; without script, a plain form posts
//! to the same address.

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

/// The result of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// In the reader's language.
    pub message: String,
    /// The page to open next; empty to stay.
    pub to: String,
}
