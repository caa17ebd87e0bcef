//! The server against a real Postgres.

mod accounts;
mod attempts;
mod dropped_requests;
mod embedded_postgres;
mod key_callers;
mod key_changes;
mod key_check;
mod key_creation;
mod key_list;
mod list_plan;
mod permissions;
mod schema;
mod secrecy;
mod support;
