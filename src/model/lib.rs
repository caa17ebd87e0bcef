//! The words of Latchkey: identifiers, owners, key strings, statuses and the rules that need
//! nothing but their arguments. No input, no output, no clock and no chance, so the same code
//! runs on the server and in the browser.

pub mod account;
pub mod api_key;
pub mod description;
pub mod expiry;
pub mod id;
pub mod key_list;
pub mod line;
pub mod owner;
pub mod permission;
pub mod status;
