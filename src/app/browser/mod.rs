//! What only a browser can do. On the server it does nothing.

#[cfg(feature = "hydrate")]
mod clipboard;
#[cfg(feature = "hydrate")]
pub mod create_key;
#[cfg(feature = "hydrate")]
mod dom;
#[cfg(feature = "hydrate")]
mod fetch;
#[cfg(feature = "hydrate")]
mod forms;
#[cfg(feature = "hydrate")]
mod list;
#[cfg(feature = "hydrate")]
pub mod live;
#[cfg(feature = "hydrate")]
mod region;
#[cfg(feature = "hydrate")]
mod rename;

#[cfg(not(feature = "hydrate"))]
mod inert;
#[cfg(not(feature = "hydrate"))]
pub use inert::{create_key, live};
