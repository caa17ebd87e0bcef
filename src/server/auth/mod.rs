//! Who is asking.

mod caller;
mod es256;
pub mod origin;
mod password;
pub mod session;
pub mod token;

pub use caller::{Access, Caller, TokenSubject};
pub use password::{PasswordBusy, Passwords};
