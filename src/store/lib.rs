//! The SQL, one file for each table. No other package knows sqlx.
//!
//! A change is one statement together with its audit row: nothing here begins a transaction for a request, so
//! one that is dropped half-way leaves no connection inside a transaction.

mod api_keys;
mod attempts;
mod caller;
mod demo;
mod doctor;
mod error;
pub mod import;
mod migrate;
mod permissions;
mod pool;
mod projects;
mod search;
mod sessions;
mod signing_keys;
pub mod stack_auth;
mod teams;
#[cfg(feature = "testing")]
pub mod testing;
mod users;

pub use api_keys::{Creation, ListScope, NewKeyRow, Once, Use};
pub use attempts::{Admission, WINDOW_MILLIS};
pub use caller::Denial;
pub use demo::{Demo, DemoKey, DemoUser};
pub use doctor::{Applied, Examination, Known, known_migrations};
pub use error::{Constraint, Error, Violation};
pub use migrate::{MIGRATOR, migrate};
pub use pool::{ConnectOptions, Pool, Store, connect};
pub use projects::{NewKeySet, Origin};
pub use sessions::NewSession;
pub use teams::Removal;
