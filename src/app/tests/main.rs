//! The site as a whole, without a network: requests in, answers out, a real Postgres behind.

mod addresses;
mod api_beside_pages;
mod backup;
mod command_line;
mod credential_pairs;
mod database_faults;
mod doctor;
mod import;
mod known_browser;
mod locked_pages;
mod old_tabs;
mod own_address;
mod program;
mod refused_forms;
mod restore;
mod scene;
mod server_functions;
mod site;
mod statements;
