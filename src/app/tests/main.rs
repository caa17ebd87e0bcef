//! The site as a whole, without a network: requests in, answers out, a real Postgres behind.

mod addresses;
mod api_beside_pages;
mod credential_pairs;
mod doctor;
mod import;
mod known_browser;
mod program;
mod refused_forms;
mod scene;
mod server_functions;
mod site;
mod statements;
