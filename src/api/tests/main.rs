//! The REST API, over HTTP, against what docs/api-compatibility.md promises.

mod absurd;
mod answer;
mod auth;
mod bodies;
mod callers;
mod cascades;
mod cross_origin;
mod envelope;
mod everybody;
mod forge;
mod forged_tokens;
mod http;
mod key_change_input;
mod key_check;
mod key_input;
mod key_routes;
mod memberships;
mod oauth;
mod operations;
mod permission_definitions;
mod permission_list;
mod permissions;
mod project_keys;
mod projects;
mod request;
mod sessions;
mod statements;
mod team_creation;
mod team_keys;
mod team_list;
mod teams;
mod tokens;
mod told;
mod user_changes;
mod user_input;
mod user_key_access;
mod user_key_list;
mod user_keys;
mod user_list;
mod users;
#[expect(dead_code, reason = "the tests of the domain use the rest")]
#[path = "../../domain/tests/world.rs"]
mod world;
