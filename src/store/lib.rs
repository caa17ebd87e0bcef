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
mod files;
pub mod import;
mod migrate;
mod own_password;
mod password_resets;
mod permissions;
mod pool;
mod prepare;
mod projects;
mod restore_mark;
mod session_uses;
mod sessions;
mod signing_keys;
pub mod stack_auth;
mod team_list;
mod team_names;
mod teams;
#[cfg(feature = "testing")]
pub mod testing;
mod unusable;
mod users;

pub use api_keys::{Creation, ListScope, NewKeyRow, Once, Use};
pub use attempts::{Admission, Attempt, Counted, SignInAttempt, SignUpAttempt};
pub use demo::{Demo, DemoKey, DemoUser};
pub use doctor::{Applied, Examination, Known, known_migrations};
pub use error::{Constraint, Denial, Error, Violation};
pub use files::{FilesState, WalPosition};
pub use migrate::MIGRATOR;
pub use password_resets::NewPasswordReset;
pub use pool::{
    CallerBusy, CallerKey, Callers, ConnectOptions, Connections, LaneSettings, PoolSettings, Store,
    Turn,
};
pub use prepare::{migrate, prepare};
pub use projects::{NewKeySet, Origin};
pub use restore_mark::{
    BackupTarget, Decided, RestoreScript, RestoreSummary, backup_target, restore_script,
};
pub use session_uses::SessionUse;
pub use sessions::NewSession;
pub use signing_keys::SealedKey;
pub use teams::{Removal, TeamCreation};
pub use unusable::Unusable;
