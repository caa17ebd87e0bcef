//! Who is asking.

mod caller;
pub mod origin;
mod password;
pub mod session;

pub use caller::Caller;
pub use password::{PasswordBusy, Passwords};
