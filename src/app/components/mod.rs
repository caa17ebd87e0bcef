//! The components of pages. They are rendered only on the server; islands add behaviour in the
//! browser.

mod auth_layout;
mod button;
mod create_dialog;
mod create_form;
mod field;
mod frame;
mod icon;
mod inventory;
mod key_limit;
mod key_list;
mod key_list_state;
mod key_owner;
mod key_row;
mod key_section;
mod key_sort;
mod key_switches;
mod locked;
mod post_form;
mod project_name;
mod request_id_note;
mod secret_panel;
mod when;

pub use auth_layout::AuthLayout;
pub use button::{CopyControl, Submit};
pub use create_form::{CREATE_FORM, CreateForm, CreateFormState};
pub use field::{FormError, TextField};
pub use frame::{Frame, Place};
pub use icon::Icon;
pub use inventory::Inventory;
pub use key_limit::{KeyLimitNote, KeyLimitReached};
pub use key_list_state::{KeyListOwner, KeyListState};
pub use key_section::KeySection;
pub use key_switches::KeySwitches;
pub use locked::{Locked, LockedNote, ReadOnly};
pub use post_form::{PostForm, ViewerDigest};
pub use project_name::ProjectName;
pub use request_id_note::RequestIdNote;
pub use secret_panel::SecretPanel;
pub use when::When;
