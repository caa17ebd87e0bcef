//! The server functions of the pages. Each translates a form into one call of the domain and makes
//! no decisions. Islands call it through the generated client; without script, a plain form posts
//! to the same address.

pub mod accounts;
mod answer;
pub mod api_keys;
pub mod password_reset;
mod problem;
pub mod project;
mod protocol;
pub mod security;
pub mod teams;

#[cfg(feature = "ssr")]
pub mod error_table;
#[cfg(feature = "ssr")]
mod request;

pub use answer::{CreatedApiKey, Done};
pub use problem::{Problem, ProblemKind};
