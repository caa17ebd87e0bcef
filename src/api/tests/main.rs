//! The REST API, over HTTP, against what docs/api-compatibility.md promises.

mod absurd;
mod auth;
mod callers;
mod cascades;
mod envelope;
mod everybody;
mod forge;
mod forged_tokens;
mod http;
mod key_check;
mod key_input;
mod memberships;
mod oauth;
mod operations;
mod permission_definitions;
mod permissions;
mod project_keys;
mod projects;
mod sessions;
mod statements;
mod team_keys;
mod teams;
mod tokens;
mod told;
mod user_keys;
mod user_list;
mod users;
#[expect(dead_code, reason = "the tests of the domain use the rest")]
#[path = "../../domain/tests/world.rs"]
mod world;
