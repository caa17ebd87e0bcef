//! Decisions and storage: who is asking, may they, and what follows.
//!
//! [`domain`] decides. Its storage is private to it, so nothing reaches the database past a
//! decision. What calls it, the pages and the command line, hands over a [`auth::Caller`] and
//! shows what comes back.

pub mod api;
pub mod auth;
pub mod chance;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod postgres;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
