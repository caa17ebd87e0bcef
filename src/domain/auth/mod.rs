//! Authentication: passwords, browsers that are known, and access tokens.

mod browser;
mod es256;
mod password;
mod queue;
pub mod token;

pub use password::{PasswordPlace, PasswordWork, Passwords, StoredPassword};
