//! Authentication: passwords and access tokens.

mod es256;
mod password;
pub mod token;

pub use password::Passwords;
