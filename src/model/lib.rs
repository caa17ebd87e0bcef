//! The types of the domain: identifiers, owners, key texts, statuses and pure rules. No I/O, no
//! clock and no randomness, so the same code runs on the server and in the browser.

pub mod account;
pub mod api_key;
pub mod caller;
pub mod description;
pub mod digest;
pub mod expiry;
pub mod id;
pub mod key_list;
pub mod key_status;
pub mod key_text;
pub mod line;
pub mod owner;
pub mod patch;
pub mod permission;
pub mod project;
pub mod session;
pub mod session_lifetime;
pub mod team;
pub mod user;
pub mod user_agent;
pub mod viewer;
