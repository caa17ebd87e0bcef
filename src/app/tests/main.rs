//! The site as a whole, without a network: requests in, answers out, a real Postgres behind.

mod addresses;
mod api_beside_pages;
mod attacked_program;
mod backup;
mod busy_people;
mod command_line;
mod credential_pairs;
mod database_faults;
mod doctor;
mod http2;
mod import;
mod known_browser;
mod locked_pages;
mod many_clients;
mod old_tabs;
mod own_address;
mod program;
mod received_bodies;
mod refused_forms;
mod restore;
mod scene;
mod server_functions;
mod site;
mod slow_clients;
mod statements;
mod wire;
