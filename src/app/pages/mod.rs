//! One handler for each page: it asks the domain and shows the answer. Who may see a page stands in
//! the handler's signature: a [`Visit`] is somebody signed in.

pub mod api_keys;
pub mod api_reference;
mod at_team;
pub mod create_key;
pub mod door;
mod problem;
pub mod profile;
pub mod project;
pub mod settings;
pub mod team;
mod visit;

pub use at_team::AtTeam;
pub use problem::{PageError, not_found, problem_page};
pub use visit::Visit;
