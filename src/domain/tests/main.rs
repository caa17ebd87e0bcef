//! The domain and its storage against a real Postgres.

mod accounts;
mod attempts;
mod doctor;
mod dropped_requests;
mod import;
mod import_rules;
mod key_callers;
mod key_changes;
mod key_check;
mod key_creation;
mod key_list;
mod list_plan;
mod permissions;
mod project_admin;
mod schema;
mod secrecy;
mod stack_auth;
mod world;
