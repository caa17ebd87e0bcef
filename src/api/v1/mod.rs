//! The handlers with their requests and responses, one file for each noun.

mod api_keys;
pub mod auth;
mod key_check;
pub mod oauth;
pub mod permission_definitions;
pub mod permissions;
pub mod projects;
pub mod server;
pub mod sessions;
pub mod team_api_keys;
pub mod team_memberships;
pub mod teams;
pub mod user_api_keys;
pub mod users;
