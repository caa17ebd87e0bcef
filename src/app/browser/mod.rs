//! What islands ask of the browser, as functions without state.

pub mod clipboard;
pub mod dom;
pub mod fetch;
pub mod hydrate;
