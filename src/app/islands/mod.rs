//! All that browsers get as WebAssembly.
//!
//! The server renders every page whole. An island adds behaviour to its children, which are the
//! server's markup: so no text, no language and no parser for properties is in the bundle. Its state
//! is in signals that end with it. What an island shares with those inside it is a context; on the
//! server, which may render the children first, each has one of its own. What happened is said in the words of the server's answer.

mod account;
mod copy;
mod create_key;
mod dialog;
mod field;
mod form;
mod key_list;
mod key_list_memory;
mod key_search;
mod page;
mod project;
mod region;
mod rename_key;
mod revoke_key;
mod secret;
mod security;
mod team;

pub use account::{RenameUserForm, SignInForm, SignOutForm, SignUpForm};
pub use copy::{CopyButton, CopyField, DownloadButton};
pub use create_key::{CreateKey, CreateKeyForm};
pub use dialog::{AskFirst, CloseDialog, DialogStatus, OpenDialog};
pub use field::{CustomDate, Field, FormProblem, SubmitButton};
pub use key_list::{KeyListProblem, KeyListSection, VIEW_ADDRESS};
pub use key_search::PASTED_KEY;
pub use page::{LOCKED, Messages, Page, Phrase};
pub use project::{KeyLimitForm, KeySwitchForm, switch_off_dialog};
pub use region::Region;
pub use rename_key::RenameKey;
pub use revoke_key::{RevokeAnyKey, RevokeKey};
pub use secret::{DoneButton, SaveFirst, SavedBox, SecretField};
pub use security::ChangePasswordForm;
pub use team::{CreateTeamForm, RenameTeamForm};
