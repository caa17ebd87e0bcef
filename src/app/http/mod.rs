//! The HTTP server. No client can keep others from being answered: each phase of a connection has a
//! deadline, an address has a limited number of connections, and when there are too many in all, the
//! idlest one is closed.

mod accept;
mod address;
mod body;
mod connection;
mod connections;
pub mod descriptors;
mod exchange;
pub mod host;
mod limits;
mod socket;
mod vitals;

pub use accept::serve;
pub use limits::{Deadlines, Limits};
