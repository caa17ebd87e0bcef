//! What `cargo leptos` compiles for browsers: the islands and `hydrate` of `latchkey`, whose exports are kept.

#[cfg(target_family = "wasm")]
pub use latchkey::hydrate;
