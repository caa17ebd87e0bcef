//! The pages of Latchkey, and the program that serves them.
//!
//! Every page is complete without script: plain HTML, links, and forms that post. [`islands`] make
//! the same pages live; they, `browser` and [`server_fns`] are compiled to WebAssembly.
//! Everything else is compiled only for the server, with the feature `ssr`.

#![recursion_limit = "256"]

mod browser;
pub mod islands;
pub mod server_fns;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(all(feature = "ssr", debug_assertions))]
mod content_type;
#[cfg(feature = "ssr")]
pub mod csrf_guard;
#[cfg(feature = "ssr")]
pub mod device_cookie;
#[cfg(feature = "ssr")]
mod env_file;
#[cfg(feature = "ssr")]
mod form_return;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
mod host;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod key_in_address;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod origin;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod paths;
#[cfg(feature = "ssr")]
mod request_log;
#[cfg(feature = "ssr")]
pub mod respond;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod session_cookie;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod telemetry;
#[cfg(feature = "ssr")]
pub mod text;
#[cfg(feature = "ssr")]
pub mod time_zone;
#[cfg(feature = "ssr")]
pub mod viewer_guard;
#[cfg(all(feature = "ssr", debug_assertions))]
mod watch;
#[cfg(all(feature = "ssr", not(debug_assertions)))]
#[path = "no_watch.rs"]
mod watch;

/// The entry point of the bundle: hydrates the islands of the page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
