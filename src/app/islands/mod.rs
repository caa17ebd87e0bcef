//! All that is shipped as WebAssembly.
//!
//! The server renders every page whole; an island adds behaviour to what is already there. It
//! takes no props, because props are written into the page and bring a parser for them along:
//! what an island needs to know stands in the markup, as `data-` attributes and text.

mod create_key;
mod live;

pub use create_key::{CreateKey, CreateKeyProps};
pub use live::Live;
