//! What pages are made of. All of it is rendered on the server and ships no code.

mod create_form;
mod field;
mod frame;
mod icon;
mod inventory;
mod key_list;
mod key_owner;
mod key_row;
mod key_section;
mod key_switches;
mod secret_panel;
mod when;

pub use create_form::{CreateForm, CreateFormState};
pub use field::{FormProblem, TextField};
pub use frame::{Door, Frame, Place};
pub use icon::Icon;
pub use inventory::Inventory;
pub use key_section::{KeySection, KeySectionState, Whose};
pub use key_switches::KeySwitches;
pub use secret_panel::SecretPanel;
pub use when::When;
