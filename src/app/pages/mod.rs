//! The handlers of the pages: each calls the domain and renders the result. A handler that takes a
//! [`SignedInVisitor`] requires a session.

pub mod api_keys;
pub mod api_reference;
pub mod create_key;
pub mod key_search;
mod other_viewer;
mod problem;
pub mod profile;
pub mod project;
pub mod reset_password;
pub mod security;
pub mod sessions;
pub mod settings;
pub mod sign_in;
mod signed_in_visitor;
pub mod team;
mod team_in_path;
pub mod teams;

pub use other_viewer::other_viewer_page;
pub use problem::{PageError, not_found, problem_page};
pub use signed_in_visitor::SignedInVisitor;
pub use team_in_path::TeamInPath;
