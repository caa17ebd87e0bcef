//! `api_keys` and `api_key_uses`.

#[macro_use]
mod row;

mod change;
mod check;
mod create;
mod find;
mod inventory;
mod list;
mod list_status;
mod new;
mod read;
mod uses;

pub use list::ListScope;
pub use new::{Creation, NewKeyRow, Once};
pub use uses::Use;
