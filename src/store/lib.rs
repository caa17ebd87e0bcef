//! The SQL, one file for each table. No other package uses sqlx.
//!
//! A change is one statement that also writes its audit row. Requests never begin a transaction, so
//! a request that is dropped half-way cannot leave a connection inside one.

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
pub use attempts::{Admission, Attempt, Counted, SignInAttempt, SignUpAttempt};
pub use demo::{Demo, DemoKey, DemoUser};
pub use doctor::{Applied, Examination, Known, known_migrations};
pub use error::{Constraint, Denial, Error, Violation};
pub use migrate::{MIGRATOR, migrate};
pub use pool::{ConnectOptions, Pool, Store, connect};
pub use projects::{NewKeySet, Origin};
pub use sessions::NewSession;
pub use teams::Removal;
