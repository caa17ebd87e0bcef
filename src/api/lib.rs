//! The REST API: users, teams and API keys for programs that are written for Stack Auth.
//!
//! A handler in [`v1`] declares in its signature who may call it ([`extract`]) and what the request
//! contains ([`request`]), calls one method of the domain and returns its result. The layer
//! [`envelope`] around all routes converts errors of the domain with [`error_table`].

mod authenticate;
mod body;
pub mod client_address;
mod cors;
mod documented;
mod envelope;
mod error;
mod error_table;
mod extract;
mod field;
mod input;
mod javascript;
mod long_list;
mod openapi;
mod received;
mod request;
mod request_id;
mod response;
mod router;
mod state;
mod subject;
mod v1;
mod values;

pub use body::{BodyError, read_body};
pub use error::{Code, MAX_BODY};
pub use request_id::RequestId;
pub use router::{PREFIXES, document, router};
pub use state::ApiState;
