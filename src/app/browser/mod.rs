//! Stateless functions around the browser's APIs, for the islands.

pub mod clipboard;
pub mod digest;
pub mod dom;
pub mod fetch;
pub mod hydrate;
pub mod time_zone;
